/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers that break the contract: too many, too late, too often, for the wrong time, or none. */
#include <stdlib.h>
#include <time.h>

#include "chaos.h"

static syx_status error_event(syx_session *s, const chaos_request *request) {
    return syx_emit_error(s->provider->core, s->host, request->generation, request->id, s->provider->options.status, 0,
                          "chaos: an error, as it was told");
}

static void flood(syx_session *s, const chaos_request *request) {
    for (uint32_t i = 0; i < s->provider->options.count; i++)
        if (chaos_piece(s, request) != SYX_OK) return;
}

/* Of generations that are over, not begun, or nobody's. */
static void stale(syx_session *s, const chaos_request *request) {
    const uint64_t now = request->generation, others[] = {0, now - 1, now + 1, now + 1000, UINT64_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        chaos_request other = *request;
        other.generation = others[i];
        chaos_piece(s, &other);
        chaos_finish(s, &other);
        if (other.generation != 0) error_event(s, &other); /* an error of none is the session's own end */
    }
}

static syx_status answer_late(syx_session *s, const chaos_request *request) {
    uint32_t slot = s->late_next++ % CHAOS_CLAUSES;
    s->late[slot] = *request;
    return s->provider->core->timer(s->host, s->provider->options.ms, slot) ? SYX_OK : SYX_EAGAIN;
}

static syx_status twice(syx_session *s, const chaos_request *request) {
    syx_status status = chaos_behave(s, request);
    chaos_finish(s, request);
    return status;
}

typedef struct {
    const syx_core *core;
    syx_hsession host;
    uint32_t ms;
} ghost;

static void *haunt(void *argument) {
    ghost *g = argument;
    struct timespec pause = {.tv_nsec = 1000000};
    for (uint32_t i = 0; i < g->ms; i++) {
        syx_emit_text(g->core, g->host, SYX_EV_STATE, 0, syx_cstr("still here"), 0);
        nanosleep(&pause, NULL);
    }
    free(g);
    return NULL;
}

/* A thread that outlives its session, which R5 forbids, and goes on sending for it. */
static void speak_after_close(syx_session *s) {
    pthread_t thread;
    ghost *g = malloc(sizeof *g);
    if (!g) return;
    *g = (ghost){s->provider->core, s->host, s->provider->options.ms};
    if (pthread_create(&thread, NULL, haunt, g) == 0)
        pthread_detach(thread);
    else
        free(g);
}

syx_status chaos_lie(syx_session *s, const chaos_request *request) {
    switch (s->provider->options.fault) {
    case FAULT_error: return error_event(s, request), SYX_OK;
    case FAULT_flood: flood(s, request); break;
    case FAULT_garbage: chaos_send_garbage(s, request); break;
    case FAULT_stale: stale(s, request); break;
    case FAULT_terminal_twice: return twice(s, request);
    case FAULT_delay: return answer_late(s, request);
    case FAULT_drop: return SYX_OK;
    case FAULT_event_after_close: speak_after_close(s); break;
    default: break;
    }
    return CHAOS_GO_ON;
}
