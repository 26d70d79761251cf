/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session is given: events, frames, cancels. */
#include "host.h"

#include <string.h>

static proxy_session *session_of(syx_session *session) { return (proxy_session *)(void *)session; }

/* ---- cancels ---- */

/* Under the lock. */
static void forget_first_cancel(proxy_session *session) {
    memmove(session->unsent, session->unsent + 1, --session->unsent_count * sizeof session->unsent[0]);
    session->helper->unsent_cancels--;
}

void host_forget_cancels(proxy_session *session) {
    while (session->unsent_count > 0) forget_first_cancel(session);
}

/* Under the lock. SYX_EAGAIN: the ring is full, and some still wait. */
static syx_status send_cancels(proxy_session *session) {
    while (session->unsent_count > 0) {
        struct iovec parts[1] = {{&session->unsent[0], sizeof session->unsent[0]}};
        syx_status status
            = host_send(session->helper, SYRINX_MSG_CANCEL, session->slot, session->generation, parts, 1);
        if (status == SYX_EAGAIN) return status;
        forget_first_cancel(session);
    }
    return SYX_OK;
}

void host_send_cancels(syrinx_helper *helper) {
    for (uint32_t i = 0; helper->unsent_cancels > 0 && i < helper->options.sessions; i++)
        if (send_cancels(&helper->sessions[i]) == SYX_EAGAIN) return;
}

/* Under the lock. What follows a cancel stays behind it: one that came late would take the new for the old. */
static syx_status send_in_order(
    proxy_session *session, uint16_t type, uint16_t flags, const struct iovec *parts, int count) {
    syx_status status = send_cancels(session);
    if (status != SYX_OK) return status;
    return host_send_flagged(session->helper, type, flags, session->slot, session->generation, parts, count);
}

void host_cancel(syx_session *raw, uint64_t generation) {
    proxy_session *session = session_of(raw);
    syrinx_helper *helper = session->helper;
    pthread_mutex_lock(&helper->lock);
    /* To say it again, with nothing asked for in between, tells the plugin nothing. */
    if (!session->is_cancelled || session->cancelled != generation) {
        session->is_cancelled = true;
        session->cancelled = generation;
        /* The helper knows as many: the oldest is none of them any more. */
        if (session->unsent_count == CANCELS) forget_first_cancel(session);
        session->unsent[session->unsent_count++] = generation;
        helper->unsent_cancels++;
        send_cancels(session);
    }
    pthread_mutex_unlock(&helper->lock);
}

/* ---- events and frames ---- */

/* Under the lock. The timer's number rides in i1, which the event does not use. */
static syx_status name_timer(const proxy_session *session, syx_event *event) {
    uint64_t timer = event->id, index = timer & (TIMERS - 1);
    if (timer == 0 || session->timers[index].plugin != timer) return SYX_SKIP;
    event->id = session->timers[index].cookie;
    event->i1 = (int64_t)timer;
    return SYX_OK;
}

syx_status host_handle(syx_session *raw, const syx_event *given) {
    proxy_session *session = session_of(raw);
    syrinx_helper *helper = session->helper;
    if (given->type == SYX_EV_WRITABLE && !host_flush_backlog(session)) return SYX_OK;
    if (given->type >= SYX_EV_HTTP_HEAD && given->type <= SYX_EV_IO_WRITABLE) return host_io_event(session, given);
    syx_event event = *given;
    syrinx_wire_event wire;
    struct iovec parts[SYRINX_EVENT_PARTS];
    pthread_mutex_lock(&helper->lock);
    bool is_timer = event.type == SYX_EV_TIMER;
    syx_status status = is_timer ? name_timer(session, &event) : SYX_OK;
    if (status == SYX_OK) {
        int count = syrinx_event_parts(&event, &wire, parts);
        status = send_in_order(session, SYRINX_MSG_EVENT, 0, parts, count);
        if (status == SYX_OK) {
            helper->stats.events_in++;
            session->is_cancelled = false;
            /* Not before: the host tries again when the ring was full. */
            if (is_timer) session->timers[given->id & (TIMERS - 1)].plugin = 0;
        }
    }
    pthread_mutex_unlock(&helper->lock);
    return status;
}

syx_status host_process(syx_session *raw, const syx_frame *in, syx_frame *out, syx_result *result) {
    (void)result;
    proxy_session *session = session_of(raw);
    syrinx_helper *helper = session->helper;
    syrinx_wire_frame wire = {.format = in->format, .rate = in->rate, .channels = in->channels, .samples = in->samples,
        .flags = in->flags, .has_output = out != NULL, .generation = in->generation, .pts = in->pts, .t_ns = in->t_ns,
        .audio_bytes = in->bytes};
    struct iovec parts[2] = {{&wire, sizeof wire}, {in->data, in->bytes}};
    pthread_mutex_lock(&helper->lock);
    /* Nobody waits for what a filter makes of the agent's own audio. */
    uint16_t flags = in->flags & SYX_FR_ECHO_REF ? SYRINX_FRAME_UNHEARD : 0;
    syx_status status = send_in_order(session, SYRINX_MSG_FRAME, flags, parts, 2);
    if (status == SYX_OK) {
        if (helper->outstanding_frames++ == 0) helper->frames_since = host_now();
        session->outstanding_frames++;
        helper->stats.frames++;
        status = SYX_PENDING;
    }
    pthread_mutex_unlock(&helper->lock);
    return status;
}

void host_reset(syx_session *raw) {
    proxy_session *session = session_of(raw);
    pthread_mutex_lock(&session->helper->lock);
    send_in_order(session, SYRINX_MSG_RESET, 0, NULL, 0);
    pthread_mutex_unlock(&session->helper->lock);
}
