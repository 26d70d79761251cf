/* SPDX-License-Identifier: Apache-2.0
 *
 * E: loading, the module's table, and what hosts of other sizes see. */
#include <dlfcn.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checks.h"
#include "scenario.h"
#include "schema.h"

static bool own_object(ck *c) {
    if (c->o->bound) ck_skip(c, "a bound package has no shared object of its own");
    return !c->o->bound;
}

void check_entry_loads(ck *c) {
    if (!own_object(c)) return;
    const char *error = NULL;
    int64_t start = fake_real();
    void *image = ck_dlopen(c->o->module, &error);
    int64_t ms = ck_ms(fake_real() - start);
    CK_NEED(c, image, "it does not load: %s", error);
    CK_NEED(c, dlsym(image, "syrinx_plugin_entry_1"), "syrinx_plugin_entry_1 is missing");
    if (ms > 100) ck_warn(c, "loading took %lld ms; 100 ms are wanted", (long long)ms);
}

static void *call_entry(void *image) { return (void *)(uintptr_t)ck_entry(image); }

static uint64_t digest(const void *bytes, size_t n, uint64_t h) {
    for (size_t i = 0; i < n; i++) h = (h ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
    return h;
}

static uint64_t table_digest(const syx_module *m) {
    uint64_t h = digest(m, m->struct_size < sizeof *m ? m->struct_size : sizeof *m, 1);
    for (uint32_t i = 0; i < m->n_plugins && i < 64; i++) {
        const syx_plugin_desc *d = m->plugins[i];
        h = digest(d, SYX_SIZEOF(syx_plugin_desc, vt), h);
        h = digest(d->id, strlen(d->id), h);
        h = digest(d->vt, SYX_SIZEOF(syx_plugin_vt, handle), h);
    }
    return h;
}

void check_entry_pure(ck *c) {
    const char *error = NULL;
    if (!own_object(c)) return;
    void *image = ck_dlopen(c->o->module, &error), *other = NULL;
    CK_NEED(c, image, "it does not load: %s", error);
    const syx_module *first = ck_entry(image);
    CK_NEED(c, first && first->plugins && first->n_plugins >= 1 && first->n_plugins <= 64, "the entry answers no usable table");
    uint64_t before = table_digest(first);
    pthread_t t;
    pthread_create(&t, NULL, call_entry, image);
    pthread_join(t, &other);
    CK_NEED(c, ck_entry(image) == first && other == first, "the entry answers another pointer the next time");
    CK_NEED(c, table_digest(first) == before, "the module's table changes from call to call");
}

void check_entry_head(ck *c) {
    const syx_module *m = c->module;
    CK_NEED(c, m->magic == SYX_MAGIC, "its magic is 0x%x, not 0x%x", m->magic, SYX_MAGIC);
    CK_NEED(c, m->struct_size >= SYX_SIZEOF(syx_module, plugins), "its table is %u bytes, at least %u are needed", m->struct_size, SYX_SIZEOF(syx_module, plugins));
    CK_NEED(c, m->struct_size <= 4096, "its table says %u bytes: not a size", m->struct_size);
    CK_NEED(c, m->abi_major == SYX_ABI_MAJOR, "it is built for major %u of the ABI, this is %u", m->abi_major, SYX_ABI_MAJOR);
    if (!m->build_info || !*m->build_info) ck_warn(c, "build_info is empty");
}

void check_entry_table(ck *c) {
    const syx_module *m = c->module;
    CK_NEED(c, m->n_plugins >= 1 && m->n_plugins <= 64 && m->plugins, "it offers %u providers; 1 to 64 are possible", m->n_plugins);
    for (uint32_t i = 0; i < m->n_plugins; i++) {
        const syx_plugin_desc *d = m->plugins[i];
        CK_NEED(c, d, "provider %u is NULL", i);
        CK_NEED(c, SYX_HAS(d, syx_plugin_desc, vt) && d->struct_size <= 4096, "descriptor %u says %u bytes", i, d->struct_size);
        CK_NEED(c, d->kind >= SYX_BACKEND && d->kind <= SYX_FILTER, "provider %u has the unknown kind %u", i, d->kind);
        CK_NEED(c, d->vt && SYX_HAS(d->vt, syx_plugin_vt, handle) && d->vt->struct_size <= 4096, "provider %u has no function table, or a short one", i);
    }
}

static bool is_id(const char *s) {
    size_t n = s ? strnlen(s, 65) : 0;
    return n >= 1 && n <= 64 && s[0] >= 'a' && s[0] <= 'z' && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

void check_entry_names(ck *c) {
    int a, b, n;
    const syx_plugin_desc *d = c->d;
    CK_NEED(c, is_id(d->id), "its id is malformed");
    CK_NEED(c, d->version && sscanf(d->version, "%d.%d.%d", &a, &b, &n) == 3, "its version is not a semantic version");
    const char *const texts[] = {d->name, d->vendor, d->license, d->version};
    for (size_t i = 0; i < 4; i++)
        if (texts[i]) CK_NEED(c, strlen(texts[i]) <= 256 && fake_is_utf8(texts[i], strlen(texts[i])), "a name is not UTF-8, or longer than 256 bytes");
    if (!d->name || !*d->name || !d->license || !*d->license) ck_warn(c, "name or license is empty");
}

void check_entry_functions(ck *c) {
    const syx_plugin_vt *v = c->d->vt;
    bool media = c->d->kind == SYX_VAD || c->d->kind == SYX_FILTER;
    CK_NEED(c, v->open && v->close && v->session_open && v->session_close, "open, close, session_open or session_close is missing");
    CK_NEED(c, media || v->handle, "handle is missing");
    CK_NEED(c, !media || (SYX_HAS(v, syx_plugin_vt, process) && v->process), "process is missing");
    if (((1 << c->d->kind) & CK_REQUESTS) && (!SYX_HAS(v, syx_plugin_vt, cancel) || !v->cancel))
        ck_warn(c, "it has no cancel: an interrupted answer is worked on to its end");
    if (media && !(c->d->flags & SYX_PF_RT_PROCESS)) ck_warn(c, "SYX_PF_RT_PROCESS is not set, though it works on the media path");
}

void check_entry_duplicates(ck *c) {
    for (uint32_t i = 0; i < c->module->n_plugins; i++)
        for (uint32_t k = 0; k < i; k++) {
            const syx_plugin_desc *a = c->module->plugins[i], *b = c->module->plugins[k];
            CK_NEED(c, a->kind != b->kind || strcmp(a->id, b->id) != 0, "two providers of one kind are called `%.64s`", a->id);
            CK_NEED(c, strcmp(a->version, b->version) == 0, "its providers have different versions");
        }
}

void check_entry_schemas(ck *c) {
    const char *const names[] = {"config_schema", "session_schema"}, *const texts[] = {c->d->config_schema, c->d->session_schema};
    for (int i = 0; i < 2; i++) {
        const char *error = NULL;
        if (!texts[i]) continue;
        CK_NEED(c, fake_is_utf8(texts[i], strlen(texts[i])), "%s is not UTF-8", names[i]);
        json *s = json_parse(texts[i], strlen(texts[i]), &error);
        CK_NEED(c, s, "%s is not JSON: %s", names[i], error);
        CK_NEED(c, !schema_fault(s), "%s is no schema: %s", names[i], schema_fault(s));
        if (!json_is(json_get(s, "additionalProperties"), JSON_FALSE)) ck_warn(c, "%s lets misspelt keys pass: additionalProperties is not false", names[i]);
    }
}

void check_entry_caps(ck *c) {
    static const char *const known[] = {"s16", "f32", "pcmu", "pcma", "opus", "g722", NULL};
    const char *text = c->d->caps_json, *error = NULL;
    if (!text) return ck_pass(c, "it has no caps_json");
    json *caps = json_parse(text, strlen(text), &error);
    CK_NEED(c, json_is(caps, JSON_OBJECT), "caps_json is not a JSON object: %s", error ? error : "another type");
    const json *formats = json_get(caps, "formats");
    CK_NEED(c, !formats || json_is(formats, JSON_ARRAY), "caps_json.formats is no list");
    for (const json *f = formats ? formats->first : NULL; f; f = f->next) {
        const char *format = json_text(f, "format", "");
        bool found = false;
        for (size_t i = 0; known[i]; i++) found = found || strcmp(known[i], format) == 0;
        CK_NEED(c, found, "caps_json lists the unknown format `%.40s`", format);
        const json *rates = json_get(f, "rates");
        CK_NEED(c, !rates || json_is(rates, JSON_ARRAY), "caps_json: rates is no list");
        for (const json *r = rates ? rates->first : NULL; r; r = r->next)
            CK_NEED(c, r->type == JSON_NUMBER && r->number >= 8000 && r->number <= 192000, "caps_json lists a rate that is no rate");
    }
}

void check_entry_metrics(ck *c) {
    const char *text = c->d->metrics_json, *error = NULL;
    if (!text) return ck_skip(c, "it declares no metrics");
    json *list = json_parse(text, strlen(text), &error);
    CK_NEED(c, json_is(list, JSON_ARRAY), "metrics_json is no JSON list");
    for (const json *m = list->first; m; m = m->next) {
        const char *type = json_text(m, "type", "");
        CK_NEED(c, *json_text(m, "name", ""), "a metric has no name");
        CK_NEED(c, strcmp(type, "counter") == 0 || strcmp(type, "histogram") == 0, "a metric is neither counter nor histogram");
    }
}

static const char *const kind_names[] = {"", "backend", "transport", "stt", "tts", "s2s", "agent", "vad", "turn", "filter"};

void check_entry_manifest(ck *c) {
    if (!c->o->has_manifest) return ck_skip(c, "it was given as a shared object, without a plugin.json");
    const json *provides = json_get(c->manifest, "provides");
    const char *version = json_text(c->manifest, "version", "");
    CK_NEED(c, json_size(provides) == c->module->n_plugins, "plugin.json promises %zu providers, the module has %u", json_size(provides), c->module->n_plugins);
    for (uint32_t i = 0; i < c->module->n_plugins; i++) {
        const syx_plugin_desc *d = c->module->plugins[i];
        bool found = false;
        for (const json *p = provides->first; p; p = p->next)
            found = found || (strcmp(json_text(p, "id", ""), d->id) == 0 && strcmp(json_text(p, "kind", ""), kind_names[d->kind]) == 0);
        CK_NEED(c, found, "plugin.json does not name %s `%.64s`", kind_names[d->kind], d->id);
        CK_NEED(c, strcmp(version, d->version) == 0, "plugin.json says version %.40s, the module %.40s", version, d->version);
    }
    /* The manifest says what it needs, the module with what it was built: never less. */
    unsigned major = 0, minor = 0, built = c->module->abi_minor;
    const char *abi = json_text(c->manifest, "abi", "");
    if (sscanf(abi, "%u.%u", &major, &minor) != 2 || major != c->module->abi_major || minor > built)
        ck_fail(c, "plugin.json says abi %.20s, the module %u.%u", abi, c->module->abi_major, built);
}

void check_entry_extension(ck *c) {
    if (!SYX_HAS(c->d->vt, syx_plugin_vt, extension) || !c->d->vt->extension) return ck_skip(c, "it has no extension()");
    static const char *const ids[] = {"", "no.such.extension/1", "syrinx.audio/1\n", "syrinx", "%s%n", "\xff"};
    syx_provider *p = ck_provider(c);
    for (size_t i = 0; p && i < sizeof ids / sizeof *ids; i++)
        if (c->d->vt->extension(p, ids[i])) ck_fail(c, "extension(\"%s\") is not NULL", i == 5 ? "\\xff" : ids[i]);
    ck_close(c, p);
}

void check_entry_init(ck *c) {
    const syx_module *m = c->module;
    if (!SYX_HAS(m, syx_module, deinit) || !m->init || !m->deinit) return ck_skip(c, "it has no init() or no deinit()");
    for (int i = 0; i < 3; i++) {
        syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
        ck_usage base = ck_usage_now();
        syx_status status = m->init(fake_core(), &err);
        CK_NEED(c, status >= 0, "init() number %d failed: %d, %.200s", i + 1, status, err.msg);
        CK_NEED(c, ck_usage_now().threads == base.threads, "init() started a thread");
        m->deinit();
        CK_NEED(c, ck_usage_settled(&base).threads <= base.threads, "a thread is left after deinit()");
    }
}

/* ------------------------------------------------------------------------------------------ hosts of other sizes -- */

/* A struct of exactly this size, with nothing readable behind it. */
static void *at_the_edge(const void *from, size_t size) {
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    /* Sizes are multiples of 4; pointers inside want 8: the struct may end up to 4 bytes before the edge. */
    char *p = pages + 4096 - ((size + 7) & ~(size_t)7);
    memcpy(p, from, size);
    return p;
}

/* A struct of a later minor: larger, the rest full of what an old plugin must not look at. */
static void *with_more(const void *from, size_t size) {
    char *p = malloc(size + 256);
    memcpy(p, from, size);
    memset(p + size, 0xA5, 256);
    uint32_t whole = (uint32_t)size + 256;
    memcpy(p, &whole, sizeof whole);
    return p;
}

static void other_host(ck *c, void *(*make)(const void *, size_t)) {
    syx_core *core = make(fake_core(), SYX_SIZEOF(syx_core, run));
    syx_provider_params pp = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor), .descriptor = c->d};
    pp.config_json = syx_cstr(c->config);
    pp.data_dir = syx_cstr(c->o->folder);
    syx_session_params sp = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms), .in = c->format, .out = c->format};
    sp.options_json = syx_cstr(c->options);
    sp.max_frame_samples = c->format.rate / 1000 * 60;
    sp.credit_ms = 10000;
    syx_err plain = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    syx_err *err = make(&plain, SYX_SIZEOF(syx_err, msg));
    syx_provider *p = NULL;
    syx_status status = c->d->vt->open(core, 0, make(&pp, pp.struct_size), &p, err);
    CK_NEED(c, status >= 0 && p, "open() refused it: %d, %.200s", status, err->msg);
    fake_session *s = ck_session(c, p);
    if (!s) return;
    syx_session *own = NULL;
    status = c->d->vt->session_open(p, s->handle, make(&sp, sp.struct_size), &own, err);
    CK_NEED(c, status >= 0, "session_open() refused it: %d, %.200s", status, err->msg);
    fake_run(s, status == SYX_PENDING ? 50 : 0);
    syx_event plain_event = syx_ev(SYX_EV_DRAIN, 0, 0);
    syx_event *ev = make(&plain_event, plain_event.struct_size);
    if (c->d->vt->handle) status = c->d->vt->handle(own, ev);
    CK_NEED(c, !c->d->vt->handle || status >= 0, "handle() refused an event of that host: %d", status);
    if ((1 << c->d->kind) & CK_MEDIA) {
        int16_t pcm[192 * 60] = {0};
        syx_frame f = sound_frame(c, pcm, sound_frame_samples(c));
        syx_result plain_result = {.struct_size = SYX_SIZEOF(syx_result, pts)};
        syx_frame *out = c->d->kind == SYX_FILTER ? make(&f, f.struct_size) : NULL;
        status = c->d->vt->process(own, make(&f, f.struct_size), out, make(&plain_result, plain_result.struct_size));
        CK_NEED(c, status >= 0, "process() refused a frame of that host: %d", status);
    }
    fake_run(s, 20);
    /* Tasks of `own` may still run: fake_close waits for them. The session whose handle it has was given nothing to do. */
    c->d->vt->session_close(s->session);
    s->session = own;
    fake_close(s);
    c->d->vt->close(p);
}

