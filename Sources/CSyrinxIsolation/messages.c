/* SPDX-License-Identifier: Apache-2.0
 *
 * What a helper says: each of its messages becomes a call of the host's core. Nothing in a message is believed. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this much audio and text that the host has no room for, the helper ignores its credit: it is ended. */
#define MOST_BACKLOG ((size_t)16 << 20)

/* ---- events back that had no room ---- */

static void count(syrinx_helper *helper, uint64_t *number) {
    pthread_mutex_lock(&helper->lock);
    (*number)++;
    pthread_mutex_unlock(&helper->lock);
}

static syx_status emit_event(syrinx_helper *helper, syx_hsession handle, const syx_event *event) {
    count(helper, &helper->stats.events_out);
    return helper->core->emit(handle, event);
}

/* One that was sound when it came. */
static syx_status emit_message(syrinx_helper *helper, syx_hsession handle, const void *message) {
    syrinx_cursor body = syrinx_body(message);
    syx_event event;
    syx_frame frame;
    return syrinx_take_event(&body, &event, &frame) ? emit_event(helper, handle, &event) : SYX_EINVAL;
}

/* Credit is back: what waits goes first, then the plugin may send again. */
bool host_flush_backlog(proxy_session *session) {
    syrinx_helper *helper = session->helper;
    bool empty = true;
    pthread_mutex_lock(&session->order);
    while (session->first) {
        backlog_event *event = session->first;
        if (emit_message(helper, session->handle, event->message) == SYX_EAGAIN) {
            empty = false;
            break;
        }
        session->first = event->next;
        session->backlog_bytes -= event->size;
        if (!session->first) session->last = &session->first;
        free(event);
    }
    if (empty) atomic_store_explicit(&helper->shared->paused[session->slot], 0, memory_order_release);
    pthread_mutex_unlock(&session->order);
    return empty;
}

static bool keep(proxy_session *session, const void *message) {
    const syrinx_head *head = message;
    backlog_event *event = malloc(sizeof *event + head->size);
    if (!event || session->backlog_bytes + head->size > MOST_BACKLOG) {
        free(event);
        return false;
    }
    event->next = NULL;
    event->size = head->size;
    memcpy(event->message, message, head->size);
    *session->last = event;
    session->last = &event->next;
    session->backlog_bytes += head->size;
    return true;
}

void host_drop_backlog(proxy_session *session) {
    pthread_mutex_lock(&session->order);
    while (session->first) {
        backlog_event *event = session->first;
        session->first = event->next;
        free(event);
    }
    session->last = &session->first;
    session->backlog_bytes = 0;
    pthread_mutex_unlock(&session->order);
}

/* ---- messages of the helper: the supervisor's thread ---- */

/* Under the lock. */
static bool is_meant(const proxy_session *session, const syrinx_head *head) {
    return session->generation == head->serial && (session->state == SLOT_OPEN || session->state == SLOT_OPENING);
}

proxy_session *host_addressed(syrinx_helper *helper, const syrinx_head *head, syx_hsession *handle) {
    if (head->slot >= helper->options.sessions) return NULL;
    proxy_session *session = &helper->sessions[head->slot];
    pthread_mutex_lock(&helper->lock);
    bool known = is_meant(session, head);
    *handle = session->handle;
    pthread_mutex_unlock(&helper->lock);
    return known ? session : NULL;
}

static bool take_event(syrinx_helper *helper, const void *message) {
    const syrinx_head *head = message;
    syrinx_cursor body = syrinx_body(message);
    syx_event event;
    syx_frame frame;
    if (!syrinx_take_event(&body, &event, &frame)) return false;
    if (head->slot >= helper->options.sessions) return true;
    proxy_session *session = &helper->sessions[head->slot];
    bool sound = true;
    pthread_mutex_lock(&session->order);
    /* Asked for in here: once a close has dropped the backlog, nothing may come to it. */
    syx_hsession handle;
    syx_status status = !host_addressed(helper, head, &handle) ? SYX_ECLOSED
        : session->first                                  ? SYX_EAGAIN
                                                          : emit_event(helper, handle, &event);
    if (status == SYX_EAGAIN) {
        atomic_store_explicit(&helper->shared->paused[session->slot], 1, memory_order_release);
        sound = keep(session, message);
    } else if (status == SYX_EINVAL) {
        count(helper, &helper->stats.faults);
    }
    pthread_mutex_unlock(&session->order);
    return sound;
}

static bool take_provider_event(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    syx_event event;
    syx_frame frame;
    if (head->slot >= PROVIDERS || !syrinx_take_event(&body, &event, &frame)) return false;
    if (helper->providers[head->slot].used)
        helper->core->emit_provider(helper->providers[head->slot].handle, &event);
    return true;
}

