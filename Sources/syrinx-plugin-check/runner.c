/* SPDX-License-Identifier: Apache-2.0 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema.h"

/* A plugin that hangs does so in many checks: after the second, the others get less time. */
enum { SHORT_MS = 6000, HANGS = 2, JOBS = 16 };

typedef struct {
    const ck_check *check;
    int mode, provider; /* -1 = the module's */
    run_result result;
    bool done, unusable;
} unit;

typedef struct {
    pid_t pid;
    int fd, output;
    int64_t started, deadline;
    unit *unit;
    char reply[sizeof(run_result)];
    size_t have;
    char *crumb;
} child;

/* -------------------------------------------------------------------------------------------------- in the child -- */

static void limit(int resource, rlim_t value) {
    struct rlimit l = {value, value};
    setrlimit(resource, &l);
}

static void settle_in(int output) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("SWIFT_BACKTRACE", "enable=no", 1);
    limit(RLIMIT_CORE, 0);
#ifndef __SANITIZE_ADDRESS__
    limit(RLIMIT_AS, (rlim_t)6 << 30);
#endif
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, 0);
    dup2(output, 1);
    dup2(output, 2);
}

static json *parse(const char *text, const char *fallback) {
    const char *source = text ? text : fallback;
    return json_parse(source, strlen(source), NULL);
}

static uint64_t mix(uint64_t seed, const char *text) {
    for (uint64_t h = seed ^ 14695981039346656037u;; h = (h ^ (unsigned char)*text++) * 1099511628211u)
        if (!*text) return h;
}

/* The first format that the plugin lists, 16 kHz when it is among its rates. */
static syx_format choose_format(const ck *c) {
    syx_format f = {SYX_FMT_S16, 16000, 1, 0};
    const json *formats = json_get(c->caps, "formats");
    const json *first = json_is(formats, JSON_ARRAY) ? formats->first : NULL;
    for (const json *x = first; x; x = x->next)
        if (strcmp(json_text(x, "format", ""), "s16") == 0) first = x;
    if (strcmp(json_text(first, "format", "s16"), "f32") == 0) f.format = SYX_FMT_F32;
    const json *rates = json_get(first, "rates");
    if (!json_is(rates, JSON_ARRAY) || !rates->first) return f;
    bool listed = false;
    for (const json *r = rates->first; r; r = r->next) listed = listed || r->number == 16000;
    if (!listed) f.rate = (uint32_t)rates->first->number;
    return f;
}

static void prepare_provider(ck *c, int index) {
    c->d = c->module->plugins[index];
    c->random = mix(c->random, c->d->id);
    c->config_schema = parse(c->d->config_schema, "{\"type\":\"object\",\"additionalProperties\":false}");
    c->session_schema = c->d->session_schema ? parse(c->d->session_schema, "{}") : NULL;
    c->caps = parse(c->d->caps_json, "{}");
    c->config = c->o->config ? strdup(c->o->config) : c->config_schema ? schema_defaults(c, c->config_schema) : strdup("{}");
    c->options = c->o->options_json ? strdup(c->o->options_json) : c->session_schema ? schema_defaults(c, c->session_schema) : strdup("");
    c->format = choose_format(c);
}

static void run_unit(ck *c, const unit *u) {
    c->check = u->check;
    c->mode = u->mode;
    c->random = mix(c->o->seed, u->check->id);
    fake_set.virtual_clock = true;
    fake_set.clock_ns = 1000000000;
    if (u->check->scope != CK_FILE) {
        if (!ck_load(c)) return;
        if (c->module->init && u->check->scope == CK_PROVIDER) {
            syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
            syx_status status = c->module->init(fake_core(), &err);
            if (status < 0) return ck_fail(c, "init() failed: %d, %.200s", status, err.msg);
        }
        if (u->provider >= 0) prepare_provider(c, u->provider);
        if (u->check->scope == CK_PROVIDER) fake_start(2);
    }
    u->check->run(c);
}

static void child_main(const ck *base, const unit *u, int fd, int output) {
    settle_in(output);
    ck *c = malloc(sizeof *c);
    *c = *base;
    c->verdict = CK_PASS;
    c->message[0] = 0;
    run_unit(c, u);
    run_result r = {.verdict = c->verdict, .leaves_by_exit = c->leaves_by_exit};
    snprintf(r.message, sizeof r.message, "%s", c->message);
    ssize_t n = write(fd, &r, sizeof r);
    if (r.leaves_by_exit) exit(n == (ssize_t)sizeof r ? 0 : 1);
    _exit(n == (ssize_t)sizeof r ? 0 : 1);
}