void check_entry_exact_host(ck *c) { other_host(c, at_the_edge); }
void check_entry_newer_host(ck *c) { other_host(c, with_more); }

/* --------------------------------------------------------------------------------------------------- the process -- */

void check_entry_threads(ck *c) {
    const char *error = NULL;
    if (!own_object(c)) return;
    ck_usage base = ck_usage_now();
    void *image = ck_dlopen(c->o->module, &error);
    CK_NEED(c, image && ck_entry(image), "it does not load");
    int more = ck_usage_now().threads - base.threads;
    CK_NEED(c, more == 0, "loading it started %d threads", more);
    more = ck_usage_now().fds - base.fds;
    if (more > 0) ck_warn(c, "loading it left %d files open", more);
}

/* The runner lets this process end as a host's does, and judges by its status. There is no fork here: a thread of the fake
 * host or of the plugin may hold a lock just then, and a child would wait for it for good. */
void check_entry_exit(ck *c) {
    c->leaves_by_exit = scenario_whole(c);
}

static bool copy_file(const char *from, const char *to) {
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char block[65536];
    size_t n;
    while (in && out && (n = fread(block, 1, sizeof block, in)) > 0) fwrite(block, 1, n, out);
    if (in) fclose(in);
    return out && fclose(out) == 0;
}

