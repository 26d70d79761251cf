/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's messages, each a call into the plugin. The host is trusted, its messages are still read with care: a
 * mistake there should not look like a plugin's crash. */
#include "helper.h"

#include <string.h>

static const syx_plugin_vt *functions(uint32_t provider) { return helper.providers[provider].descriptor->vt; }

static void reply(uint32_t serial, syx_status status, const syx_err *error) {
    syrinx_wire_reply wire = {.status = status};
    if (error) {
        wire.code = error->code;
        wire.flags = error->flags;
        wire.retry_after_ms = error->retry_after_ms;
        wire.vendor_code = error->vendor_code;
        memcpy(wire.message, error->msg, sizeof wire.message - 1);
    }
    struct iovec parts[1] = {{&wire, sizeof wire}};
    helper_send(SYRINX_MSG_REPLY, 0, serial, parts, 1);
}

static syx_status open_provider(uint32_t slot, syrinx_cursor body, syx_err *error) {
    syrinx_wire_provider wire;
    syx_str texts[4];
    if (slot >= PROVIDERS || !syrinx_take(&body, &wire, sizeof wire)
        || !syrinx_take_strings(&body, &wire.strings, 4, texts) || wire.descriptor >= helper.module->n_plugins)
        return SYX_EINVAL;
    helper_provider *provider = &helper.providers[slot];
    provider->descriptor = helper.module->plugins[wire.descriptor];
    provider->services = wire.services;
    syx_provider_params params = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor), .tenant = texts[0],
        .config_json = texts[1], .data_dir = texts[2], .instance_name = texts[3], .descriptor = provider->descriptor};
    helper_enter(SYRINX_CALL_OPEN, slot, 0);
    syx_status status
        = provider->descriptor->vt->open(helper.core, helper_provider_handle(slot), &params, &provider->plugin, error);
    helper_leave();
    provider->used = status >= 0;
    return status;
}

static syx_status close_provider(uint32_t slot) {
    if (slot >= PROVIDERS || !helper.providers[slot].used) return SYX_EINVAL;
    helper.providers[slot].used = false;
    helper_enter(SYRINX_CALL_CLOSE, slot, 0);
    functions(slot)->close(helper.providers[slot].plugin);
    helper_leave();
    return SYX_OK;
}

/* An answer at once becomes the event that a late one is. */
static void ask_health(uint32_t slot, syrinx_cursor body) {
    uint64_t id;
    if (slot >= PROVIDERS || !helper.providers[slot].used || !syrinx_take(&body, &id, sizeof id)) return;
    syx_err error = {.struct_size = sizeof error};
    if (!functions(slot)->health) return;
    helper_enter(SYRINX_CALL_HEALTH, slot, 0);
    syx_status status = functions(slot)->health(helper.providers[slot].plugin, id, &error);
    helper_leave();
    if (status == SYX_PENDING) return;
    error.msg[sizeof error.msg - 1] = 0;
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = SYX_EV_HEALTH, .id = id, .i0 = status,
        .text = {error.msg, strlen(error.msg)}};
    helper.core->emit_provider(helper_provider_handle(slot), &event);
}

static syx_status open_session(uint32_t slot, uint32_t generation, syrinx_cursor body, syx_err *error) {
    syrinx_wire_session wire;
    syx_str texts[6];
    if (slot >= SYRINX_SLOTS || !syrinx_take(&body, &wire, sizeof wire)
        || !syrinx_take_strings(&body, &wire.strings, 6, texts) || wire.provider >= PROVIDERS
        || !helper.providers[wire.provider].used || helper.sessions[slot].state != SESSION_FREE)
        return SYX_EINVAL;
    helper_session *session = &helper.sessions[slot];
    pthread_mutex_lock(&helper.lock);
    /* A session that was refused may have left tasks. */
    if (session->task_runs || session->tasks_waiting > 0) {
        pthread_mutex_unlock(&helper.lock);
        return SYX_EAGAIN;
    }
    memset(session, 0, sizeof *session);
    session->state = SESSION_OPEN;
    session->generation = generation;
    session->provider = wire.provider;
    session->out = wire.out;
    pthread_mutex_unlock(&helper.lock);
    syx_session_params params = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms),
        .max_frame_samples = wire.max_frame_samples, .tenant = texts[0], .session = texts[1], .user = texts[2],
        .traceparent = texts[3], .locale = texts[4], .options_json = texts[5], .in = wire.in, .out = wire.out,
        .credit_ms = wire.credit_ms, .deadline_ms = wire.deadline_ms};
    helper_enter(SYRINX_CALL_SESSION_OPEN, slot, 0);
    syx_status status = functions(wire.provider)->session_open(helper.providers[wire.provider].plugin,
        helper_session_handle(slot), &params, &session->plugin, error);
    helper_leave();
    if (status < 0) {
        helper_end_exchanges(session);
        pthread_mutex_lock(&helper.lock);
        session->state = SESSION_FREE;
        pthread_mutex_unlock(&helper.lock);
    }
    return status;
}

