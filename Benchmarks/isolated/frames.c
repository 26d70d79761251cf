/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames of many sessions, each every 20 ms: what one costs in all processes together, and when its answer is back.
 * One thread sends, as one event loop would. */
#include "bench.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdatomic.h>
#include <time.h>

enum { SESSIONS = 200, OF_A_HELPER = 25, HELPERS = SESSIONS / OF_A_HELPER, TICKS_A_SECOND = 50, CALLS = 200000 };
/* A slow machine loses no frames: neither for a helper that stood still nor for the last ones on their way. */
enum { PATIENCE_MS = 10000 };

typedef struct {
    int ticks;
    int64_t *sent; /* by tick and session */
    double *took;  /* microseconds; the supervisor's thread writes */
    _Atomic int back;
} journey;

static void frame_back(void *context, syx_hsession session, int64_t pts, syx_status status, float probability,
    const void *samples, uint32_t bytes) {
    (void)status, (void)probability, (void)samples, (void)bytes;
    journey *j = context;
    int64_t which = pts * SESSIONS + (int64_t)session - 1;
    j->took[atomic_load(&j->back)] = (double)(now_ns() - j->sent[which]) / 1e3;
    atomic_fetch_add(&j->back, 1);
}

static void sleep_until(int64_t at) {
    struct timespec t = {.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void play(journey *j, const held *helpers, syx_session **sessions, bool spread) {
    int64_t begin = now_ns();
    for (int tick = 0; tick < j->ticks; tick++) {
        for (int i = 0; i < SESSIONS; i++) {
            int64_t due = begin + (int64_t)tick * TICK_NS + (spread ? (int64_t)i * TICK_NS / SESSIONS : 0);
            if (now_ns() < due) sleep_until(due);
            /* Neighbours in time live in different helpers, as callers do; a tick goes by helpers. */
            int session = spread ? i % HELPERS * OF_A_HELPER + i / HELPERS : i;
            syx_frame frame = a_frame(tick);
            j->sent[(int64_t)tick * SESSIONS + session] = now_ns();
            helpers[session / OF_A_HELPER].vt->process(sessions[session], &frame, NULL, NULL);
        }
    }
    int64_t end = now_ns() + (int64_t)PATIENCE_MS * 1000000;
    while (now_ns() < end && atomic_load(&j->back) < j->ticks * SESSIONS) sleep_until(now_ns() + TICK_NS);
}

static int64_t cpu_of_all(const held *helpers) {
    int64_t sum = 0;
    for (int i = 0; i < HELPERS; i++) sum += cpu_of(syrinx_helper_pid(helpers[i].helper));
    return sum;
}

/* The sending thread sleeps and wakes without any helper, too: that is not the price of isolation. */
static int64_t cpu_of_sending_nothing(int ticks, bool spread) {
    int64_t before = cpu_of(0), begin = now_ns();
    for (int tick = 0; tick < ticks; tick++)
        for (int i = 0; i < SESSIONS; i++) {
            int64_t due = begin + (int64_t)tick * TICK_NS + (spread ? (int64_t)i * TICK_NS / SESSIONS : 0);
            if (now_ns() < due) sleep_until(due);
        }
    return cpu_of(0) - before;
}

static double in_process(const char *path) {
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    union {
        void *symbol;
        const syx_module *(*function)(void);
    } entry = {.symbol = object ? dlsym(object, "syrinx_plugin_entry_1") : NULL};
    if (!entry.symbol) exit(2);
    const syx_plugin_desc *desc = entry.function()->plugins[0];
    syx_provider_params provider_params
        = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor), .config_json = {"{}", 2}, .descriptor = desc};
    syx_session_params params = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms),
        .in = {SYX_FMT_S16, RATE, 1, SAMPLES}, .out = {SYX_FMT_S16, RATE, 1, SAMPLES}};
    syx_err error = {.struct_size = sizeof error};
    static const syx_core nothing = {.struct_size = SYX_SIZEOF(syx_core, host_version)};
    syx_provider *provider;
    syx_session *session;
    if (desc->vt->open(&nothing, 1, &provider_params, &provider, &error) < 0
        || desc->vt->session_open(provider, 1, &params, &session, &error) < 0)
        exit(2);
    int64_t begin = now_ns();
    for (int i = 0; i < CALLS; i++) {
        syx_frame frame = a_frame(i);
        syx_result result = {.struct_size = SYX_SIZEOF(syx_result, pts)};
        desc->vt->process(session, &frame, NULL, &result);
    }
    double us = (double)(now_ns() - begin) / 1e3 / CALLS;
    desc->vt->session_close(session);
    desc->vt->close(provider);
    return us;
}

frame_costs measure_frames(const char *program, const char *vad, int seconds, bool spread) {
    journey j = {.ticks = seconds * TICKS_A_SECOND};
    size_t frames = (size_t)j.ticks * SESSIONS;
    j.sent = calloc(frames, sizeof *j.sent);
    j.took = calloc(frames, sizeof *j.took);
    if (!j.sent || !j.took) exit(2);
    syrinx_helper_callbacks callbacks = {.context = &j, .frame = frame_back};
    held helpers[HELPERS];
    syx_session *sessions[SESSIONS];
    for (int i = 0; i < HELPERS; i++) helpers[i] = hold(program, vad, SYX_VAD, "{}", PATIENCE_MS, &callbacks);
    for (int i = 0; i < SESSIONS; i++)
        sessions[i] = open_session(&helpers[i / OF_A_HELPER], (syx_hsession)i + 1);
    double idle = (double)cpu_of_sending_nothing(j.ticks / 4 + 1, spread) / (j.ticks / 4 + 1) * j.ticks;
    int64_t host = cpu_of(0), theirs = cpu_of_all(helpers);
    play(&j, helpers, sessions, spread);
    host = cpu_of(0) - host;
    theirs = cpu_of_all(helpers) - theirs;
    for (int i = 0; i < SESSIONS; i++) helpers[i / OF_A_HELPER].vt->session_close(sessions[i]);
    for (int i = 0; i < HELPERS; i++) let_go(&helpers[i]);
    int back = atomic_load(&j.back);
    frame_costs costs = {.host_us = ((double)host - idle) / 1e3 / (double)frames,
        .helpers_us = (double)theirs / 1e3 / (double)frames, .inproc_us = in_process(vad),
        .lost = frames - (size_t)back};
    if (back > 0) {
        costs.p50_us = median(j.took, back);
        costs.p99_us = j.took[(size_t)back * 99 / 100];
    }
    free(j.sent);
    free(j.took);
    return costs;
}