/* ----------------------------------------------------------------------------------------------- in the parent -- */

static bool spawn(const ck *base, child *k, unit *u, int64_t limit_ms) {
    int fds[2];
    k->output = memfd_create("output", MFD_CLOEXEC);
    if (k->output < 0 || pipe2(fds, O_CLOEXEC) != 0) return false;
    k->started = fake_real();
    k->deadline = k->started + limit_ms * 1000000;
    k->unit = u;
    k->have = 0;
    memset(k->crumb, 0, 64);
    fflush(NULL);
    fake_set.crumb = k->crumb;
    k->pid = fork();
    if (k->pid == 0) {
        close(fds[0]);
        child_main(base, u, fds[1], k->output);
    }
    close(fds[1]);
    k->fd = fds[0];
    if (k->pid > 0) setpgid(k->pid, k->pid);
    return k->pid > 0;
}

/* The last line that the child wrote: what a runtime says when it gives up. */
static void last_words(const child *k, char *out, size_t size) {
    char text[1024];
    off_t length = lseek(k->output, 0, SEEK_END);
    ssize_t n = pread(k->output, text, sizeof text - 1, length > 1000 ? length - 1000 : 0);
    out[0] = 0;
    if (n <= 0) return;
    while (n > 0 && (unsigned char)text[n - 1] <= ' ') n--;
    text[n] = 0;
    const char *line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    snprintf(out, size, "; it said: %.160s", line);
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < ' ') *p = ' ';
    if (!fake_is_utf8(out, strlen(out))) out[0] = 0;
}

/* Its check is over, and what runs at exit has begun. */
static bool is_leaving(const child *k) {
    run_result r;
    memcpy(&r, k->reply, sizeof r);
    return k->have == sizeof r && r.leaves_by_exit;
}

/* What is wrong with how a process ended whose check was over, and that left by exit(0). */
static void judge_exit(run_result *r, int status, const char *words) {
    if (status == 0) return;
    r->verdict = CK_FAIL;
    if (WIFSIGNALED(status))
        snprintf(r->message, sizeof r->message, "the process died of %s (signal %d) while it exited%s", strsignal(WTERMSIG(status)), WTERMSIG(status), words);
    else
        snprintf(r->message, sizeof r->message, "exit(0) ended with status %d%s", WEXITSTATUS(status), words);
}

static void conclude(child *k, int status, bool timed_out) {
    run_result *r = &k->unit->result;
    char words[200], where[100] = "";
    last_words(k, words, sizeof words);
    if (k->crumb[0]) snprintf(where, sizeof where, " in %.63s", k->crumb);
    if (k->have == sizeof *r && !timed_out) {
        memcpy(r, k->reply, sizeof *r);
        if (r->leaves_by_exit) judge_exit(r, status, words);
    } else {
        r->verdict = CK_FAIL;
        r->timed_out = timed_out;
        if (timed_out && is_leaving(k))
            snprintf(r->message, sizeof r->message, "the process did not end: exit() hung%s", words);
        else if (timed_out)
            snprintf(r->message, sizeof r->message, "no result after %lld s%s: killed", (long long)((k->deadline - k->started) / 1000000000), where);
        else if (WIFSIGNALED(status))
            snprintf(r->message, sizeof r->message, "killed by %s (signal %d)%s%s", strsignal(WTERMSIG(status)), WTERMSIG(status), where, words);
        else
            snprintf(r->message, sizeof r->message, "the plugin ended the process with exit(%d)%s%s", WEXITSTATUS(status), where, words);
    }
    r->ms = (fake_real() - k->started) / 1000000;
    k->unit->done = true;
}

static void reap(child *k, bool timed_out) {
    int status = 0;
    if (timed_out) kill(-k->pid, SIGKILL);
    while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR) continue;
    /* What the plugin may have started in its group goes, too. */
    kill(-k->pid, SIGKILL);
    conclude(k, status, timed_out);
    close(k->fd);
    close(k->output);
    k->pid = 0;
}

/* Reads what has come; true when the child is finished, which only the end of its pipe tells of one that leaves by exit. */
static bool listen_to(child *k) {
    char ignored[16];
    bool all = k->have == sizeof k->reply;
    ssize_t n = all ? read(k->fd, ignored, sizeof ignored) : read(k->fd, k->reply + k->have, sizeof k->reply - k->have);
    if (n <= 0) return true;
    if (!all) k->have += (size_t)n;
    return k->have == sizeof k->reply && !is_leaving(k);
}