void check_entry_twice(ck *c) {
    char folder[] = "/tmp/syrinx-check-XXXXXX", path[64];
    const char *error = NULL;
    if (!own_object(c)) return;
    CK_NEED(c, mkdtemp(folder), "no folder for a copy could be made");
    snprintf(path, sizeof path, "%s/plugin.so", folder);
    bool copied = copy_file(c->o->module, path);
    void *image = copied ? ck_dlopen(path, &error) : NULL;
    const syx_module *other = image ? ck_entry(image) : NULL;
    unlink(path);
    rmdir(folder);
    CK_NEED(c, copied, "it cannot be copied");
    if (!other && elf_dynamic(c->elf, DT_RUNPATH, 0, NULL)) return ck_skip(c, "a copy of it does not load, for its RUNPATH (S8)");
    CK_NEED(c, other, "a copy of it does not load beside it: %s", error ? error : "no table");
    CK_NEED(c, other != c->module, "a copy of it answers the first one's table: their symbols are shared");
    syx_provider *first = ck_provider(c);
    const syx_plugin_desc *own = c->d;
    for (uint32_t i = 0; i < other->n_plugins; i++)
        if (other->plugins[i]->kind == own->kind && strcmp(other->plugins[i]->id, own->id) == 0) c->d = other->plugins[i];
    syx_provider *second = ck_provider(c);
    ck_close(c, second);
    c->d = own;
    ck_close(c, first);
}

void check_entry_process_state(ck *c) {
    struct sigaction before[65], after;
    const char *error = NULL;
    if (!own_object(c)) return;
    sigset_t mask, later;
    char *locale = strdup(setlocale(LC_ALL, NULL));
    int rounding = fegetround();
    for (int i = 1; i < 32; i++) sigaction(i, NULL, &before[i]);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    void *image = ck_dlopen(c->o->module, &error);
    CK_NEED(c, image && ck_entry(image), "it does not load");
    for (int i = 1; i < 32; i++) {
        if (i == SIGKILL || i == SIGSTOP) continue;
        sigaction(i, NULL, &after);
        CK_NEED(c, after.sa_handler == before[i].sa_handler, "loading it changed what happens on signal %d", i);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &later);
    CK_NEED(c, memcmp(&mask, &later, 8) == 0, "loading it changed the signal mask");
    CK_NEED(c, strcmp(locale, setlocale(LC_ALL, NULL)) == 0, "loading it changed the locale");
    CK_NEED(c, fegetround() == rounding, "loading it changed how numbers are rounded");
}
