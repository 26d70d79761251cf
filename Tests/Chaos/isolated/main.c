/* SPDX-License-Identifier: Apache-2.0
 *
 * The same faults in a helper: the process that tells of them is this one, and it goes on.
 *
 *   isolated HELPER PLUGIN.SO      both paths absolute */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "syrinx_c.h"
#include "syrinx_isolation.h"

enum { GENERATION = 7, RATE = 16000, SAMPLES = 320, LIMIT_MS = 20000 };
/* Where a hang is the fault; elsewhere no helper that stood still for a moment is ended. */
enum { HANG_MS = 1000, PATIENT_MS = 10000 };

/* What came from the helper, by its supervisor's thread. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int done, errors, frames;
    bool lost;
    syrinx_death death;
    char log[2048];
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void note(int *count) {
    pthread_mutex_lock(&seen.lock);
    (*count)++;
    pthread_cond_broadcast(&seen.changed);
    pthread_mutex_unlock(&seen.lock);
}

static syx_status emit(syx_hsession session, const syx_event *event) {
    (void)session;
    if (event->type == SYX_EV_DONE && event->generation == GENERATION) note(&seen.done);
    if (event->type == SYX_EV_ERROR) note(&seen.errors);
    return SYX_OK;
}

static void write_log(syx_hprovider provider, syx_hsession session, uint32_t level, syx_str text, syx_str fields) {
    (void)provider, (void)session, (void)level, (void)fields;
    pthread_mutex_lock(&seen.lock);
    size_t used = strlen(seen.log);
    if (used + text.len + 2 < sizeof seen.log) {
        memcpy(seen.log + used, text.ptr, text.len);
        seen.log[used + text.len] = ';';
    }
    pthread_mutex_unlock(&seen.lock);
}

static void lost(void *context, const syrinx_death *death) {
    (void)context;
    pthread_mutex_lock(&seen.lock);
    seen.lost = true;
    seen.death = *death;
    pthread_cond_broadcast(&seen.changed);
    pthread_mutex_unlock(&seen.lock);
}

static void frame(void *context, syx_hsession session, int64_t pts, syx_status status, float probability,
                  const void *samples, uint32_t bytes) {
    (void)context, (void)session, (void)pts, (void)status, (void)probability, (void)samples, (void)bytes;
    note(&seen.frames);
}

static int64_t now(syx_hprovider provider) {
    struct timespec t;
    (void)provider;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static uint64_t timer(syx_hsession s, uint32_t ms, uint64_t cookie) { return (void)s, (void)ms, (void)cookie, 1; }
static void timer_cancel(syx_hsession session, uint64_t id) { (void)session, (void)id; }
static void metric(syx_hprovider p, syx_hsession s, uint32_t i, double v) { (void)p, (void)s, (void)i, (void)v; }
static const void *service(syx_hprovider provider, const char *id) { return (void)provider, (void)id, NULL; }

static const syx_core core = {
    .struct_size = SYX_SIZEOF(syx_core, run),
    .host_name = "isolated",
    .host_version = "1",
    .service = service,
    .emit = emit,
    .emit_provider = emit,
    .now_ns = now,
    .log = write_log,
    .metric = metric,
    .timer = timer,
    .timer_cancel = timer_cancel,
};

/* True when `count` has come to `wanted`, or (count = NULL) the helper is lost. */
static bool wait_for(const int *count, int wanted) {
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += LIMIT_MS / 1000;
    pthread_mutex_lock(&seen.lock);
    int timeout = 0;
    while (!timeout && !seen.lost && !(count && *count >= wanted))
        timeout = pthread_cond_timedwait(&seen.changed, &seen.lock, &end);
    bool came = count ? *count >= wanted : seen.lost;
    pthread_mutex_unlock(&seen.lock);
    return came;
}

/* -------------------------------------------------------------------------------------------------------- a call -- */

typedef struct {
    syrinx_helper *helper;
    const syx_plugin_vt *vt;
    syx_provider *provider;
    syx_session *session;
} call;

static const char *program, *module;
static uint32_t hang_ms = PATIENT_MS;
static char folder[512];

static const syx_plugin_desc *of_kind(const syx_module *table, syx_kind kind) {
    for (uint32_t i = 0; i < table->n_plugins; i++)
        if (table->plugins[i]->kind == kind) return table->plugins[i];
    return NULL;
}

