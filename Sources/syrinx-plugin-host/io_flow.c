/* SPDX-License-Identifier: Apache-2.0
 *
 * The flow of the I/O services: what waits for room in the ring, how much may be under way, and what comes back. */
#include "io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beyond this the plugin is told that nothing more is taken. */
#define MOST_WAITING_MESSAGES 65536

typedef struct waiting {
    struct waiting *next;
    uint32_t slot, serial, size;
    uint16_t type;
    unsigned char bytes[];
} waiting;

static waiting *first, **last = &first;
static uint32_t waiting_count;
static uint64_t under_way;
static uint64_t next_id = SYRINX_DOOR_IDS / SYRINX_EXCHANGES;
static bool some_refused, some_told;

/* ---- messages to the host ---- */

static void wake_main(void) {
    uint64_t one = 1;
    if (write(helper.wake_self, &one, sizeof one) < 0 && errno != EAGAIN) _exit(3);
}

static bool keep(uint16_t type, uint32_t slot, uint32_t serial, const struct iovec *parts, int count) {
    size_t size = 0;
    for (int i = 0; i < count; i++) size += parts[i].iov_len;
    waiting *message = waiting_count < MOST_WAITING_MESSAGES ? malloc(sizeof *message + size) : NULL;
    if (!message) return false;
    *message = (waiting){.slot = slot, .serial = serial, .size = (uint32_t)size, .type = type};
    for (int i = 0, at = 0; i < count; at += (int)parts[i++].iov_len)
        if (parts[i].iov_len) memcpy(message->bytes + at, parts[i].iov_base, parts[i].iov_len);
    *last = message;
    last = &message->next;
    /* The main thread may sleep without a limit. */
    if (waiting_count++ == 0) wake_main();
    atomic_fetch_add(&helper.shared->unsettled, 1);
    return true;
}

bool helper_io_write(const helper_session *session, uint16_t type, const struct iovec *parts, int count) {
    uint32_t slot = (uint32_t)(session - helper.sessions);
    if (!first && helper_send_locked(type, slot, session->generation, parts, count)) return true;
    return keep(type, slot, session->generation, parts, count);
}

static void flush(void) {
    while (first) {
        waiting *message = first;
        struct iovec part = {message->bytes, message->size};
        if (!helper_send_locked(message->type, message->slot, message->serial, &part, 1)) return;
        first = message->next;
        if (!first) last = &first;
        waiting_count--;
        atomic_fetch_sub(&helper.shared->unsettled, 1);
        free(message);
    }
}

/* ---- exchanges ---- */

helper_exchange *helper_find_exchange(helper_session *session, uint64_t id) {
    helper_exchange *exchange = session->exchanges && id ? &session->exchanges[syrinx_place(id)] : NULL;
    return exchange && exchange->id == id ? exchange : NULL;
}

static bool make_places(helper_session *session) {
    if (!session->exchanges) session->exchanges = calloc(SYRINX_PLACES, sizeof *session->exchanges);
    return session->exchanges;
}

helper_exchange *helper_new_exchange(helper_session *session, uint32_t what) {
    make_places(session);
    for (uint64_t i = 0; session->exchanges && i < SYRINX_EXCHANGES; i++) {
        if (session->exchanges[i].id) continue;
        session->exchanges[i] = (helper_exchange){.id = next_id++ * SYRINX_EXCHANGES + i, .what = what};
        return &session->exchanges[i];
    }
    return NULL;
}

void helper_end_exchange(helper_exchange *exchange) {
    under_way -= exchange->unacked;
    *exchange = (helper_exchange){0};
}

void helper_end_exchanges(helper_session *session) {
    pthread_mutex_lock(&helper.lock);
    for (int i = 0; session->exchanges && i < SYRINX_PLACES; i++) helper_end_exchange(&session->exchanges[i]);
    free(session->exchanges);
    session->exchanges = NULL;
    pthread_mutex_unlock(&helper.lock);
}

/* ---- how much is under way ---- */

bool helper_io_is_full(const helper_exchange *exchange) {
    return exchange->unacked > SYX_IO_WINDOW || under_way > SYRINX_IO_UNDER_WAY;
}

void helper_io_count(helper_exchange *exchange, uint64_t bytes) {
    exchange->unacked += bytes;
    under_way += bytes;
}

