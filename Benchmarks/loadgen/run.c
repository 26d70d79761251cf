/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <sys/epoll.h>

static const int64_t ramp_grace = 20 * NS_PER_S;
/* A slow server is not a wrong one: what it still owes may take this long. */
static const int64_t drain_grace = 5 * NS_PER_S;
static const int64_t close_grace = 2 * NS_PER_S;

static int64_t seconds(double s) {
    return (int64_t)(s * (double)NS_PER_S);
}

/* ----------------------------------------------------------------------------------------------------- sessions -- */

bool load_send(struct session *s, const void *payload, int64_t now) {
    struct load *load = s->load;
    bool sent = conn_send(&s->conn, WS_BINARY, payload, load->options.frame_bytes);
    if (!sent) load->stalled++;
    if (sent && in_window(load, now)) load->frames++;
    return sent;
}

/* A steady session's fate is known: the ramp is over when all are. */
static void settle(struct session *s) {
    if (!s->passing && !s->tried) s->load->steady_tried++;
    s->tried = true;
}

static void on_opened(struct conn *c) {
    struct session *s = (struct session *)c;
    int64_t now = now_ns();
    s->opening_took = now - s->connecting_since;
    histogram_add(&s->load->opening, s->opening_took);
    s->load->opened++;
    s->load->live++;
    s->live = true;
    settle(s);
    s->load->behaviour->opened(s, now);
}

static void on_message(struct conn *c, const struct ws_frame *frame) {
    struct session *s = (struct session *)c;
    if (c->state == CONN_OPEN) s->load->behaviour->message(s, frame, now_ns());
}

static void on_ended(struct conn *c, enum conn_end why) {
    struct session *s = (struct session *)c;
    struct load *load = s->load;
    if (why == END_REFUSED) load->refused++;
    if (why == END_DROPPED) load->dropped++;
    if (why == END_GARBLED) load->garbled++;
    if (why == END_DROPPED || why == END_GARBLED) load->behaviour->leaving(s);
    if (s->live) load->live--;
    s->live = false;
    settle(s);
}

static const struct conn_handler handler = {on_opened, on_message, on_ended};

static void start_session(struct session *s, int64_t now) {
    const struct options *o = &s->load->options;
    if (s->passing && s->load->phase != PHASE_WINDOW) return;
    s->connecting_since = now;
    s->close_at = s->passing ? now + seconds(o->life) : NEVER;
    s->open_at = s->passing ? s->open_at + seconds(s->load->passing / o->churn) : NEVER;
    conn_open(&s->conn, &s->load->target);
}

static void stop_session(struct session *s) {
    s->load->behaviour->leaving(s);
    conn_close(&s->conn);
}

static bool may_stop(const struct session *s, int64_t now) {
    if (now < s->close_at) return false;
    return s->load->behaviour->settled(s) || now >= s->close_at + drain_grace;
}

static void step_session(struct session *s, int64_t now) {
    if (s->conn.state == CONN_IDLE && now >= s->open_at)
        start_session(s, now);
    else if (s->conn.state == CONN_OPEN && may_stop(s, now))
        stop_session(s);
    else if (s->conn.state == CONN_OPEN)
        s->load->behaviour->step(s, now);
}

/* Enough passing sessions that each has a second to close before its place is needed again. */
static uint32_t passing_sessions(const struct options *o) {
    return o->churn > 0 ? (uint32_t)ceil(o->churn * (o->life + 1)) : 0;
}