static bool take_frame(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    syrinx_wire_frame_done done;
    if (!syrinx_take(&body, &done, sizeof done)) return false;
    const void *audio = syrinx_lend(&body, done.audio_bytes);
    if (!audio || done.audio_bytes > UINT32_MAX) return false;
    if (head->slot >= helper->options.sessions) return true;
    proxy_session *session = &helper->sessions[head->slot];
    /* Both asked under one lock: a session that is closed between the two expects nothing, and nobody has lied. */
    pthread_mutex_lock(&helper->lock);
    bool known = is_meant(session, head), expected = known && session->outstanding_frames > 0;
    syx_hsession handle = session->handle;
    if (expected) {
        session->outstanding_frames--;
        helper->outstanding_frames--;
        helper->frames_since = host_now();
    }
    pthread_mutex_unlock(&helper->lock);
    if (expected && !(head->flags & SYRINX_FRAME_UNHEARD) && helper->callbacks.frame)
        helper->callbacks.frame(helper->callbacks.context, handle, done.pts, done.status, done.probability,
            done.audio_bytes ? audio : NULL, (uint32_t)done.audio_bytes);
    return expected || !known;
}

static void tell_outcome(syrinx_helper *helper, syx_hsession handle, const syrinx_wire_reply *reply) {
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = SYX_EV_READY};
    if (reply->status < 0) {
        event.type = SYX_EV_ERROR;
        event.i0 = reply->status;
        event.i1 = reply->flags;
        event.text = (syx_str){reply->message, strnlen(reply->message, sizeof reply->message)};
    }
    helper->core->emit(handle, &event);
}

static bool take_reply_message(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    syrinx_wire_reply reply;
    if (!syrinx_take(&body, &reply, sizeof reply)) return false;
    syx_hsession handle = 0;
    bool abandoned = false;
    pthread_mutex_lock(&helper->lock);
    for (waiting_call *call = helper->calls; call; call = call->next) {
        if (call->serial != head->serial || call->answered) continue;
        abandoned = call->abandoned;
        if (abandoned) {
            handle = helper->sessions[call->slot].handle;
            host_end_call(helper, call);
        } else {
            call->reply = reply;
            call->answered = true;
            pthread_cond_broadcast(&helper->changed);
        }
        break;
    }
    pthread_mutex_unlock(&helper->lock);
    if (abandoned && reply.status != SYX_PENDING) tell_outcome(helper, handle, &reply);
    return true;
}

/* 0 = none that there is: init() may log, too, before there are any. */
static syx_hprovider provider_handle(const syrinx_helper *helper, uint32_t slot) {
    return slot < PROVIDERS && helper->providers[slot].used ? helper->providers[slot].handle : 0;
}

static bool take_log(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    syrinx_wire_log wire;
    syx_str texts[2];
    if (!syrinx_take(&body, &wire, sizeof wire) || !syrinx_take_strings(&body, &wire.strings, 2, texts)) return false;
    helper->core->log(provider_handle(helper, head->slot), 0, wire.level, texts[0], texts[1]);
    return true;
}

static bool take_metric(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    syrinx_wire_metric wire;
    if (!syrinx_take(&body, &wire, sizeof wire)) return false;
    syx_hprovider provider = provider_handle(helper, head->slot);
    if (provider) helper->core->metric(provider, 0, wire.index, wire.value);
    return true;
}

static bool take_timer_start(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    syrinx_wire_timer wire;
    if (!syrinx_take(&body, &wire, sizeof wire) || wire.timer == 0) return false;
    syx_hsession handle;
    proxy_session *session = host_addressed(helper, head, &handle);
    uint64_t index = wire.timer & (TIMERS - 1);
    if (!session) return true;
    pthread_mutex_lock(&helper->lock);
    bool taken = session->timers[index].plugin == 0;
    if (taken) {
        session->timers[index].plugin = wire.timer;
        session->timers[index].cookie = wire.cookie;
    }
    pthread_mutex_unlock(&helper->lock);
    if (!taken) return false;
    uint64_t started = helper->core->timer(handle, wire.delay_ms, wire.timer);
    pthread_mutex_lock(&helper->lock);
    if (session->timers[index].plugin == wire.timer) session->timers[index].host = started;
    pthread_mutex_unlock(&helper->lock);
    return true;
}

