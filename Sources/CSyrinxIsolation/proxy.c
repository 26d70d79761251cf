/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of a plugin that lives in a helper: each call becomes a message to it. */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A session_open is waited for so long on the caller's event loop; later it is answered by READY or ERROR. */
#define SESSION_OPEN_WAIT_MS 20
/* Room in the ring that events, frames and cancels leave to what opens and closes sessions and providers. */
#define KEPT_BACK ((uint64_t)32 << 10)

static proxy_provider *provider_of(syx_provider *provider) { return (proxy_provider *)(void *)provider; }
static proxy_session *session_of(syx_session *session) { return (proxy_session *)(void *)session; }

static void fill(syx_err *error, syx_status code, uint32_t flags, const char *message) {
    if (!error || !SYX_HAS(error, syx_err, msg)) return;
    error->code = code;
    error->flags = flags;
    snprintf(error->msg, sizeof error->msg, "%s", message);
}

/* ---- sending: under the lock ---- */

static void wake(syrinx_helper *helper) {
    if (syrinx_ring_must_wake(&helper->to)) host_wake(helper);
}

static bool opens_or_closes(uint16_t type) {
    return type == SYRINX_MSG_SESSION_OPEN || type == SYRINX_MSG_SESSION_CLOSE || type == SYRINX_MSG_PROVIDER_OPEN
        || type == SYRINX_MSG_PROVIDER_CLOSE;
}

/* What the network brings may fill half of the ring: audio and requests have the rest. What was taken is always told. */
static uint64_t kept_back(const syrinx_helper *helper, uint16_t type, const struct iovec *parts) {
    if (opens_or_closes(type)) return 0;
    if (type == SYRINX_MSG_IO_TAKEN) return KEPT_BACK / 2;
    uint16_t event = type == SYRINX_MSG_EVENT ? ((const syrinx_wire_event *)parts[0].iov_base)->type : 0;
    return event == SYX_EV_HTTP_DATA || event == SYX_EV_WS_DATA ? helper->to.capacity / 2 : KEPT_BACK;
}

syx_status host_send_flagged(syrinx_helper *helper, uint16_t type, uint16_t flags, uint32_t slot, uint32_t serial,
    const struct iovec *parts, int count) {
    if (helper->state != HELPER_ALIVE) return SYX_ECLOSED;
    syrinx_head head = {.type = type, .flags = flags, .slot = slot, .serial = serial};
    helper->to.kept_back = kept_back(helper, type, parts);
    syrinx_ring_status written = syrinx_ring_write(&helper->to, &head, parts, count);
    helper->to.kept_back = 0;
    switch (written) {
    case SYRINX_RING_OK: break;
    case SYRINX_RING_TOO_LARGE: return SYX_EINVAL;
    case SYRINX_RING_FULL: helper->stats.dropped++; return SYX_EAGAIN;
    case SYRINX_RING_CORRUPT: host_end_liar(helper); return SYX_ECLOSED;
    }
    if (helper->sent++ == atomic_load_explicit(&helper->shared->done, memory_order_relaxed))
        helper->quiet_since = host_now();
    wake(helper);
    return SYX_OK;
}

static syx_status send(
    syrinx_helper *helper, uint16_t type, uint32_t slot, uint32_t serial, const struct iovec *parts, int count) {
    return host_send_flagged(helper, type, 0, slot, serial, parts, count);
}

syx_status host_send(
    syrinx_helper *helper, uint16_t type, uint32_t slot, uint32_t serial, const struct iovec *parts, int count) {
    return send(helper, type, slot, serial, parts, count);
}

/* ---- calls with a reply ---- */

static void append_call(syrinx_helper *helper, waiting_call *call) {
    call->next = helper->calls;
    helper->calls = call;
}

static void remove_call(syrinx_helper *helper, const waiting_call *call) {
    for (waiting_call **at = &helper->calls; *at; at = &(*at)->next)
        if (*at == call) {
            *at = call->next;
            return;
        }
}

