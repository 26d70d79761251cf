/* SPDX-License-Identifier: Apache-2.0
 *
 * Towards the helper: what the network brings, what was taken, what was refused. */
#include "io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t host_io_services(proxy_provider *provider, const syx_core *core) {
    provider->http = core->service(provider->handle, SYX_SERVICE_HTTP_1);
    provider->ws = core->service(provider->handle, SYX_SERVICE_WS_1);
    provider->secret = core->service(provider->handle, SYX_SERVICE_SECRET_1);
    if (provider->http && !SYX_HAS(provider->http, syx_http_v1, prewarm)) provider->http = NULL;
    if (provider->ws && !SYX_HAS(provider->ws, syx_ws_v1, close)) provider->ws = NULL;
    if (provider->secret && !SYX_HAS(provider->secret, syx_secret_v1, hmac_sha256)) provider->secret = NULL;
    return (provider->http ? SYRINX_IO_HTTP : 0) | (provider->ws ? SYRINX_IO_WS : 0)
        | (provider->secret ? SYRINX_IO_SIGN : 0);
}

/* ---- what is kept ---- */

proxy_exchange *host_io_place(proxy_session *session, uint64_t id) {
    if (!session->exchanges) session->exchanges = calloc(SYRINX_PLACES, sizeof *session->exchanges);
    return session->exchanges ? &session->exchanges[syrinx_place(id)] : NULL;
}

void host_io_take_tables(proxy_session *session, proxy_exchange *exchange) {
    pthread_mutex_lock(&session->helper->lock);
    if (session->provider && session->generation == exchange->serial) {
        exchange->http = session->provider->http;
        exchange->ws = session->provider->ws;
        exchange->secret = session->provider->secret;
    }
    pthread_mutex_unlock(&session->helper->lock);
}

proxy_exchange *host_find_exchange(proxy_session *session, uint32_t serial, uint64_t id) {
    if (!session->exchanges || id == 0) return NULL;
    proxy_exchange *exchange = &session->exchanges[syrinx_place(id)];
    return exchange->plugin == id && exchange->serial == serial ? exchange : NULL;
}

bool host_io_keep(syrinx_helper *helper, uint64_t bytes) {
    return atomic_fetch_add(&helper->io_bytes, bytes) + bytes <= 2 * SYRINX_IO_UNDER_WAY;
}

static void release(syrinx_helper *helper, uint64_t bytes) { atomic_fetch_sub(&helper->io_bytes, bytes); }

void host_io_drop_parts(syrinx_helper *helper, proxy_exchange *exchange) {
    while (exchange->first) {
        io_part *part = exchange->first;
        exchange->first = part->next;
        free(part);
    }
    exchange->last = &exchange->first;
    release(helper, exchange->waiting);
    exchange->waiting = 0;
}

void host_io_drop_block(syrinx_helper *helper, proxy_exchange *exchange) {
    free(exchange->block);
    exchange->block = NULL;
    release(helper, exchange->block_bytes);
    exchange->block_bytes = 0;
}

void host_io_forget(syrinx_helper *helper, proxy_exchange *exchange) {
    host_io_drop_parts(helper, exchange);
    host_io_drop_block(helper, exchange);
    free(exchange->close_reason);
    if (exchange->unsent) helper->io_unsent--;
    memset(exchange, 0, sizeof *exchange);
}

/* ---- calls of the host's services ---- */

syx_status host_io_send(const proxy_exchange *exchange, uint32_t flags, const void *bytes, size_t count) {
    if (exchange->begin.what == SYRINX_IO_WS)
        return exchange->ws->send(exchange->handle, exchange->host, flags, bytes, count);
    return exchange->http->send(exchange->handle, exchange->host, bytes, count, flags);
}

void host_io_abort(const proxy_exchange *exchange) {
    if (exchange->begin.what == SYRINX_IO_WS)
        exchange->ws->close(exchange->handle, exchange->host, 0, (syx_str){NULL, 0});
    else
        exchange->http->abort(exchange->handle, exchange->host);
}