static const char *begin(call *c, syx_kind kind, const char *config) {
    syrinx_helper_options options = {.program = program, .module = module, .data_dir = folder, .name = "chaos"};
    options.sessions = 4;
    options.load_ms = LIMIT_MS;
    options.rt_hang_ms = options.ctl_hang_ms = hang_ms;
    options.confinement.memory_bytes = (uint64_t)512 << 20;
    syrinx_helper_callbacks callbacks = {.frame = frame, .lost = lost};
    const char *code = "";
    static char error[256];
    syrinx_death death;
    seen.done = seen.errors = seen.frames = seen.lost = 0;
    memset(seen.log, 0, sizeof seen.log);
    c->helper = syrinx_helper_start(&options, &callbacks, &core, &death, &code, error, sizeof error);
    if (!c->helper) return error;
    const syx_plugin_desc *desc = of_kind(syrinx_helper_module(c->helper), kind);
    if (!desc) return "the helper's table lacks this kind";
    c->vt = desc->vt;
    syx_provider_params params = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor), .descriptor = desc};
    params.config_json = syx_cstr(config);
    syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    if (c->vt->open(&core, 1, &params, &c->provider, &err) < 0) return "open is refused";
    syx_session_params session = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms), .credit_ms = 10000};
    session.in = session.out = (syx_format){SYX_FMT_S16, RATE, 1, SAMPLES};
    return c->vt->session_open(c->provider, 1, &session, &c->session, &err) < 0 ? "session_open is refused" : NULL;
}

static void end(call *c) {
    if (c->session) c->vt->session_close(c->session);
    if (c->provider) c->vt->close(c->provider);
    if (c->helper) syrinx_helper_free(c->helper);
}

static syx_status request(call *c) {
    syx_event event = syx_ev(SYX_EV_PROMPT, GENERATION, 1);
    event.text = syx_cstr("hello");
    return c->vt->handle(c->session, &event);
}

static void play(call *c) {
    static int16_t pcm[SAMPLES];
    syx_frame in = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = RATE, .channels = 1};
    in.samples = SAMPLES;
    in.bytes = sizeof pcm;
    in.data = pcm;
    syx_result result = {.struct_size = SYX_SIZEOF(syx_result, pts)};
    c->vt->process(c->session, &in, NULL, &result);
}

/* --------------------------------------------------------------------------------------------------------- tests -- */

static const struct {
    const char *fault;
    syrinx_death_cause cause;
    int detail; /* -1: any */
} deaths[] = {
    {"segfault", SYRINX_DEATH_SIGNAL, 11}, {"abort", SYRINX_DEATH_SIGNAL, 6},
    {"trap", SYRINX_DEATH_SIGNAL, 4},      {"stack_overflow", SYRINX_DEATH_SIGNAL, 11},
    {"double_free", SYRINX_DEATH_SIGNAL, 6}, {"exit", SYRINX_DEATH_EXIT, 3},
    {"_exit", SYRINX_DEATH_EXIT, 4},       {"kill_self", SYRINX_DEATH_SIGNAL, 9},
    {"stop_self", SYRINX_DEATH_HANG, -1},  {"hang_spin", SYRINX_DEATH_HANG, -1},
    {"hang_sleep", SYRINX_DEATH_HANG, -1}, {"deadlock", SYRINX_DEATH_HANG, -1},
};

/* What a helper lives through, and then answers the next request. Each is asked for often enough to reach its limit. */
static const char *const survived[] = {
    "{\"fault\":\"none\"}",
    "{\"fault\":\"escape\",\"times\":1}",
    "{\"fault\":\"fork_bomb\",\"times\":1}",
    "{\"fault\":\"leak\",\"bytes\":67108864,\"times\":20}",
    "{\"fault\":\"leak_fds\",\"count\":500,\"times\":1}",
    "{\"fault\":\"leak_threads\",\"count\":500,\"times\":1}",
    "{\"fault\":\"garbage\",\"times\":1}",
    "{\"fault\":\"stale\",\"times\":1}",
    "{\"fault\":\"flood\",\"count\":3000,\"times\":1}",
    "{\"fault\":\"flood\",\"count\":200000,\"times\":3}", /* until the ring is full */
    "{\"fault\":\"terminal_twice\",\"times\":1}",
    "{\"fault\":\"drop\",\"times\":1}",
};

static int failures, count;

static void judge(const char *what, const char *problem) {
    count++;
    if (!problem) return;
    failures++;
    printf("FAILED isolated %s: %s (cause %d, detail %d, doing %s)\n", what, problem, seen.death.cause,
           seen.death.detail, seen.death.doing);
}

