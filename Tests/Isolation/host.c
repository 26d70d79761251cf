/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

record seen = {.credit = -1};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void record_lock(void) { pthread_mutex_lock(&lock); }
void record_unlock(void) {
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void record_clear(void) {
    record_lock();
    seen.count = seen.timer_count = seen.logs = seen.refused = 0;
    seen.credit = -1;
    record_unlock();
}

int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the core ---- */

static syx_status emit(syx_hsession session, const syx_event *event) {
    syx_status status = SYX_OK;
    record_lock();
    if (seen.credit == 0) {
        seen.refused++;
        status = SYX_EAGAIN;
    } else {
        if (seen.credit > 0) seen.credit--;
        if (seen.count < EVENTS) {
            seen_event *e = &seen.events[seen.count++];
            *e = (seen_event){session, event->type, event->id, event->generation, event->i0, ""};
            size_t length = event->text.len < sizeof e->text - 1 ? event->text.len : sizeof e->text - 1;
            if (length) memcpy(e->text, event->text.ptr, length);
        }
    }
    record_unlock();
    return status;
}

static void write_log(syx_hprovider p, syx_hsession s, uint32_t level, syx_str text, syx_str fields) {
    (void)p, (void)s, (void)level, (void)text, (void)fields;
    record_lock();
    seen.logs++;
    record_unlock();
}

static uint64_t timer(syx_hsession session, uint32_t delay_ms, uint64_t cookie) {
    uint64_t id = 0;
    record_lock();
    if (seen.timer_count < RUNNING_TIMERS) {
        seen.timers[seen.timer_count] = (seen_timer){session, delay_ms, cookie, false};
        id = ++seen.timer_count;
    }
    record_unlock();
    return id;
}

static void timer_cancel(syx_hsession session, uint64_t id) {
    (void)session;
    record_lock();
    if (id > 0 && id <= seen.timer_count) seen.timers[id - 1].cancelled = true;
    record_unlock();
}

static int64_t core_now(syx_hprovider provider) { return (void)provider, now_ns(); }
static void metric(syx_hprovider p, syx_hsession s, uint32_t i, double v) { (void)p, (void)s, (void)i, (void)v; }
static const void *service(syx_hprovider provider, const char *id) { return (void)provider, net_service(id); }
static syx_status emit_provider(syx_hprovider provider, const syx_event *e) { return (void)provider, (void)e, SYX_OK; }

const syx_core recording_core = {.struct_size = SYX_SIZEOF(syx_core, run), .host_name = "test", .host_version = "1",
    .service = service, .emit = emit, .emit_provider = emit_provider, .now_ns = core_now, .log = write_log,
    .metric = metric, .timer = timer, .timer_cancel = timer_cancel};

/* ---- callbacks ---- */

static void frame(void *context, syx_hsession s, int64_t pts, syx_status status, float p, const void *at, uint32_t n) {
    (void)s, (void)pts, (void)status, (void)p, (void)at, (void)n;
    record_lock();
    ((witness *)context)->frames++;
    record_unlock();
}

static void lost(void *context, const syrinx_death *death) {
    witness *w = context;
    record_lock();
    w->lost_at = now_ns();
    w->death = *death;
    w->lost = true;
    record_unlock();
}

static void closed(void *context, syx_hsession session) {
    (void)session;
    record_lock();
    ((witness *)context)->closed++;
    record_unlock();
}

/* ---- use ---- */

bool live_start(live *l, const char *program, const char *module, const char *name) {
    l->options.program = program;
    l->options.module = module;
    l->options.name = name;
    static char folder[600];
    snprintf(folder, sizeof folder, "%s", probe_module);
    if (strrchr(folder, '/')) *strrchr(folder, '/') = 0;
    l->options.data_dir = folder;
    if (!l->options.sessions) l->options.sessions = 25;
    /* Whose hang is not what is looked at may stand still for a moment. */
    if (!l->options.load_ms) l->options.load_ms = LONG_MS;
    if (!l->options.rt_hang_ms) l->options.rt_hang_ms = LONG_MS;
    if (!l->options.ctl_hang_ms) l->options.ctl_hang_ms = LONG_MS;
    if (!l->options.confinement.memory_bytes) l->options.confinement.memory_bytes = (uint64_t)512 << 20;
    l->witness = (witness){0};
    l->code = "";
    syrinx_helper_callbacks callbacks = {.context = &l->witness, .frame = frame, .lost = lost, .closed = closed};
    syrinx_death death;
    l->helper
        = syrinx_helper_start(&l->options, &callbacks, &recording_core, &death, &l->code, l->error, sizeof l->error);
    if (!l->helper) l->witness.death = death;
    return l->helper != NULL;
}

void live_end(live *l) {
    if (l->helper) syrinx_helper_free(l->helper);
    l->helper = NULL;
}

const syx_plugin_desc *live_kind(const live *l, syx_kind kind) {
    const syx_module *module = syrinx_helper_module(l->helper);
    for (uint32_t i = 0; i < module->n_plugins; i++)
        if (module->plugins[i]->kind == kind) return module->plugins[i];
    return NULL;
}

static syx_str text_of(const char *text) { return (syx_str){text, strlen(text)}; }

syx_provider *live_provider(const live *l, syx_kind kind, const char *config) {
    const syx_plugin_desc *desc = live_kind(l, kind);
    if (!desc) return NULL;
    syx_provider_params params = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor), .descriptor = desc,
        .config_json = text_of(config)};
    syx_err error = {.struct_size = sizeof error};
    syx_provider *provider = NULL;
    return desc->vt->open(&recording_core, 1, &params, &provider, &error) < 0 ? NULL : provider;
}