/* A caller hears that it was not its own doing (RFC 6455, 7.4.1); a server that a plugin has connected to is cut off. */
static void break_off(const proxy_exchange *exchange) {
    static const char why[] = "the other side has broken down";
    if (exchange->plugin < SYRINX_DOOR_IDS)
        exchange->ws->close(exchange->handle, exchange->host, 1011, (syx_str){why, sizeof why - 1});
    else
        host_io_abort(exchange);
}

void host_io_flush(proxy_session *session, proxy_exchange *exchange) {
    while (exchange->first) {
        io_part *part = exchange->first;
        if (host_io_send(exchange, part->flags, part->bytes, part->size) == SYX_EAGAIN) break;
        exchange->first = part->next;
        if (!exchange->first) exchange->last = &exchange->first;
        exchange->waiting -= part->size;
        exchange->taken += part->size;
        release(session->helper, part->size);
        free(part);
    }
    if (!exchange->first && exchange->closing) {
        const char *reason = exchange->close_reason ? exchange->close_reason : "";
        exchange->closing = false;
        exchange->ws->close(exchange->handle, exchange->host, exchange->close_code, (syx_str){reason, strlen(reason)});
    }
    host_io_tell(session, exchange);
}

/* ---- telling the helper ---- */

void host_io_refuse(proxy_exchange *exchange, syx_status status, uint32_t flags, const char *message) {
    exchange->refused = true;
    exchange->status = status < 0 ? status : SYX_EINTERNAL;
    exchange->error_flags = flags;
    snprintf(exchange->message, sizeof exchange->message, "%s", message);
}

/* A request that did not begin ends as one that did; a signature that cannot be made is a digest with an error. */
static syx_status tell_refusal(syrinx_helper *helper, uint32_t slot, const proxy_exchange *exchange) {
    bool is_signature = exchange->begin.what == SYRINX_IO_SIGN;
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .generation = exchange->begin.generation,
        .id = is_signature ? exchange->begin.cookie : exchange->plugin, .t_ns = host_now(), .i0 = exchange->status,
        .i1 = exchange->error_flags, .text = {exchange->message, strlen(exchange->message)}};
    event.type = is_signature ? SYX_EV_DIGEST : exchange->begin.what == SYRINX_IO_WS ? SYX_EV_WS_CLOSED : SYX_EV_HTTP_DONE;
    syrinx_wire_event wire;
    struct iovec parts[SYRINX_EVENT_PARTS];
    int count = syrinx_event_parts(&event, &wire, parts);
    return host_send(helper, SYRINX_MSG_EVENT, slot, exchange->serial, parts, count);
}

static syx_status tell_taken(syrinx_helper *helper, uint32_t slot, proxy_exchange *exchange) {
    syrinx_wire_io wire = {.id = exchange->plugin, .bytes = (uint32_t)exchange->taken};
    struct iovec parts[1] = {{&wire, sizeof wire}};
    syx_status status = host_send(helper, SYRINX_MSG_IO_TAKEN, slot, exchange->serial, parts, 1);
    if (status == SYX_OK) exchange->taken = 0;
    return status;
}

void host_io_tell(proxy_session *session, proxy_exchange *exchange) {
    syrinx_helper *helper = session->helper;
    pthread_mutex_lock(&helper->lock);
    syx_status status = exchange->taken ? tell_taken(helper, session->slot, exchange) : SYX_OK;
    if (status == SYX_OK && exchange->refused) status = tell_refusal(helper, session->slot, exchange);
    pthread_mutex_unlock(&helper->lock);
    bool unsent = status == SYX_EAGAIN;
    if (unsent != exchange->unsent) helper->io_unsent += unsent ? 1 : (uint32_t)-1;
    exchange->unsent = unsent;
    bool is_over = exchange->refused || (exchange->begin.what == SYRINX_IO_SIGN && !exchange->block);
    if (!unsent && is_over) host_io_forget(helper, exchange);
}