void helper_io_refuse(helper_session *session, helper_exchange *exchange) {
    exchange->refused = true;
    session->io_refused = true;
    some_refused = true;
}

void helper_io_taken(helper_session *session, syrinx_cursor body) {
    syrinx_wire_io wire;
    if (!syrinx_take(&body, &wire, sizeof wire)) return;
    pthread_mutex_lock(&helper.lock);
    helper_exchange *exchange = helper_find_exchange(session, wire.id);
    if (exchange) {
        uint64_t taken = wire.bytes < exchange->unacked ? wire.bytes : exchange->unacked;
        exchange->unacked -= taken;
        under_way -= taken;
        if (exchange->what == SYRINX_IO_SIGN && exchange->unacked == 0) helper_end_exchange(exchange);
    }
    pthread_mutex_unlock(&helper.lock);
}

/* Under the lock: an exchange of the session that may send again; 0 = none. */
static uint64_t take_writable(helper_session *session) {
    bool refused = false;
    for (int i = 0; session->exchanges && i < SYRINX_PLACES; i++) {
        helper_exchange *exchange = &session->exchanges[i];
        if (!exchange->refused || exchange->aborted) continue;
        refused = true;
        if (exchange->unacked > SYX_IO_WINDOW / 2 || under_way > SYRINX_IO_UNDER_WAY) continue;
        exchange->refused = false;
        return exchange->id;
    }
    session->io_refused = refused;
    return 0;
}

static bool next_writable(uint32_t *slot, uint64_t *id) {
    bool refused = false;
    for (uint32_t i = 0; i < SYRINX_SLOTS; i++) {
        helper_session *session = &helper.sessions[i];
        if (!session->io_refused || session->state != SESSION_OPEN) continue;
        *slot = i;
        *id = take_writable(session);
        if (*id) return true;
        refused |= session->io_refused;
    }
    some_refused = refused;
    return false;
}

/* ---- events ---- */

/* Under the lock: a caller's socket, which the plugin has taken by its answer at the door. */
static helper_exchange *take_in(helper_session *session, const syx_event *event) {
    if (event->type != SYX_EV_WS_OPEN || event->id == 0 || event->id >= SYRINX_DOOR_IDS) return NULL;
    if (!make_places(session)) return NULL;
    helper_exchange *exchange = &session->exchanges[SYRINX_EXCHANGES];
    if (exchange->id) return NULL;
    *exchange = (helper_exchange){.id = event->id, .what = SYRINX_IO_WS, .takes = true};
    return exchange;
}

bool helper_take_io_event(helper_session *session, syx_event *event) {
    bool is_end = event->type == SYX_EV_HTTP_DONE || event->type == SYX_EV_WS_CLOSED;
    pthread_mutex_lock(&helper.lock);
    helper_exchange *exchange = helper_find_exchange(session, event->id);
    if (!exchange) exchange = take_in(session, event);
    bool wanted = exchange && (is_end || !exchange->aborted), silent = exchange && exchange->silent;
    /* What ended it was under way when the plugin did: the plugin hears of its own doing. */
    if (wanted && is_end && exchange->aborted) event->i0 = SYX_ESTALE, event->i1 = 0;
    if (wanted && is_end) helper_end_exchange(exchange);
    pthread_mutex_unlock(&helper.lock);
    return wanted && !silent;
}

void helper_deliver_io(void) {
    uint32_t slot = 0;
    uint64_t id = 0;
    pthread_mutex_lock(&helper.lock);
    flush();
    bool some = some_told = some_refused && next_writable(&slot, &id);
    pthread_mutex_unlock(&helper.lock);
    if (!some) return;
    helper_session *session = &helper.sessions[slot];
    const syx_plugin_vt *vt = helper.providers[session->provider].descriptor->vt;
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = SYX_EV_IO_WRITABLE, .id = id,
        .t_ns = helper.core->now_ns(0)};
    if (!vt->handle) return;
    helper_enter(SYRINX_CALL_HANDLE, slot, event.type);
    vt->handle(session->plugin, &event);
    helper_leave();
}

bool helper_io_waits(void) {
    pthread_mutex_lock(&helper.lock);
    bool waits = first || some_told; /* one a turn is told: there may be another */
    pthread_mutex_unlock(&helper.lock);
    return waits;
}
