/* SPDX-License-Identifier: Apache-2.0
 *
 * The syx_core table of a helper: what the plugin calls becomes a message to the host. */
#include "io.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Answers to frames that came together are told together, but none waits longer for the others. */
#define LONGEST_UNTOLD_NS 100000

/* ---- handles: index + 1 below, the slot's generation above; 0 is nothing ---- */

syx_hsession helper_session_handle(uint32_t slot) {
    return (uint64_t)helper.sessions[slot].generation << 32 | (slot + 1);
}

helper_session *helper_find_session(syx_hsession handle) {
    uint32_t slot = (uint32_t)handle - 1;
    if (slot >= SYRINX_SLOTS) return NULL;
    helper_session *session = &helper.sessions[slot];
    return session->state == SESSION_OPEN && session->generation == handle >> 32 ? session : NULL;
}

helper_session *helper_find_closing_session(syx_hsession handle) {
    uint32_t slot = (uint32_t)handle - 1;
    if (slot >= SYRINX_SLOTS) return NULL;
    helper_session *session = &helper.sessions[slot];
    return session->state != SESSION_FREE && session->generation == handle >> 32 ? session : NULL;
}

syx_hprovider helper_provider_handle(uint32_t index) { return index + 1; }

static uint32_t provider_slot(syx_hprovider handle) { return (uint32_t)handle - 1; }
static uint32_t slot_of(const helper_session *session) { return (uint32_t)(session - helper.sessions); }

/* ---- sending ---- */

static int64_t real_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void wake_host(void) {
    uint64_t one = 1;
    if (syrinx_ring_must_wake(&helper.out) && write(helper.wake_host, &one, sizeof one) < 0) _exit(3);
}

static bool write_locked(syrinx_head head, const struct iovec *parts, int count) {
    if (syrinx_ring_write(&helper.out, &head, parts, count) != SYRINX_RING_OK) return false;
    if (head.type != SYRINX_MSG_FRAME_DONE)
        wake_host();
    else if (helper.untold_since == 0)
        helper.untold_since = real_now();
    return true;
}

void helper_tell_frames(bool more_follow) {
    if (helper.untold_since == 0 || (more_follow && real_now() - helper.untold_since < LONGEST_UNTOLD_NS)) return;
    helper.untold_since = 0;
    wake_host();
}

bool helper_send_locked(uint16_t type, uint32_t slot, uint32_t serial, const struct iovec *parts, int count) {
    return write_locked((syrinx_head){.type = type, .slot = slot, .serial = serial}, parts, count);
}

void helper_send(uint16_t type, uint32_t slot, uint32_t serial, const struct iovec *parts, int count) {
    helper_send_flagged(type, 0, slot, serial, parts, count);
}

void helper_send_flagged(
    uint16_t type, uint16_t flags, uint32_t slot, uint32_t serial, const struct iovec *parts, int count) {
    syrinx_head head = {.type = type, .flags = flags, .slot = slot, .serial = serial};
    size_t size = sizeof(syrinx_head);
    for (int i = 0; i < count; i++) size += parts[i].iov_len;
    if (size > syrinx_ring_limit(&helper.out)) _exit(3); /* it will never fit: the host sees the helper end */
    for (;;) {
        pthread_mutex_lock(&helper.lock);
        bool sent = write_locked(head, parts, count);
        pthread_mutex_unlock(&helper.lock);
        if (sent) return;
        wake_host(); /* it may not know of the answers that fill the ring */
        struct timespec moment = {.tv_nsec = 200000};
        nanosleep(&moment, NULL);
    }
}

/* ---- the table ---- */

static const void *core_service(syx_hprovider provider, const char *id) {
    if (!id) return NULL;
    if (strcmp(id, SYX_SERVICE_AUDIO_1) == 0) return helper_audio();
    uint32_t slot = provider_slot(provider);
    return slot < PROVIDERS ? helper_io_service(helper.providers[slot].services, id) : NULL;
}

bool helper_is_cancelled(const helper_session *session, uint64_t generation) {
    if (generation == 0) return false;
    for (int i = 0; i < CANCELLED; i++)
        if (session->cancelled[i] == generation) return true;
    return false;
}