static void close_session(uint32_t slot, uint32_t generation) {
    if (slot >= SYRINX_SLOTS || helper.sessions[slot].state == SESSION_CLOSING) return;
    if (helper.sessions[slot].state == SESSION_FREE) {
        /* Refused after the host had stopped waiting for the answer: it gets its slot back all the same. */
        helper_send(SYRINX_MSG_SESSION_CLOSED, slot, generation, NULL, 0);
        return;
    }
    helper_session *session = &helper.sessions[slot];
    pthread_mutex_lock(&helper.lock);
    session->state = SESSION_CLOSING;
    /* What run() has taken runs: who else would free what it was given? */
    bool busy = session->task_runs || session->tasks_waiting > 0;
    pthread_mutex_unlock(&helper.lock);
    if (!busy) helper_finish_closing(slot);
}

void helper_finish_closing(uint32_t slot) {
    helper_session *session = &helper.sessions[slot];
    helper_enter(SYRINX_CALL_SESSION_CLOSE, slot, 0);
    functions(session->provider)->session_close(session->plugin);
    helper_leave();
    uint32_t generation = session->generation;
    helper_end_exchanges(session);
    pthread_mutex_lock(&helper.lock);
    session->state = SESSION_FREE;
    pthread_mutex_unlock(&helper.lock);
    helper_send(SYRINX_MSG_SESSION_CLOSED, slot, generation, NULL, 0);
}

/* False when the plugin has cancelled it. */
static bool forget_timer(helper_session *session, syx_event *event) {
    /* The host puts the timer's number into i1; it is taken away from the plugin's sight. */
    uint64_t timer = (uint64_t)event->i1, bit = (uint64_t)1 << (timer & 63);
    pthread_mutex_lock(&helper.lock);
    bool due = session->timers[timer & 63] == timer && !(session->unsent_cancels & bit);
    if (session->timers[timer & 63] == timer) {
        session->timers[timer & 63] = 0;
        session->unsent_cancels &= ~bit;
    }
    pthread_mutex_unlock(&helper.lock);
    event->i1 = 0;
    return due;
}

static void handle_event(uint32_t slot, syrinx_cursor body) {
    helper_session *session = &helper.sessions[slot];
    syx_event event;
    syx_frame frame;
    if (!syrinx_take_event(&body, &event, &frame)) return;
    if (event.type == SYX_EV_TIMER && !forget_timer(session, &event)) return;
    bool is_io = event.space == 0 && event.type >= SYX_EV_HTTP_HEAD && event.type <= SYX_EV_IO_WRITABLE;
    if (is_io && !helper_take_io_event(session, &event)) return;
    const syx_plugin_vt *vt = functions(session->provider);
    if (!vt->handle) return;
    helper_enter(SYRINX_CALL_HANDLE, slot, event.type);
    syx_status status = vt->handle(session->plugin, &event);
    helper_leave();
    /* The caller did not wait for this answer: a refusal becomes the terminal that it stands for. */
    bool is_request = event.type == SYX_EV_END_OF_INPUT || event.type == SYX_EV_SPEAK || event.type == SYX_EV_PROMPT
        || event.type == SYX_EV_TOOL_RESULT || event.type == SYX_EV_HTTP_REQUEST;
    if (status >= 0 || !is_request) return;
    static const char why[] = "the plugin refused the request";
    syx_event refusal = {.struct_size = SYX_SIZEOF(syx_event, audio),
        .type = event.type == SYX_EV_HTTP_REQUEST ? SYX_EV_HTTP_REPLY : SYX_EV_ERROR, .generation = event.generation,
        .id = event.id, .i0 = status, .text = {why, sizeof why - 1}};
    syrinx_wire_event wire;
    struct iovec parts[SYRINX_EVENT_PARTS];
    helper_send(SYRINX_MSG_EMIT, slot, session->generation, parts, syrinx_event_parts(&refusal, &wire, parts));
}

static void send_frame(const syrinx_head *head, const syrinx_wire_frame_done *done, void *audio) {
    struct iovec parts[2] = {{(void *)(uintptr_t)done, sizeof *done}, {audio, done->audio_bytes}};
    helper_send_flagged(SYRINX_MSG_FRAME_DONE, head->flags, head->slot, head->serial, parts, 2);
}