static int run_children(child *children, int jobs) {
    struct pollfd fds[JOBS];
    int64_t now = fake_real(), wait = 1000;
    int hangs = 0;
    for (int i = 0; i < jobs; i++) {
        fds[i] = (struct pollfd){.fd = children[i].pid ? children[i].fd : -1, .events = POLLIN};
        if (children[i].pid && children[i].deadline - now < wait * 1000000) wait = (children[i].deadline - now) / 1000000 + 1;
    }
    poll(fds, (nfds_t)jobs, wait < 0 ? 0 : (int)wait);
    for (int i = 0; i < jobs; i++) {
        child *k = &children[i];
        if (!k->pid) continue;
        if (fds[i].revents && listen_to(k)) {
            reap(k, false);
        } else if (fake_real() > k->deadline) {
            reap(k, true);
            hangs++;
        }
    }
    return hangs;
}

static void work_off(const ck *base, unit *units, size_t count, int jobs, void (*finished)(void *), void *context) {
    child children[JOBS] = {0};
    size_t next = 0;
    int running = 0, hangs = 0;
    if (jobs > JOBS) jobs = JOBS;
    for (int i = 0; i < jobs; i++)
        children[i].crumb = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    do {
        for (int i = 0; i < jobs && next < count; i++) {
            if (children[i].pid) continue;
            while (next < count && units[next].done) next++;
            if (next < count && !spawn(base, &children[i], &units[next++], hangs < HANGS || base->o->limit_ms < SHORT_MS ? base->o->limit_ms : SHORT_MS)) abort();
        }
        hangs += run_children(children, jobs);
        if (finished) finished(context);
        running = 0;
        for (int i = 0; i < jobs; i++) running += children[i].pid != 0;
    } while (running > 0 || next < count);
    for (int i = 0; i < jobs; i++) munmap(children[i].crumb, 4096);
}

/* ------------------------------------------------------------------------------------------------------- probing -- */

static run_module *probed;

static void probe(ck *c) {
    if (!ck_load(c)) return;
    const syx_module *m = c->module;
    CK_NEED(c, m->magic == SYX_MAGIC && SYX_HAS(m, syx_module, plugins) && m->plugins, "its table is not one of this ABI");
    CK_NEED(c, m->n_plugins >= 1 && m->n_plugins <= RUNNER_PROVIDERS, "it offers %u providers; 1 to 64 are possible", m->n_plugins);
    for (uint32_t i = 0; i < m->n_plugins; i++) {
        const syx_plugin_desc *d = m->plugins[i];
        CK_NEED(c, d && SYX_HAS(d, syx_plugin_desc, vt) && d->vt && d->id, "descriptor %u is cut short", i);
        CK_NEED(c, SYX_HAS(d->vt, syx_plugin_vt, handle) && d->vt->open && d->vt->close && d->vt->session_open && d->vt->session_close,
                "`%.64s` lacks open, close, session_open or session_close", d->id);
        CK_NEED(c, d->kind != SYX_VAD && d->kind != SYX_FILTER ? d->vt->handle != NULL : SYX_HAS(d->vt, syx_plugin_vt, process) && d->vt->process,
                "`%.64s` lacks handle or process", d->id);
        probed->providers[i].kind = d->kind;
        probed->providers[i].flags = d->flags;
        snprintf(probed->providers[i].id, sizeof probed->providers[i].id, "%.64s", d->id);
    }
    probed->count = m->n_plugins;
}