static bool take_timer_cancel(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    syrinx_wire_timer wire;
    if (!syrinx_take(&body, &wire, sizeof wire)) return false;
    syx_hsession handle;
    proxy_session *session = host_addressed(helper, head, &handle);
    if (!session) return true;
    uint64_t index = wire.timer & (TIMERS - 1), started = 0;
    pthread_mutex_lock(&helper->lock);
    if (session->timers[index].plugin == wire.timer) {
        started = session->timers[index].host;
        session->timers[index].plugin = 0;
    }
    pthread_mutex_unlock(&helper->lock);
    if (started) helper->core->timer_cancel(handle, started);
    return true;
}

static bool take_closed(syrinx_helper *helper, const syrinx_head *head) {
    if (head->slot >= helper->options.sessions) return false;
    pthread_mutex_lock(&helper->lock);
    proxy_session *session = &helper->sessions[head->slot];
    bool is_over = session->state == SLOT_CLOSING && session->generation == head->serial && !session->close_unsent;
    syx_hsession handle = session->handle;
    if (is_over) {
        session->state = SLOT_FREE;
        pthread_cond_broadcast(&helper->changed);
    }
    pthread_mutex_unlock(&helper->lock);
    if (is_over) host_session_closed(session, head->serial, handle);
    return true;
}

void host_session_closed(proxy_session *session, uint32_t serial, syx_hsession handle) {
    const syrinx_helper_callbacks *callbacks = &session->helper->callbacks;
    host_drop_io(session, serial, false);
    if (callbacks->closed) callbacks->closed(callbacks->context, handle);
}

bool host_handle_message(syrinx_helper *helper, const void *message) {
    const syrinx_head *head = message;
    syrinx_cursor body = syrinx_body(message);
    switch (head->type) {
    case SYRINX_MSG_MODULE: return helper->state == HELPER_LOADING && host_take_module(helper, head, body);
    case SYRINX_MSG_FAILED: return helper->state == HELPER_LOADING && host_take_failure(helper, body);
    case SYRINX_MSG_REPLY: return take_reply_message(helper, head, body);
    case SYRINX_MSG_EMIT: return take_event(helper, message);
    case SYRINX_MSG_EMIT_PROVIDER: return take_provider_event(helper, head, body);
    case SYRINX_MSG_FRAME_DONE: return take_frame(helper, head, body);
    case SYRINX_MSG_LOG: return take_log(helper, head, body);
    case SYRINX_MSG_METRIC: return take_metric(helper, head, body);
    case SYRINX_MSG_TIMER: return take_timer_start(helper, head, body);
    case SYRINX_MSG_TIMER_CANCEL: return take_timer_cancel(helper, head, body);
    case SYRINX_MSG_SESSION_CLOSED: return take_closed(helper, head);
    case SYRINX_MSG_IO_BEGIN:
    case SYRINX_MSG_IO_BODY:
    case SYRINX_MSG_IO_SEND:
    case SYRINX_MSG_IO_READ:
    case SYRINX_MSG_IO_ABORT:
    case SYRINX_MSG_IO_CLOSE: return host_take_io(helper, head, body);
    case SYRINX_MSG_PREWARM: return host_take_prewarm(helper, head, body);
    default: return false;
    }
}

static void fail_session(syrinx_helper *helper, proxy_session *session, const char *why) {
    pthread_mutex_lock(&helper->lock);
    bool open = session->state == SLOT_OPEN;
    syx_hsession handle = session->handle;
    uint32_t serial = session->generation;
    bool closing = session->state == SLOT_CLOSING;
    if (closing) session->state = SLOT_FREE;
    if (session->close_unsent) helper->unsent_closes--;
    session->close_unsent = false;
    session->outstanding_frames = 0;
    pthread_mutex_unlock(&helper->lock);
    /* The host ends in order what the plugin was about to end. */
    if (closing) return host_session_closed(session, serial, handle);
    host_drop_io(session, serial, true);
    if (!open) return;
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = SYX_EV_ERROR, .i0 = SYX_EUNAVAILABLE,
        .i1 = SYX_ERR_RETRYABLE, .text = {why, strlen(why)}};
    helper->core->emit(handle, &event);
}

void host_fail_everything(syrinx_helper *helper) {
    char why[160];
    snprintf(why, sizeof why, "the plugin's helper is gone: %s", helper->death.doing);
    for (uint32_t i = 0; i < helper->options.sessions; i++) fail_session(helper, &helper->sessions[i], why);
    pthread_mutex_lock(&helper->lock);
    pthread_cond_broadcast(&helper->changed);
    bool taken = helper->taken;
    pthread_mutex_unlock(&helper->lock);
    if (taken && helper->callbacks.lost) helper->callbacks.lost(helper->callbacks.context, &helper->death);
}
