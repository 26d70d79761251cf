/* SPDX-License-Identifier: Apache-2.0
 *
 * isolated HELPER VAD.so CHAOS.so SECONDS [--json] [SWIFT.so]: what isolation costs. Absolute paths. Never fails on a
 * number; exit code 1 means that frames were lost. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t cpu_of(int pid) {
    clockid_t id = CLOCK_PROCESS_CPUTIME_ID;
    struct timespec t;
    if (pid && clock_getcpuclockid(pid, &id) != 0) return 0;
    if (clock_gettime(id, &t) != 0) return 0;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

/* ---- a core for plugins that say little ---- */

static syx_status emit(uint64_t handle, const syx_event *event) { return (void)handle, (void)event, SYX_OK; }
static int64_t core_now(syx_hprovider provider) { return (void)provider, now_ns(); }
static void write_log(syx_hprovider p, syx_hsession s, uint32_t level, syx_str text, syx_str fields) {
    (void)p, (void)s, (void)level, (void)text, (void)fields;
}
static void metric(syx_hprovider p, syx_hsession s, uint32_t i, double v) { (void)p, (void)s, (void)i, (void)v; }
static uint64_t timer(syx_hsession s, uint32_t ms, uint64_t cookie) { return (void)s, (void)ms, (void)cookie, 0; }
static void timer_cancel(syx_hsession session, uint64_t id) { (void)session, (void)id; }
static const void *service(syx_hprovider provider, const char *id) { return (void)provider, (void)id, NULL; }
static const syx_core core = {.struct_size = SYX_SIZEOF(syx_core, run), .host_name = "bench", .host_version = "1",
    .service = service, .emit = emit, .emit_provider = emit, .now_ns = core_now, .log = write_log, .metric = metric,
    .timer = timer, .timer_cancel = timer_cancel};

/* ---- helpers ---- */

static void stop(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

held hold(const char *program, const char *module, syx_kind kind, const char *config, uint32_t hang_ms,
    const syrinx_helper_callbacks *callbacks) {
    char folder[4096], error[300] = "";
    snprintf(folder, sizeof folder, "%s", module);
    if (strrchr(folder, '/')) *strrchr(folder, '/') = 0;
    syrinx_helper_options options
        = {.program = program, .module = module, .data_dir = folder, .name = "bench", .sessions = 25,
            .rt_hang_ms = hang_ms, .ctl_hang_ms = hang_ms};
    const char *code = "";
    syrinx_death death;
    held h = {.helper = syrinx_helper_start(&options, callbacks, &core, &death, &code, error, sizeof error)};
    if (!h.helper) stop(module, error);
    const syx_module *table = syrinx_helper_module(h.helper);
    const syx_plugin_desc *desc = table->plugins[0];
    for (uint32_t i = 0; kind && i < table->n_plugins; i++)
        if (table->plugins[i]->kind == kind) desc = table->plugins[i];
    h.vt = desc->vt;
    if (!kind) return h;
    syx_provider_params params = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor), .descriptor = desc,
        .config_json = {config, strlen(config)}};
    syx_err refused = {.struct_size = sizeof refused};
    if (h.vt->open(&core, 1, &params, &h.provider, &refused) < 0) stop(module, refused.msg);
    return h;
}

syx_session *open_session(const held *h, syx_hsession handle) {
    syx_session_params params = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms), .credit_ms = 1000,
        .in = {SYX_FMT_S16, RATE, 1, SAMPLES}, .out = {SYX_FMT_S16, RATE, 1, SAMPLES}};
    syx_err refused = {.struct_size = sizeof refused};
    syx_session *session = NULL;
    if (h->vt->session_open(h->provider, handle, &params, &session, &refused) < 0) stop("session_open", refused.msg);
    return session;
}

void let_go(held *h) {
    if (h->provider) h->vt->close(h->provider);
    syrinx_helper_free(h->helper);
}

syx_frame a_frame(int64_t pts) {
    static int16_t pcm[SAMPLES];
    return (syx_frame){.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = RATE, .channels = 1,
        .samples = SAMPLES, .pts = pts, .bytes = sizeof pcm, .data = pcm};
}

/* ---- the report ---- */

typedef struct {
    frame_costs spread, tick;
    double start, start_swift, segfault, hang;
} costs;

static double whole(const frame_costs *c) { return c->host_us + c->helpers_us; }

static void print_frames(const char *how, const frame_costs *c) {
    printf("%s: CPU per frame %.2f us (host %.2f, helpers %.2f; promise 5), %.0f times in-process (%.3f us)\n", how,
        whole(c), c->host_us, c->helpers_us, whole(c) / c->inproc_us, c->inproc_us);
    printf("  round trip p50 %.0f us (promise 250), p99 %.0f us\n", c->p50_us, c->p99_us);
}

static void print_text(const costs *c) {
    print_frames("200 sessions in 8 helpers, each at its own time", &c->spread);
    print_frames("200 sessions in 8 helpers, all on the tick", &c->tick);
    printf("start to table read: C %.1f ms (promise 10)\n", c->start);
    if (c->start_swift > 0) printf("start to table read: Swift %.1f ms\n", c->start_swift);
    printf("SIGSEGV to `lost`: %.2f ms (promise 5)\n", c->segfault);
    printf("hang in process to `lost`: %.0f ms (promise 250 and a tick)\n", c->hang);
}

static void print_json(const costs *c) {
    printf("{\"spread_cpu_us\":%.3f,\"spread_p50_us\":%.1f,\"spread_p99_us\":%.1f,", whole(&c->spread),
        c->spread.p50_us, c->spread.p99_us);
    printf("\"tick_cpu_us\":%.3f,\"tick_p50_us\":%.1f,\"tick_p99_us\":%.1f,\"inproc_us\":%.4f,", whole(&c->tick),
        c->tick.p50_us, c->tick.p99_us, c->tick.inproc_us);
    if (c->start_swift > 0) printf("\"start_swift_ms\":%.2f,", c->start_swift);
    printf("\"start_ms\":%.2f,\"segfault_ms\":%.3f,\"hang_ms\":%.1f,\"lost_frames\":%llu}\n", c->start, c->segfault,
        c->hang, c->spread.lost + c->tick.lost);
}

int main(int argc, char **argv) {
    if (argc < 5) return fprintf(stderr, "usage: isolated HELPER VAD.so CHAOS.so SECONDS [--json] [SWIFT.so]\n"), 2;
    const char *program = argv[1], *vad = argv[2], *chaos = argv[3];
    int seconds = atoi(argv[4]), next = 5;
    bool json = argc > next && strcmp(argv[next], "--json") == 0;
    next += json;
    if (seconds < 1) seconds = 1;
    costs c = {.spread = measure_frames(program, vad, seconds, true),
        .tick = measure_frames(program, vad, seconds, false)};
    c.start = measure_start(program, vad, 21);
    if (argc > next) c.start_swift = measure_start(program, argv[next], 11);
    c.segfault = measure_end(program, chaos, SYX_VAD, "{\"fault\":\"segfault\"}", 21);
    c.hang = measure_end(program, chaos, SYX_VAD, "{\"fault\":\"hang_sleep\"}", 5);
    (json ? print_json : print_text)(&c);
    return c.spread.lost + c.tick.lost > 0;
}