static struct timespec after(uint32_t limit_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += limit_ms / 1000;
    until.tv_nsec += (long)(limit_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return until;
}

/* Waits on the lock until the call is answered, the helper is gone, or the time is over. */
static bool wait_for(syrinx_helper *helper, const waiting_call *call, uint32_t limit_ms) {
    struct timespec until = after(limit_ms);
    while (!call->answered && helper->state == HELPER_ALIVE)
        if (pthread_cond_timedwait(&helper->changed, &helper->lock, &until) == ETIMEDOUT) break;
    return call->answered;
}

static syx_status take_reply(const waiting_call *call, syx_err *error) {
    const syrinx_wire_reply *reply = &call->reply;
    if (reply->status < 0 && error && SYX_HAS(error, syx_err, msg)) {
        error->code = reply->code;
        error->flags = reply->flags;
        error->retry_after_ms = reply->retry_after_ms;
        error->vendor_code = reply->vendor_code;
        memcpy(error->msg, reply->message, sizeof error->msg);
        error->msg[sizeof error->msg - 1] = 0;
    }
    return reply->status;
}

static syx_status gone(const syrinx_helper *helper, syx_err *error) {
    char why[200];
    snprintf(why, sizeof why, "the plugin's helper is gone (%s)", helper->death.doing);
    fill(error, SYX_EUNAVAILABLE, SYX_ERR_RETRYABLE, why);
    return SYX_EUNAVAILABLE;
}

/* Says why a message could not be sent. */
static syx_status unsent(const syrinx_helper *helper, syx_status status, syx_err *error) {
    if (status == SYX_ECLOSED) return gone(helper, error);
    if (status == SYX_EAGAIN)
        fill(error, status, SYX_ERR_RETRYABLE, "the plugin's helper is busy: too many messages wait for it");
    else
        fill(error, status, 0, "the parameters are larger than a message to the plugin's helper may be");
    return status;
}

static waiting_call *begin_call(syrinx_helper *helper, uint32_t limit_ms) {
    waiting_call *call = calloc(1, sizeof *call);
    if (!call) return NULL;
    call->serial = ++helper->next_serial ? helper->next_serial : ++helper->next_serial;
    call->since = host_now();
    call->limit_ns = (int64_t)limit_ms * 1000000;
    append_call(helper, call);
    return call;
}

void host_end_call(syrinx_helper *helper, waiting_call *call) {
    remove_call(helper, call);
    free(call);
}

/* ---- providers ---- */

static proxy_provider *free_provider(syrinx_helper *helper) {
    for (uint32_t i = 0; i < PROVIDERS; i++)
        if (!helper->providers[i].used) {
            helper->providers[i] = (proxy_provider){.helper = helper, .used = true, .slot = i};
            return &helper->providers[i];
        }
    return NULL;
}

static syx_status open_provider(const syx_core *core, syx_hprovider handle, const syx_provider_params *params,
    syx_provider **opened, syx_err *error) {
    const proxy_descriptor *proxy = (const proxy_descriptor *)(const void *)params->descriptor;
    syrinx_helper *helper = proxy->helper;
    pthread_mutex_lock(&helper->lock);
    proxy_provider *provider = free_provider(helper);
    waiting_call *call = provider ? begin_call(helper, helper->options.open_ms) : NULL;
    syx_status status = SYX_ENOMEM;
    if (call) {
        provider->handle = handle;
        uint32_t services = host_io_services(provider, core ? core : helper->core);
        syx_str texts[4] = {params->tenant, params->config_json, params->data_dir, params->instance_name};
        syrinx_wire_provider wire = {.handle = handle, .descriptor = proxy->index, .services = services};
        struct iovec parts[5] = {{&wire, sizeof wire}};
        syrinx_string_parts(texts, 4, &wire.strings, parts + 1);
        status = send(helper, SYRINX_MSG_PROVIDER_OPEN, provider->slot, call->serial, parts, 5);
        if (status == SYX_OK) {
            /* The supervisor ends a helper that takes longer; this is only the last resort. */
            bool answered = wait_for(helper, call, helper->options.open_ms + 5000);
            status = answered ? take_reply(call, error) : gone(helper, error);
        } else {
            status = unsent(helper, status, error);
        }
        host_end_call(helper, call);
    }
    if (status < 0 && provider) provider->used = false;
    if (status >= 0) helper->stats.providers++;
    pthread_mutex_unlock(&helper->lock);
    if (status >= 0) *opened = (syx_provider *)(void *)provider;
    return status;
}

/* What must not get lost, from a caller that may wait. */
static bool send_when_there_is_room(
    syrinx_helper *helper, uint16_t type, uint32_t slot, uint32_t serial, uint32_t limit_ms) {
    int64_t until = host_now() + (int64_t)limit_ms * 1000000;
    syx_status status;
    while ((status = send(helper, type, slot, serial, NULL, 0)) == SYX_EAGAIN && host_now() < until) {
        pthread_mutex_unlock(&helper->lock);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        pthread_mutex_lock(&helper->lock);
    }
    return status == SYX_OK;
}

static bool has_closing_session(const syrinx_helper *helper, const proxy_provider *provider) {
    for (uint32_t i = 0; i < helper->options.sessions; i++)
        if (helper->sessions[i].provider == provider && helper->sessions[i].state == SLOT_CLOSING) return true;
    return false;
}

/* Sessions that were closed may still have tasks to run, which use what their provider has. Waits on the lock.
 * False = some have, and go on. */
static bool wait_for_sessions(syrinx_helper *helper, const proxy_provider *provider, uint32_t limit_ms) {
    struct timespec until = after(limit_ms);
    while (helper->state == HELPER_ALIVE && has_closing_session(helper, provider))
        if (pthread_cond_timedwait(&helper->changed, &helper->lock, &until) == ETIMEDOUT) return false;
    return true;
}

static void close_provider(syx_provider *raw) {
    proxy_provider *provider = provider_of(raw);
    syrinx_helper *helper = provider->helper;
    pthread_mutex_lock(&helper->lock);
    uint32_t limit_ms = helper->options.ctl_hang_ms + 1000;
    bool is_idle = wait_for_sessions(helper, provider, limit_ms);
    waiting_call *call = is_idle ? begin_call(helper, helper->options.ctl_hang_ms) : NULL;
    if (call && send_when_there_is_room(helper, SYRINX_MSG_PROVIDER_CLOSE, provider->slot, call->serial, limit_ms))
        wait_for(helper, call, limit_ms);
    if (call) host_end_call(helper, call);
    /* One that cannot be closed keeps its place until the helper ends. */
    provider->used = !is_idle;
    helper->stats.providers--;
    pthread_mutex_unlock(&helper->lock);
}

static syx_status health(syx_provider *raw, uint64_t id, syx_err *error) {
    proxy_provider *provider = provider_of(raw);
    syrinx_helper *helper = provider->helper;
    struct iovec parts[1] = {{&id, sizeof id}};
    pthread_mutex_lock(&helper->lock);
    syx_status status = send(helper, SYRINX_MSG_HEALTH, provider->slot, 0, parts, 1);
    if (status == SYX_ECLOSED) status = gone(helper, error);
    pthread_mutex_unlock(&helper->lock);
    return status == SYX_OK ? SYX_PENDING : status;
}

/* ---- sessions ---- */

static proxy_session *free_session(syrinx_helper *helper) {
    for (uint32_t i = 0; i < helper->options.sessions; i++)
        if (helper->sessions[i].state == SLOT_FREE) return &helper->sessions[i];
    return NULL;
}

static void begin_session(
    proxy_session *session, proxy_provider *provider, syx_hsession handle, uint32_t generation) {
    session->state = SLOT_OPENING;
    session->handle = handle;
    session->provider = provider;
    session->generation = generation;
    session->outstanding_frames = 0;
    session->is_cancelled = false;
    memset(session->timers, 0, sizeof session->timers);
    atomic_store(&session->helper->shared->paused[session->slot], 0);
}

static syx_status send_open(proxy_provider *provider, const proxy_session *session, const syx_session_params *params) {
    syx_str texts[6] = {params->tenant, params->session, params->user, params->traceparent, params->locale,
        params->options_json};
    syrinx_wire_session wire = {.handle = session->handle, .provider = provider->slot,
        .max_frame_samples = params->max_frame_samples, .credit_ms = params->credit_ms,
        .deadline_ms = params->deadline_ms, .in = params->in, .out = params->out};
    struct iovec parts[7] = {{&wire, sizeof wire}};
    syrinx_string_parts(texts, 6, &wire.strings, parts + 1);
    return send(provider->helper, SYRINX_MSG_SESSION_OPEN, session->slot, session->generation, parts, 7);
}

static syx_status open_session(syx_provider *raw, syx_hsession handle, const syx_session_params *params,
    syx_session **opened, syx_err *error) {
    proxy_provider *provider = provider_of(raw);
    syrinx_helper *helper = provider->helper;
    pthread_mutex_lock(&helper->lock);
    proxy_session *session = free_session(helper);
    waiting_call *call = session ? begin_call(helper, helper->options.ctl_hang_ms) : NULL;
    uint32_t serial = call ? call->serial : 0;
    syx_status status = SYX_EQUOTA;
    if (!session) fill(error, SYX_EQUOTA, SYX_ERR_RETRYABLE, "the helper serves no more sessions");
    if (call) {
        call->is_session = true;
        call->slot = session->slot;
        begin_session(session, provider, handle, call->serial);
        status = send_open(provider, session, params);
        if (status == SYX_OK) {
            bool answered = wait_for(helper, call, SESSION_OPEN_WAIT_MS);
            if (helper->state != HELPER_ALIVE) {
                /* Answered or not: the sessions that were open have been told of the end, this one was not. */
                status = gone(helper, error);
            } else if (answered) {
                status = take_reply(call, error);
            } else {
                call->abandoned = true;
                status = SYX_PENDING;
            }
        } else {
            status = unsent(helper, status, error);
        }
        session->state = status < 0 ? SLOT_FREE : SLOT_OPEN;
        if (status >= 0) helper->stats.sessions++;
        if (!call->abandoned) host_end_call(helper, call);
    }
    pthread_mutex_unlock(&helper->lock);
    if (status < 0 && serial) host_drop_io(session, serial, true);
    if (status >= 0) *opened = (syx_session *)(void *)session;
    return status;
}

static void forget_abandoned(syrinx_helper *helper, uint32_t serial) {
    for (waiting_call *call = helper->calls; call; call = call->next)
        if (call->abandoned && call->serial == serial) {
            host_end_call(helper, call);
            return;
        }
}

void host_send_closes(syrinx_helper *helper) {
    for (uint32_t i = 0; helper->unsent_closes > 0 && i < helper->options.sessions; i++) {
        proxy_session *session = &helper->sessions[i];
        if (!session->close_unsent) continue;
        if (send(helper, SYRINX_MSG_SESSION_CLOSE, i, session->generation, NULL, 0) == SYX_EAGAIN) return;
        session->close_unsent = false;
        helper->unsent_closes--;
    }
}

/* A plugin that is connected may say goodbye in its session_close: its requests and sockets stay until that has
 * returned, and `closed` tells the host that it has. Nothing is waited for here, on an event loop. */
static void close_session(syx_session *raw) {
    proxy_session *session = session_of(raw);
    syrinx_helper *helper = session->helper;
    uint64_t timers[TIMERS];
    uint32_t count = 0;
    pthread_mutex_lock(&helper->lock);
    for (int i = 0; i < TIMERS; i++)
        if (session->timers[i].plugin) timers[count++] = session->timers[i].host;
    syx_hsession handle = session->handle;
    uint32_t serial = session->generation;
    forget_abandoned(helper, session->generation);
    host_forget_cancels(session);
    helper->outstanding_frames -= session->outstanding_frames;
    session->outstanding_frames = 0;
    helper->stats.sessions--;
    /* The slot is free when the helper says that the plugin's own session_close has returned. */
    session->state = helper->state == HELPER_ALIVE ? SLOT_CLOSING : SLOT_FREE;
    if (session->state == SLOT_CLOSING) {
        session->close_unsent = true;
        helper->unsent_closes++;
        host_send_closes(helper);
    }
    bool is_over = session->state == SLOT_FREE;
    pthread_mutex_unlock(&helper->lock);
    host_drop_backlog(session);
    if (is_over) host_session_closed(session, serial, handle);
    for (uint32_t i = 0; i < count; i++) helper->core->timer_cancel(handle, timers[i]);
}

const syx_plugin_vt host_proxy_vt = {.struct_size = SYX_SIZEOF(syx_plugin_vt, reset),
    .open = open_provider,
    .close = close_provider,
    .health = health,
    .session_open = open_session,
    .session_close = close_session,
    .handle = host_handle,
    .process = host_process,
    .cancel = host_cancel,
    .reset = host_reset};
