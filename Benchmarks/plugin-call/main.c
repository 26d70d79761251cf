/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin-call PLUGIN.so [--json]: what the ABI's way to process() costs over a bare function pointer to the same work
 * in the same shared object. By the table, each call fills a frame and a result, checks the table's size, reads the
 * pointer from the table and the answer from the result. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "null_vad.h"

enum { BATCHES = 2001, CALLS = 2000, SAMPLES = 320 };

/* Nothing read before may be kept in a register: a host meets each call with everything in memory. */
#define FORGET() __asm__ volatile("" ::: "memory")

struct subject {
    const syx_plugin_desc *plugin;
    null_vad_bare_fn bare;
    syx_session *session;
    int16_t samples[SAMPLES + 1]; /* silence, so that it always looks at the same place */
};

typedef float (*caller)(struct subject *, const int16_t *samples);

static float call_bare(struct subject *s, const int16_t *samples) {
    return s->bare(s->session, samples, SAMPLES);
}

static float call_by_table(struct subject *s, const int16_t *samples) {
    const syx_plugin_vt *table = s->plugin->vt;
    if (!SYX_HAS(table, syx_plugin_vt, process) || !table->process) return -1;
    syx_frame frame = {
        .struct_size = SYX_SIZEOF(syx_frame, buf),
        .format = SYX_FMT_S16,
        .rate = 16000,
        .channels = 1,
        .samples = SAMPLES,
        .bytes = SAMPLES * sizeof *samples,
        .data = (void *)samples,
    };
    syx_result result = {.struct_size = SYX_SIZEOF(syx_result, pts)};
    if (table->process(s->session, &frame, NULL, &result) != SYX_OK) return -1;
    return result.probability;
}

static void fail(const char *why) {
    fprintf(stderr, "plugin-call: %s\n", why);
    exit(2);
}

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds of one call, over a batch. Where a call looks depends on what the call before it found: the processor
 * cannot overlap them, so this is the time that a caller waits. */
static double batch(struct subject *s, caller call) {
    float found = 0;
    double start = now_ns();
    for (int i = 0; i < CALLS; i++) {
        FORGET();
        found = call(s, s->samples + (int)found);
    }
    double took = now_ns() - start;
    if (found < 0) fail("process() failed");
    return took / CALLS;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values) {
    qsort(values, BATCHES, sizeof *values, by_value);
    return values[BATCHES / 2];
}

static struct subject load(const char *path) {
    struct subject s = {0};
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) fail(dlerror());
    const syx_module *(*entry)(void) = (const syx_module *(*)(void))dlsym(object, "syrinx_plugin_entry_1");
    s.bare = (null_vad_bare_fn)dlsym(object, NULL_VAD_BARE);
    if (!entry || !s.bare) fail("not the plugin that this program was built for");
    s.plugin = entry()->plugins[0];
    if (s.plugin->vt->session_open(NULL, 0, NULL, &s.session, NULL) != SYX_OK) fail("no session");
    return s;
}

int main(int argc, char **argv) {
    static double bare[BATCHES], table[BATCHES];
    if (argc < 2) fail("usage: plugin-call PLUGIN.so [--json]");
    struct subject s = load(argv[1]);
    /* In turns, so that a change of the clock's speed meets both. */
    for (int i = 0; i < BATCHES; i++) {
        bare[i] = batch(&s, call_bare);
        table[i] = batch(&s, call_by_table);
    }
    double floor = median(bare), value = median(table);
    int json = argc > 2 && strcmp(argv[2], "--json") == 0;
    const char *format = json ? "{\"bare_ns\": %.2f, \"table_ns\": %.2f, \"over_ns\": %.2f}\n"
                              : "bare pointer %.2f ns, by the table %.2f ns, over %.2f ns\n";
    printf(format, floor, value, value - floor);
    s.plugin->vt->session_close(s.session);
    return 0;
}