static bool ends_a_request(uint16_t type) {
    return type == SYX_EV_DONE || type == SYX_EV_CANCELLED || type == SYX_EV_ERROR;
}

/* Under the lock. */
static bool is_sound(const helper_session *session, const syx_event *event) {
    const helper_provider *provider = &helper.providers[session->provider];
    if (event->space != 0 || !helper_may_emit(provider->descriptor->kind, event->type)) return false;
    if (!helper_is_text(event->text) || !helper_is_text(event->json)) return false;
    return event->type != SYX_EV_AUDIO_OUT || (event->audio && helper_is_audio(event->audio, session->out.rate));
}

static syx_status send_event(const helper_session *session, const syx_event *event) {
    syrinx_wire_event wire;
    struct iovec parts[SYRINX_EVENT_PARTS];
    int count = syrinx_event_parts(event, &wire, parts);
    size_t size = sizeof(syrinx_head);
    for (int i = 0; i < count; i++) size += parts[i].iov_len;
    if (size > syrinx_ring_limit(&helper.out)) return SYX_EINVAL;
    if (helper_send_locked(SYRINX_MSG_EMIT, slot_of(session), session->generation, parts, count)) return SYX_OK;
    helper_starve_locked(slot_of(session));
    return SYX_EAGAIN;
}

/* The host counts it: an event of no type is a fault there. */
static syx_status fault(const helper_session *session) {
    const syx_event nothing = {.struct_size = SYX_SIZEOF(syx_event, audio)};
    send_event(session, &nothing);
    return SYX_EINVAL;
}

static syx_status core_emit(syx_hsession handle, const syx_event *event) {
    if (!event) return SYX_EINVAL;
    pthread_mutex_lock(&helper.lock);
    helper_session *session = helper_find_session(handle);
    syx_status status;
    if (!session) {
        status = SYX_ECLOSED;
    } else if (event->struct_size < SYX_SIZEOF(syx_event, audio) || !is_sound(session, event)) {
        status = fault(session);
    } else if (helper_is_cancelled(session, event->generation) && !ends_a_request(event->type)) {
        status = SYX_ESTALE;
    } else if (atomic_load_explicit(&helper.shared->paused[slot_of(session)], memory_order_acquire)) {
        status = SYX_EAGAIN;
    } else {
        syx_event sent = *event;
        if (sent.type != SYX_EV_AUDIO_OUT) sent.audio = NULL;
        status = send_event(session, &sent);
    }
    pthread_mutex_unlock(&helper.lock);
    return status;
}

static syx_status core_emit_provider(syx_hprovider handle, const syx_event *event) {
    if (!event || event->struct_size < SYX_SIZEOF(syx_event, audio) || event->audio) return SYX_EINVAL;
    if (provider_slot(handle) >= PROVIDERS) return SYX_ECLOSED;
    syrinx_wire_event wire;
    struct iovec parts[SYRINX_EVENT_PARTS];
    int count = syrinx_event_parts(event, &wire, parts);
    pthread_mutex_lock(&helper.lock);
    bool sent = helper_send_locked(SYRINX_MSG_EMIT_PROVIDER, provider_slot(handle), 0, parts, count);
    pthread_mutex_unlock(&helper.lock);
    return sent ? SYX_OK : SYX_EAGAIN;
}

static int64_t core_now(syx_hprovider provider) {
    (void)provider;
    if (helper.virtual_clock) return atomic_load_explicit(&helper.shared->clock, memory_order_acquire);
    return real_now();
}

static void core_log(syx_hprovider provider, syx_hsession session, uint32_t level, syx_str message, syx_str fields) {
    (void)session;
    syx_str texts[2] = {message, fields};
    for (int i = 0; i < 2; i++)
        if (texts[i].len > 8192) texts[i].len = i == 0 ? 8192 : 0;
    syrinx_wire_log wire = {.level = level};
    struct iovec parts[3] = {{&wire, sizeof wire}};
    syrinx_string_parts(texts, 2, &wire.strings, parts + 1);
    pthread_mutex_lock(&helper.lock);
    helper_send_locked(SYRINX_MSG_LOG, provider_slot(provider), 0, parts, 3);
    pthread_mutex_unlock(&helper.lock);
}