bool run_prepare(struct load *load) {
    const struct options *o = &load->options;
    uint32_t steady = (uint32_t)o->sessions;
    load->passing = passing_sessions(o);
    load->slots = steady + load->passing;
    load->sessions = calloc(load->slots, sizeof *load->sessions);
    if (!load->sessions) return false;
    load->before = process_sample(o->pid);
    load->window_from = load->window_to = NEVER;
    load->start = now_ns();
    load->phase_ends = load->start + seconds(o->ramp) + ramp_grace;
    for (uint32_t i = 0; i < load->slots; i++) {
        struct session *s = &load->sessions[i];
        s->load = load;
        s->index = i;
        s->passing = i >= steady;
        s->close_at = NEVER;
        s->open_at = s->passing ? NEVER : load->start + seconds(o->ramp * i / steady);
        conn_init(&s->conn, load->epoll, i, &handler);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------------- phases -- */

static void enter(struct load *load, enum phase phase, int64_t ends) {
    load->phase = phase;
    load->phase_ends = ends;
}

static void open_window(struct load *load, int64_t now) {
    const struct options *o = &load->options;
    enter(load, PHASE_WINDOW, now + seconds(o->seconds));
    load->window_from = now;
    load->window_to = load->phase_ends;
    load->at_start = process_sample(o->pid);
    load->own_at_start = own_cpu_us();
    for (uint32_t i = 0; i < load->passing; i++)
        load->sessions[load->slots - load->passing + i].open_at = now + seconds(i / o->churn);
}

static void close_window(struct load *load, int64_t now) {
    load->window_to = now;
    load->at_end = process_sample(load->options.pid);
    load->own_at_end = own_cpu_us();
    enter(load, PHASE_DRAIN, now + drain_grace);
}

static bool all_settled(const struct load *load) {
    for (uint32_t i = 0; i < load->slots; i++) {
        const struct session *s = &load->sessions[i];
        if (s->conn.state == CONN_OPEN && !load->behaviour->settled(s)) return false;
    }
    return true;
}

static void close_sessions(struct load *load, int64_t now) {
    enter(load, PHASE_CLOSE, now + close_grace);
    for (uint32_t i = 0; i < load->slots; i++)
        if (load->sessions[i].conn.state == CONN_OPEN) stop_session(&load->sessions[i]);
}

static void abort_sessions(struct load *load) {
    load->phase = PHASE_OVER;
    for (uint32_t i = 0; i < load->slots; i++) conn_abort(&load->sessions[i].conn);
}

static void advance(struct load *load, int64_t now) {
    bool time = now >= load->phase_ends;
    bool ready = load->steady_tried == (uint32_t)load->options.sessions;
    switch (load->phase) {
    case PHASE_RAMP:
        if (time || ready) enter(load, PHASE_WARM, now + seconds(load->options.warm));
        break;
    case PHASE_WARM:
        if (load->live == 0) abort_sessions(load);
        else if (time) open_window(load, now);
        break;
    case PHASE_WINDOW:
        if (time) close_window(load, now);
        break;
    case PHASE_DRAIN:
        if (time || all_settled(load)) close_sessions(load, now);
        break;
    case PHASE_CLOSE:
        if (time || load->live == 0) abort_sessions(load);
        break;
    case PHASE_OVER: break;
    }
}

/* --------------------------------------------------------------------------------------------------------- loop -- */

static int64_t due(const struct load *load) {
    int64_t round = load->steps / load->slots, slot = load->steps % load->slots;
    return load->start + round * FRAME_NS + slot * FRAME_NS / load->slots;
}

/* One round at most, so that answers are read even when sending cannot keep up. */
static void send_what_is_due(struct load *load) {
    for (uint32_t i = 0; i < load->slots; i++) {
        int64_t now = now_ns(), late = now - due(load);
        if (late < 0) return;
        if (in_window(load, now)) histogram_add(&load->sending_late, late);
        step_session(&load->sessions[load->steps++ % load->slots], now);
    }
}

static void receive_what_came(struct load *load) {
    struct epoll_event events[256];
    int64_t wait = due(load) - now_ns();
    struct timespec timeout = {.tv_nsec = wait > 0 ? wait : 0}; /* never a second: a round takes 20 ms */
    int n = epoll_pwait2(load->epoll, events, 256, &timeout, NULL);
    for (int i = 0; i < n; i++) conn_ready(events[i].data.ptr, events[i].events);
}

void run(struct load *load) {
    while (load->phase != PHASE_OVER) {
        send_what_is_due(load);
        receive_what_came(load);
        advance(load, now_ns());
    }
}