void host_flush_io(syrinx_helper *helper) {
    for (uint32_t i = 0; helper->io_unsent > 0 && i < helper->options.sessions; i++) {
        proxy_session *session = &helper->sessions[i];
        pthread_mutex_lock(&session->io);
        for (int k = 0; session->exchanges && k < SYRINX_PLACES; k++)
            if (session->exchanges[k].unsent) host_io_tell(session, &session->exchanges[k]);
        pthread_mutex_unlock(&session->io);
    }
}

/* ---- events of the network ---- */

static proxy_exchange *by_host_id(proxy_session *session, uint64_t id) {
    for (int i = 0; session->exchanges && id && i < SYRINX_PLACES; i++) {
        proxy_exchange *exchange = &session->exchanges[i];
        if (exchange->host == id && exchange->plugin && exchange->serial == session->generation) return exchange;
    }
    return NULL;
}

/* A caller's socket: the plugin has taken it by its answer at the door. Both sides call it by the host's id. */
static proxy_exchange *take_in(proxy_session *session, const syx_event *event) {
    if (event->type != SYX_EV_WS_OPEN || event->id == 0 || event->id >= SYRINX_DOOR_IDS) return NULL;
    proxy_exchange *exchange = host_io_place(session, event->id);
    if (!exchange) return NULL;
    host_io_forget(session->helper, exchange);
    *exchange = (proxy_exchange){.plugin = event->id, .host = event->id, .serial = session->generation,
        .handle = session->handle, .begin = {.id = event->id, .what = SYRINX_IO_WS}};
    exchange->last = &exchange->first;
    host_io_take_tables(session, exchange);
    if (exchange->ws) return exchange;
    host_io_forget(session->helper, exchange);
    return NULL;
}

static syx_status pass_on(proxy_session *session, proxy_exchange *exchange, const syx_event *given) {
    syrinx_helper *helper = session->helper;
    syx_event event = *given;
    event.id = exchange->plugin;
    syrinx_wire_event wire;
    struct iovec parts[SYRINX_EVENT_PARTS];
    int count = syrinx_event_parts(&event, &wire, parts);
    pthread_mutex_lock(&helper->lock);
    syx_status status = host_send(helper, SYRINX_MSG_EVENT, session->slot, session->generation, parts, count);
    if (status == SYX_OK) helper->stats.events_in++;
    pthread_mutex_unlock(&helper->lock);
    bool is_end = event.type == SYX_EV_HTTP_DONE || event.type == SYX_EV_WS_CLOSED;
    if (status == SYX_OK && is_end) host_io_forget(helper, exchange);
    return status;
}

syx_status host_io_event(proxy_session *session, const syx_event *event) {
    pthread_mutex_lock(&session->io);
    proxy_exchange *exchange = by_host_id(session, event->id);
    if (!exchange) exchange = take_in(session, event);
    syx_status status = SYX_SKIP;
    if (exchange && event->type == SYX_EV_IO_WRITABLE) {
        host_io_flush(session, exchange);
        status = SYX_OK;
    } else if (exchange) {
        status = pass_on(session, exchange, event);
    }
    pthread_mutex_unlock(&session->io);
    return status;
}

void host_drop_io(proxy_session *session, uint32_t serial, bool abort) {
    pthread_mutex_lock(&session->io);
    for (int i = 0; session->exchanges && i < SYRINX_PLACES; i++) {
        proxy_exchange *exchange = &session->exchanges[i];
        if (!exchange->plugin || exchange->serial != serial) continue;
        if (abort && exchange->host) break_off(exchange);
        host_io_forget(session->helper, exchange);
    }
    pthread_mutex_unlock(&session->io);
}

void host_free_io(proxy_session *session) {
    for (int i = 0; session->exchanges && i < SYRINX_PLACES; i++)
        host_io_forget(session->helper, &session->exchanges[i]);
    free(session->exchanges);
    session->exchanges = NULL;
}