void runner_probe(const ck *base, int mode, run_module *out) {
    static const ck_check prober = {"probe", "", CK_FILE, CK_BOTH, CK_ANY, probe, "", "", ""};
    probed = mmap(NULL, sizeof *probed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(probed, 0, sizeof *probed);
    unit u = {.check = &prober, .mode = mode, .provider = -1};
    work_off(base, &u, 1, 1, NULL, NULL);
    *out = *probed;
    munmap(probed, sizeof *probed);
    out->loaded = out->count > 0 && u.result.verdict == CK_PASS;
    if (!out->loaded) snprintf(out->why_not, sizeof out->why_not, "%.390s", u.result.message);
}

/* ----------------------------------------------------------------------------------------------------------- all -- */

typedef struct {
    const ck *base;
    unit *units;
    size_t count, told;
    run_module modules[3]; /* by mode */
    run_report report;
    void *context;
} batch;

bool runner_selected(const ck_options *o, const ck_check *check) {
    if (!o->only) return true;
    size_t n = strlen(check->id);
    for (const char *p = o->only; (p = strcasestr(p, check->id)) != NULL; p += n)
        if ((p == o->only || p[-1] == ',') && (p[n] == 0 || p[n] == ',')) return true;
    return false;
}

static void add(batch *b, const ck_check *check, int mode, int provider, const char *skip) {
    b->units = realloc(b->units, (b->count + 1) * sizeof *b->units);
    if (!b->units) abort();
    unit *u = &b->units[b->count++];
    *u = (unit){.check = check, .mode = mode, .provider = provider};
    if (!skip) return;
    u->done = true;
    u->result.verdict = CK_SKIP;
    snprintf(u->result.message, sizeof u->result.message, "%s", skip);
}

/* A module that is not usable fails once, in the first check that would need it, and the others are skipped. */
static void add_unusable(batch *b, const ck_check *check, int mode, const char *why) {
    char text[440];
    bool first = true;
    for (size_t i = 0; i < b->count; i++) first = first && !(b->units[i].mode == mode && b->units[i].unusable);
    snprintf(text, sizeof text, "the module is not usable: %s", why);
    add(b, check, mode, -1, text);
    b->units[b->count - 1].unusable = true;
    if (first) b->units[b->count - 1].result.verdict = CK_FAIL;
}

static void plan(batch *b, const ck_check *check, int mode) {
    const run_module *m = &b->modules[mode];
    if (!(check->modes & mode)) return;
    bool about_code = strcmp(check->group, "static") == 0 && strcmp(check->id, "S16") != 0 && strcmp(check->id, "S17") != 0;
    if (b->base->o->bound && about_code)
        return add(b, check, mode, -1, "a bound package has no shared object of its own");
    if (check->scope == CK_FILE || (check->scope == CK_MODULE && m->loaded)) return add(b, check, mode, -1, NULL);
    if (!m->loaded) return add_unusable(b, check, mode, m->why_not);
    size_t before = b->count;
    for (uint32_t i = 0; i < m->count; i++)
        if (check->kinds & (1 << m->providers[i].kind)) add(b, check, mode, (int)i, NULL);
    if (b->count == before) add(b, check, mode, -1, "it has no provider of a kind that this is about");
}

static const char *const kinds[10] = {"", "backend", "transport", "stt", "tts", "s2s", "agent", "vad", "turn", "filter"};

/* Units of one check stand together: their worst result is the check's. */
static void tell(void *context) {
    batch *b = context;
    while (b->told < b->count) {
        size_t end = b->told;
        const unit *first = &b->units[b->told];
        while (end < b->count && b->units[end].check == first->check && b->units[end].mode == first->mode)
            if (!b->units[end++].done) return;
        run_result whole = {.verdict = CK_PASS};
        bool any_pass = false;
        for (size_t i = b->told; i < end; i++) any_pass = any_pass || b->units[i].result.verdict == CK_PASS;
        for (size_t i = b->told; i < end; i++) {
            const unit *u = &b->units[i];
            whole.ms += u->result.ms;
            whole.timed_out = whole.timed_out || u->result.timed_out;
            bool worse = u->result.verdict > whole.verdict && !(u->result.verdict == CK_SKIP && any_pass);
            if (!worse && !(whole.verdict == CK_PASS && u->result.verdict == CK_PASS && u->result.message[0] && !whole.message[0])) continue;
            whole.verdict = u->result.verdict;
            const run_module *m = &b->modules[u->mode];
            bool several = u->provider >= 0 && m->count > 1;
            snprintf(whole.message, sizeof whole.message, "%s%s%s%s%.500s", several ? kinds[m->providers[u->provider].kind % 10] : "", several ? " " : "",
                     several ? m->providers[u->provider].id : "", several ? ": " : "", u->result.message);
        }
        b->report(b->context, first->check, first->mode, &whole);
        b->told = end;
    }
}

void runner_all(const ck *base, run_report report, void *context) {
    batch b = {.base = base, .report = report, .context = context};
    for (int mode = CK_INPROC; mode <= CK_ISOLATED; mode++) {
        if (!(base->o->modes & mode)) continue;
        runner_probe(base, mode, &b.modules[mode]);
        for (size_t i = 0; i < ck_check_count; i++)
            if (runner_selected(base->o, &ck_checks[i])) plan(&b, &ck_checks[i], mode);
    }
    if (base->o->in_process && b.count == 1 && !b.units[0].done) {
        ck c = *base; /* for a debugger: no child, no limit */
        run_unit(&c, &b.units[0]);
        b.units[0].result.verdict = c.verdict;
        memcpy(b.units[0].result.message, c.message, sizeof c.message);
        b.units[0].done = true;
    }
    tell(&b);
    work_off(base, b.units, b.count, base->o->jobs, tell, &b);
    tell(&b);
}
