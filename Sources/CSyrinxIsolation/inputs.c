/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session is given: events, frames, cancels. */
#include "host.h"

static proxy_session *session_of(syx_session *session) { return (proxy_session *)(void *)session; }

/* The timer's number rides in i1, which the event does not use. */
static syx_status take_timer(proxy_session *session, syx_event *event) {
    uint64_t index = event->id;
    if (index >= TIMERS || !session->timers[index].plugin) return SYX_SKIP;
    event->id = session->timers[index].cookie;
    event->i1 = (int64_t)session->timers[index].plugin;
    session->timers[index].plugin = 0;
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
    syx_status status = event.type == SYX_EV_TIMER ? take_timer(session, &event) : SYX_OK;
    if (status == SYX_OK) {
        int count = syrinx_event_parts(&event, &wire, parts);
        status = host_send(helper, SYRINX_MSG_EVENT, session->slot, session->generation, parts, count);
        if (status == SYX_OK) {
            helper->stats.events_in++;
            session->is_cancelled = false;
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
    syx_status status = host_send_flagged(helper, SYRINX_MSG_FRAME, flags, session->slot, session->generation, parts, 2);
    if (status == SYX_OK) {
        if (helper->outstanding_frames++ == 0) helper->frames_since = host_now();
        session->outstanding_frames++;
        helper->stats.frames++;
        status = SYX_PENDING;
    }
    pthread_mutex_unlock(&helper->lock);
    return status;
}

void host_cancel(syx_session *raw, uint64_t generation) {
    proxy_session *session = session_of(raw);
    syrinx_helper *helper = session->helper;
    struct iovec parts[1] = {{&generation, sizeof generation}};
    pthread_mutex_lock(&helper->lock);
    /* To say it again, with nothing asked for in between, tells the plugin nothing. */
    bool is_known = session->is_cancelled && session->cancelled == generation;
    if (!is_known && host_send(helper, SYRINX_MSG_CANCEL, session->slot, session->generation, parts, 1) == SYX_OK) {
        session->is_cancelled = true;
        session->cancelled = generation;
    }
    pthread_mutex_unlock(&helper->lock);
}

void host_reset(syx_session *raw) {
    proxy_session *session = session_of(raw);
    pthread_mutex_lock(&session->helper->lock);
    host_send(session->helper, SYRINX_MSG_RESET, session->slot, session->generation, NULL, 0);
    pthread_mutex_unlock(&session->helper->lock);
}
