/* SPDX-License-Identifier: Apache-2.0
 *
 * The load: N sessions on one thread, each sending a frame every 20 ms. The sessions' turns lie evenly over the 20 ms,
 * so the whole schedule is one cursor: step n belongs to session n mod N and is due at start + n * 20 ms / N. It is
 * absolute: a late step does not shift the next one. */
#ifndef LOADGEN_LOAD_H
#define LOADGEN_LOAD_H
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "conn.h"
#include "echo.h"
#include "histogram.h"
#include "options.h"
#include "process.h"
#include "report.h"
#include "talk.h"

#define FRAME_NS (20 * NS_PER_MS)

struct load;

struct session {
    struct conn conn; /* first: a conn's handler finds its session by the same address */
    struct load *load;
    uint32_t index;
    bool passing;      /* one of churn's: comes and goes */
    bool live;
    bool tried;        /* steady: opened or refused */
    int64_t open_at;   /* next start; NEVER = not to be opened (again) */
    int64_t close_at;
    int64_t connecting_since;
    int64_t opening_took;
    union {
        struct echo echo;
        struct talk talk;
    };
};

/* What the sessions of a mode do. */
struct behaviour {
    void (*opened)(struct session *, int64_t now);
    /* Each 20 ms of an open session; sends one frame. */
    void (*step)(struct session *, int64_t now);
    void (*message)(struct session *, const struct ws_frame *, int64_t now);
    /* Nothing that was sent is still on its way: the session may be closed. */
    bool (*settled)(const struct session *);
    /* The connection closes, on purpose or not. */
    void (*leaving)(struct session *);
    void (*report)(const struct load *, struct report *);
    /* Wrong behaviour of the server that this mode has seen. */
    uint64_t (*faults)(const struct load *);
};

enum phase { PHASE_RAMP, PHASE_WARM, PHASE_WINDOW, PHASE_DRAIN, PHASE_CLOSE, PHASE_OVER };

struct load {
    const struct behaviour *behaviour;
    struct options options;
    struct target target;
    int epoll;
    uint32_t slots, passing; /* all sessions; the last of them are churn's */
    struct session *sessions;
    int64_t start, steps;

    enum phase phase;
    int64_t phase_ends;
    int64_t window_from, window_to;
    uint32_t steady_tried, live;
    struct process_sample before, at_start, at_end;
    int64_t own_at_start, own_at_end;

    uint64_t frames; /* sent within the window */
    uint64_t opened, refused, dropped, garbled, stalled;
    struct histogram sending_late, opening;
    struct echo_results echo;
    struct talk_results talk;
};

/* Sends a session's frame and accounts for it. False when the server does not read. */
bool load_send(struct session *, const void *payload, int64_t now);

static inline bool in_window(const struct load *load, int64_t at) {
    return at >= load->window_from && at < load->window_to;
}

#endif