static void test_death(const char *fault, syx_kind kind, syrinx_death_cause cause, int detail) {
    char config[64];
    call c = {0};
    snprintf(config, sizeof config, "{\"fault\":\"%s\"}", fault);
    hang_ms = cause == SYRINX_DEATH_HANG ? HANG_MS : PATIENT_MS;
    const char *problem = begin(&c, kind, config);
    hang_ms = PATIENT_MS;
    if (!problem && kind == SYX_VAD) play(&c);
    if (!problem && kind == SYX_AGENT) request(&c);
    if (!problem && !wait_for(NULL, 0)) problem = "the helper lives on";
    bool same = seen.death.cause == cause && (detail < 0 || seen.death.detail == detail);
    if (!problem && !same) problem = "another death";
    if (!problem && seen.errors != 1) problem = "its session was not told";
    judge(config, problem);
    end(&c);
}

static void test_survival(const char *config) {
    call c = {0};
    const char *problem = begin(&c, SYX_AGENT, config);
    for (int i = 0; !problem && i < 22; i++) request(&c);
    if (!problem && !wait_for(&seen.done, 21)) problem = seen.lost ? "the helper is lost" : "requests have no answer";
    if (!problem && strstr(seen.log, "succeeded")) problem = seen.log;
    bool tried = strstr(seen.log, "socket was refused") != NULL;
    if (!problem && strstr(config, "escape") && !tried) problem = "no attempt is logged";
    judge(config, problem);
    end(&c);
}

static syx_status open_another(call *c, uint64_t handle, syx_str options, syx_session **session, syx_err *err) {
    syx_session_params params = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms), .credit_ms = 10000};
    params.in = params.out = (syx_format){SYX_FMT_S16, RATE, 1, SAMPLES};
    params.options_json = options;
    return c->vt->session_open(c->provider, handle, &params, session, err);
}

/* The helper hangs, and reads nothing any more. */
static const char *fill_ring(call *c, syx_session *more[2]) {
    static char long_options[30 << 10];
    request(c);
    for (int i = 0; i < 1000000; i++) c->vt->cancel(c->session, GENERATION);
    if (syrinx_helper_read_stats(c->helper).dropped > 0) return "repeated cancels fill the ring";
    syx_status status = SYX_OK;
    for (int i = 0; status == SYX_OK && i < 1000000; i++) status = request(c);
    if (status != SYX_EAGAIN) return "events never fill the ring";
    syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    memset(long_options, ' ', sizeof long_options);
    syx_str options = {long_options, sizeof long_options};
    if (open_another(c, 2, options, &more[0], &err) != SYX_PENDING) return "no room is kept back for sessions";
    status = open_another(c, 3, options, &more[1], &err);
    if (status != SYX_EAGAIN || err.code != status) return "a session for which there is no room is not refused";
    return err.flags == SYX_ERR_RETRYABLE && strstr(err.msg, "busy") ? NULL : "the refusal has no reason";
}

static void test_full_ring(void) {
    call c = {0};
    syx_session *more[2] = {NULL, NULL};
    hang_ms = LIMIT_MS;
    const char *problem = begin(&c, SYX_AGENT, "{\"fault\":\"hang_sleep\"}");
    hang_ms = PATIENT_MS;
    if (!problem) problem = fill_ring(&c, more);
    if (c.helper) syrinx_helper_kill(c.helper);
    if (!problem && !wait_for(NULL, 0)) problem = "the helper lives on";
    judge("full ring", problem);
    for (int i = 0; i < 2; i++)
        if (more[i]) c.vt->session_close(more[i]);
    end(&c);
}

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "usage: isolated HELPER PLUGIN.SO\n"), 2;
    program = argv[1];
    module = argv[2];
    snprintf(folder, sizeof folder, "%s", module);
    if (strrchr(folder, '/')) *strrchr(folder, '/') = 0;
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++)
        test_death(deaths[i].fault, SYX_AGENT, deaths[i].cause, deaths[i].detail);
    test_death("segfault", SYX_VAD, SYRINX_DEATH_SIGNAL, 11);
    test_death("hang_spin", SYX_VAD, SYRINX_DEATH_HANG, -1);
    test_full_ring();
    for (size_t i = 0; i < sizeof survived / sizeof *survived; i++) test_survival(survived[i]);
    printf("chaos, isolated: %d faults, %d not contained\n", count, failures);
    return failures ? 1 : 0;
}