static void core_metric(syx_hprovider provider, syx_hsession session, uint32_t index, double value) {
    (void)session;
    syrinx_wire_metric wire = {.index = index, .value = value};
    struct iovec parts[1] = {{&wire, sizeof wire}};
    pthread_mutex_lock(&helper.lock);
    helper_send_locked(SYRINX_MSG_METRIC, provider_slot(provider), 0, parts, 1);
    pthread_mutex_unlock(&helper.lock);
}

/* ---- buffers: ordinary memory of this process ---- */

struct syx_buf {
    _Atomic uint32_t references;
    size_t capacity;
    _Alignas(64) unsigned char data[];
};

static _Atomic uint64_t buffer_bytes;

static syx_buf *core_buf_alloc(syx_hprovider provider, size_t bytes) {
    (void)provider;
    const uint64_t quota = (uint64_t)64 << 20;
    if (bytes > quota || atomic_load(&buffer_bytes) + bytes > quota) return NULL;
    syx_buf *buffer = aligned_alloc(64, (sizeof(syx_buf) + bytes + 63) & ~(size_t)63);
    if (!buffer) return NULL;
    atomic_init(&buffer->references, 1);
    buffer->capacity = bytes;
    atomic_fetch_add(&buffer_bytes, bytes);
    return buffer;
}

static void *core_buf_data(syx_buf *buffer, size_t *capacity) {
    if (!buffer) return NULL;
    if (capacity) *capacity = buffer->capacity;
    return buffer->data;
}

static void core_buf_retain(syx_buf *buffer) {
    if (buffer) atomic_fetch_add(&buffer->references, 1);
}

static void core_buf_release(syx_buf *buffer) {
    if (!buffer || atomic_fetch_sub(&buffer->references, 1) != 1) return;
    atomic_fetch_sub(&buffer_bytes, buffer->capacity);
    free(buffer);
}

/* ---- timers: kept by the host, so that its clock counts ---- */

static uint64_t core_timer(syx_hsession handle, uint32_t delay_ms, uint64_t cookie) {
    uint64_t timer = 0;
    pthread_mutex_lock(&helper.lock);
    helper_session *session = helper_find_session(handle);
    for (int i = 0; session && i < TIMERS && !timer; i++) {
        if (session->timers[i]) continue;
        uint64_t id = (helper.next_timer++ << 6) | (uint64_t)i;
        syrinx_wire_timer wire = {.timer = id, .cookie = cookie, .delay_ms = delay_ms};
        struct iovec parts[1] = {{&wire, sizeof wire}};
        if (!helper_send_locked(SYRINX_MSG_TIMER, slot_of(session), session->generation, parts, 1)) break;
        session->timers[i] = timer = id;
    }
    pthread_mutex_unlock(&helper.lock);
    return timer;
}

static void core_timer_cancel(syx_hsession handle, uint64_t timer) {
    pthread_mutex_lock(&helper.lock);
    helper_session *session = helper_find_session(handle);
    if (session && timer && session->timers[timer & 63] == timer) {
        syrinx_wire_timer wire = {.timer = timer};
        struct iovec parts[1] = {{&wire, sizeof wire}};
        if (helper_send_locked(SYRINX_MSG_TIMER_CANCEL, slot_of(session), session->generation, parts, 1))
            session->timers[timer & 63] = 0;
        else
            session->unsent_cancels |= (uint64_t)1 << (timer & 63);
    }
    pthread_mutex_unlock(&helper.lock);
}

static const syx_core table = {.struct_size = SYX_SIZEOF(syx_core, run),
    .abi_minor = SYX_ABI_MINOR,
    .host_name = "syrinx",
    .host_version = "isolated",
    .service = core_service,
    .emit = core_emit,
    .emit_provider = core_emit_provider,
    .now_ns = core_now,
    .log = core_log,
    .metric = core_metric,
    .buf_alloc = core_buf_alloc,
    .buf_data = core_buf_data,
    .buf_retain = core_buf_retain,
    .buf_release = core_buf_release,
    .timer = core_timer,
    .timer_cancel = core_timer_cancel,
    .run = helper_run};

const syx_core *helper_core(void) {
    helper.next_timer = 1;
    return &table;
}