syx_status live_session(const live *l, syx_kind kind, syx_provider *provider, syx_hsession handle, const char *options,
    syx_session **session) {
    syx_session_params params = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms), .credit_ms = 1000,
        .in = {SYX_FMT_S16, RATE, 1, SAMPLES}, .out = {SYX_FMT_S16, RATE, 1, SAMPLES},
        .options_json = text_of(options)};
    syx_err error = {.struct_size = sizeof error};
    *session = NULL;
    return live_kind(l, kind)->vt->session_open(provider, handle, &params, session, &error);
}

/* All kinds of a helper have the same functions behind their tables. */
static const syx_plugin_vt *functions(const live *l) { return syrinx_helper_module(l->helper)->plugins[0]->vt; }

syx_status send_frame(const live *l, syx_session *session) {
    static int16_t pcm[SAMPLES];
    syx_frame in = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = RATE, .channels = 1,
        .samples = SAMPLES, .bytes = sizeof pcm, .data = pcm};
    syx_result result = {.struct_size = SYX_SIZEOF(syx_result, pts)};
    return live_kind(l, SYX_VAD)->vt->process(session, &in, NULL, &result);
}

syx_status send_event(const live *l, syx_session *session, uint16_t type, uint64_t id, const char *text) {
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = type, .id = id, .generation = 7,
        .text = text_of(text)};
    return live_kind(l, SYX_AGENT)->vt->handle(session, &event);
}

void cancel_session(const live *l, syx_session *session, uint64_t generation) {
    functions(l)->cancel(session, generation);
}

void close_session(const live *l, syx_session *session) { functions(l)->session_close(session); }

/* ---- waiting ---- */

static struct timespec limit_of(uint32_t limit_ms) {
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += limit_ms / 1000;
    end.tv_nsec += (long)(limit_ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
    return end;
}

bool wait_frames(const witness *w, int frames, uint32_t limit_ms) {
    struct timespec end = limit_of(limit_ms);
    record_lock();
    while (w->frames < frames && !w->lost && pthread_cond_timedwait(&changed, &lock, &end) != ETIMEDOUT) {}
    bool came = w->frames >= frames;
    record_unlock();
    return came;
}

bool wait_lost(const witness *w, uint32_t limit_ms) {
    struct timespec end = limit_of(limit_ms);
    record_lock();
    while (!w->lost && pthread_cond_timedwait(&changed, &lock, &end) != ETIMEDOUT) {}
    bool came = w->lost;
    record_unlock();
    return came;
}

bool wait_sessions_closed(const witness *w, int sessions, uint32_t limit_ms) {
    struct timespec end = limit_of(limit_ms);
    record_lock();
    while (w->closed < sessions && !w->lost && pthread_cond_timedwait(&changed, &lock, &end) != ETIMEDOUT) {}
    bool came = w->closed >= sessions;
    record_unlock();
    return came;
}

static size_t count_locked(syx_hsession session, uint16_t type) {
    size_t count = 0;
    for (size_t i = 0; i < seen.count; i++) count += seen.events[i].session == session && seen.events[i].type == type;
    return count;
}

size_t count_events(syx_hsession session, uint16_t type) {
    record_lock();
    size_t count = count_locked(session, type);
    record_unlock();
    return count;
}

bool wait_event(syx_hsession session, uint16_t type, size_t wanted, uint32_t limit_ms) {
    struct timespec end = limit_of(limit_ms);
    record_lock();
    while (count_locked(session, type) < wanted && pthread_cond_timedwait(&changed, &lock, &end) != ETIMEDOUT) {}
    bool came = count_locked(session, type) >= wanted;
    record_unlock();
    return came;
}

seen_event find_event(syx_hsession session, uint16_t type, size_t index) {
    seen_event found = {0};
    record_lock();
    for (size_t i = 0; i < seen.count && !found.type; i++)
        if (seen.events[i].session == session && seen.events[i].type == type && index-- == 0) found = seen.events[i];
    record_unlock();
    return found;
}