static void process_frame(const syrinx_head *head, syrinx_cursor body) {
    uint32_t slot = head->slot;
    helper_session *session = &helper.sessions[slot];
    syrinx_wire_frame wire;
    if (!syrinx_take(&body, &wire, sizeof wire)) return;
    void *audio = (void *)(uintptr_t)syrinx_lend(&body, wire.audio_bytes);
    const syx_plugin_vt *vt = functions(session->provider);
    if (!audio || !SYX_HAS(vt, syx_plugin_vt, process) || !vt->process) return;
    syx_frame in = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = wire.format, .rate = wire.rate,
        .channels = wire.channels, .samples = wire.samples, .flags = wire.flags, .generation = wire.generation,
        .pts = wire.pts, .t_ns = wire.t_ns, .bytes = wire.audio_bytes, .data = audio};
    syx_frame out = in; /* in place, as the host does it */
    syx_result result = {.struct_size = SYX_SIZEOF(syx_result, pts)};
    helper_enter(SYRINX_CALL_PROCESS, slot, 0);
    syx_status status = vt->process(session->plugin, &in, wire.has_output ? &out : NULL, &result);
    helper_leave();
    bool wrote = wire.has_output && status == SYX_OK;
    syrinx_wire_frame_done done = {.pts = wire.pts, .status = status, .probability = result.probability,
        .audio_bytes = wrote ? wire.audio_bytes : 0};
    send_frame(head, &done, audio);
}

/* The host counts on an answer to each frame: one that never comes is a hang. */
static void refuse_frame(const syrinx_head *head, syrinx_cursor body) {
    syrinx_wire_frame wire;
    if (head->type != SYRINX_MSG_FRAME || !syrinx_take(&body, &wire, sizeof wire)) return;
    syrinx_wire_frame_done done = {.pts = wire.pts, .status = SYX_ECLOSED};
    send_frame(head, &done, NULL);
}

static void cancel(uint32_t slot, syrinx_cursor body) {
    helper_session *session = &helper.sessions[slot];
    uint64_t generation;
    if (!syrinx_take(&body, &generation, sizeof generation)) return;
    pthread_mutex_lock(&helper.lock);
    session->cancelled[session->next_cancelled++ % CANCELLED] = generation;
    pthread_mutex_unlock(&helper.lock);
    const syx_plugin_vt *vt = functions(session->provider);
    if (!SYX_HAS(vt, syx_plugin_vt, cancel) || !vt->cancel) return;
    helper_enter(SYRINX_CALL_CANCEL, slot, 0);
    vt->cancel(session->plugin, generation);
    helper_leave();
}

static void reset(uint32_t slot) {
    const syx_plugin_vt *vt = functions(helper.sessions[slot].provider);
    if (!SYX_HAS(vt, syx_plugin_vt, reset) || !vt->reset) return;
    helper_enter(SYRINX_CALL_RESET, slot, 0);
    vt->reset(helper.sessions[slot].plugin);
    helper_leave();
}

static void handle_session_message(const syrinx_head *head, syrinx_cursor body) {
    if (head->slot >= SYRINX_SLOTS || helper.sessions[head->slot].state != SESSION_OPEN) {
        refuse_frame(head, body);
        return;
    }
    switch (head->type) {
    case SYRINX_MSG_EVENT: handle_event(head->slot, body); break;
    case SYRINX_MSG_FRAME: process_frame(head, body); break;
    case SYRINX_MSG_CANCEL: cancel(head->slot, body); break;
    case SYRINX_MSG_RESET: reset(head->slot); break;
    case SYRINX_MSG_IO_TAKEN: helper_io_taken(&helper.sessions[head->slot], body); break;
    default: break;
    }
}

void helper_handle_message(const void *message) {
    const syrinx_head *head = message;
    syrinx_cursor body = syrinx_body(message);
    syx_err error = {.struct_size = sizeof error};
    switch (head->type) {
    case SYRINX_MSG_PROVIDER_OPEN: reply(head->serial, open_provider(head->slot, body, &error), &error); break;
    case SYRINX_MSG_PROVIDER_CLOSE: reply(head->serial, close_provider(head->slot), NULL); break;
    case SYRINX_MSG_HEALTH: ask_health(head->slot, body); break;
    case SYRINX_MSG_SESSION_OPEN:
        reply(head->serial, open_session(head->slot, head->serial, body, &error), &error);
        break;
    case SYRINX_MSG_SESSION_CLOSE: close_session(head->slot, head->serial); break;
    case SYRINX_MSG_STOP: helper.stop = true; break;
    default: handle_session_message(head, body); break;
    }
}
