/* SPDX-License-Identifier: Apache-2.0
 *
 * From the helper: what its plugin asks of the I/O services. Nothing in a message is believed. */
#include "io.h"

#include <stdlib.h>
#include <string.h>

/* What an honest helper may have in one exchange: it refuses beyond the window, and the last call may go over it. */
#define MOST_WAITING (SYRINX_IO_SEND + 2 * (uint64_t)SYX_IO_WINDOW)

/* ---- beginning ---- */

static uint64_t most_body(uint32_t what) {
    return what == SYRINX_IO_HTTP ? SYRINX_IO_BODY : what == SYRINX_IO_SIGN ? SYRINX_IO_SIGNED : 0;
}

static bool has_service(const proxy_exchange *exchange, uint32_t what) {
    if (what == SYRINX_IO_HTTP) return exchange->http;
    return what == SYRINX_IO_WS ? exchange->ws != NULL : what == SYRINX_IO_SIGN && exchange->secret;
}

static void start(proxy_exchange *exchange, const syx_str texts[3], syx_str body) {
    const syrinx_wire_io_begin *begin = &exchange->begin;
    syx_err error = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    syx_request request = {.struct_size = SYX_SIZEOF(syx_request, body), .flags = begin->flags,
        .connect_ms = begin->connect_ms, .silence_ms = begin->silence_ms, .generation = begin->generation,
        .method = texts[1], .url = texts[0], .headers = texts[2], .body = body};
    exchange->host = begin->what == SYRINX_IO_WS ? exchange->ws->open(exchange->handle, &request, &error)
                                                 : exchange->http->start(exchange->handle, &request, &error);
    error.msg[sizeof error.msg - 1] = 0;
    if (!exchange->host) {
        host_io_refuse(exchange, error.code, error.flags, error.msg);
    } else if (exchange->paused) {
        if (begin->what == SYRINX_IO_WS) exchange->ws->read(exchange->handle, exchange->host, 0);
        else exchange->http->read(exchange->handle, exchange->host, 0);
    }
}

static syx_status sign(const proxy_exchange *exchange, syx_str text, syx_str body) {
    const syx_secret_v1 *secret = exchange->secret;
    uint64_t cookie = exchange->begin.cookie;
    switch (exchange->begin.flags) {
    case 0:
        return secret->hmac_sha256(exchange->handle, text, body.ptr, body.len, cookie);
    case SYRINX_SIGN_SHA1:
        if (!SYX_HAS(secret, syx_secret_v1, hmac_sha1) || !secret->hmac_sha1) return SYX_EUNSUPPORTED;
        return secret->hmac_sha1(exchange->handle, text, body.ptr, body.len, cookie);
    case SYRINX_SIGN_HASH:
        if (!SYX_HAS(secret, syx_secret_v1, sha256) || !secret->sha256) return SYX_EUNSUPPORTED;
        return secret->sha256(exchange->handle, text, cookie);
    default:
        return SYX_EUNSUPPORTED;
    }
}

/* All of it is here. */
static void perform(proxy_session *session, proxy_exchange *exchange) {
    const syrinx_wire_io_begin *begin = &exchange->begin;
    syx_str texts[3];
    const char *at = (const char *)exchange->block;
    for (int i = 0; i < 3; at += begin->strings.lengths[i++]) texts[i] = (syx_str){at, begin->strings.lengths[i]};
    syx_str body = {at, begin->body_bytes};
    if (begin->what == SYRINX_IO_SIGN) {
        syx_status status = sign(exchange, texts[0], body);
        if (status < 0) host_io_refuse(exchange, status, 0, "the signature was refused");
    } else {
        start(exchange, texts, body);
    }
    host_io_drop_block(session->helper, exchange);
    exchange->taken += begin->body_bytes + 1;
    host_io_tell(session, exchange);
}

static bool add_to_body(proxy_session *session, proxy_exchange *exchange, const void *bytes, uint64_t count) {
    if (count > exchange->begin.body_bytes - exchange->body_have) return false;
    uint64_t end = exchange->block_bytes - exchange->begin.body_bytes + exchange->body_have;
    memcpy(exchange->block + end, bytes, count);
    exchange->body_have += count;
    if (exchange->body_have == exchange->begin.body_bytes) perform(session, exchange);
    return true;
}

/* Its place must be free: a helper uses one again when it has heard of the end of what was there. */
static proxy_exchange *claim(proxy_session *session, uint32_t serial, uint64_t id) {
    if (id < SYRINX_DOOR_IDS) return NULL; /* these are the host's */
    proxy_exchange *exchange = host_io_place(session, id);
    if (!exchange || (exchange->plugin && exchange->serial == serial)) return NULL;
    host_io_forget(session->helper, exchange); /* of a session that is closed */
    return exchange;
}

static bool take_begin(proxy_session *session, const syrinx_head *head, syx_hsession handle, syrinx_cursor body) {
    syrinx_wire_io_begin begin;
    syx_str texts[3];
    if (!syrinx_take(&body, &begin, sizeof begin)) return false;
    const unsigned char *from = body.at;
    if (!syrinx_take_strings(&body, &begin.strings, 3, texts)) return false;
    uint64_t text_bytes = (uint64_t)(body.at - from);
    const void *part = syrinx_lend(&body, begin.part_bytes);
    if (!part || begin.body_bytes > most_body(begin.what) || begin.part_bytes > begin.body_bytes) return false;
    proxy_exchange *exchange = claim(session, head->serial, begin.id);
    if (!exchange) return false;
    *exchange = (proxy_exchange){.plugin = begin.id, .serial = head->serial, .handle = handle, .begin = begin};
    exchange->last = &exchange->first;
    host_io_take_tables(session, exchange);
    exchange->block_bytes = text_bytes + begin.body_bytes;
    if (!host_io_keep(session->helper, exchange->block_bytes) || !has_service(exchange, begin.what)) return false;
    exchange->block = malloc(exchange->block_bytes ? exchange->block_bytes : 1);
    if (!exchange->block) {
        host_io_refuse(exchange, SYX_ENOMEM, SYX_ERR_RETRYABLE, "the host is out of memory");
        host_io_tell(session, exchange);
        return true;
    }
    memcpy(exchange->block, from, text_bytes);
    return add_to_body(session, exchange, part, begin.part_bytes);
}

/* ---- what follows ---- */

static bool take_body(proxy_session *session, proxy_exchange *exchange, const void *bytes, uint32_t count) {
    if (exchange->ended || exchange->refused) return true;
    return exchange->block && count > 0 && add_to_body(session, exchange, bytes, count);
}

static bool keep(proxy_session *session, proxy_exchange *exchange, uint32_t flags, const void *bytes, uint32_t count) {
    if (exchange->waiting + count > MOST_WAITING || !host_io_keep(session->helper, count)) return false;
    exchange->waiting += count;
    io_part *part = malloc(sizeof *part + count);
    if (!part) return false;
    *part = (io_part){.flags = flags, .size = count};
    memcpy(part->bytes, bytes, count);
    *exchange->last = part;
    exchange->last = &part->next;
    return true;
}

static bool take_send(
    proxy_session *session, proxy_exchange *exchange, uint32_t flags, const void *bytes, uint32_t count) {
    if (exchange->ended || exchange->refused) return true;
    if (!exchange->host) return false;
    bool waits = exchange->first || host_io_send(exchange, flags, bytes, count) == SYX_EAGAIN;
    if (waits) return keep(session, exchange, flags, bytes, count);
    /* Taken, or refused for good: its end is on the way then. */
    exchange->taken += count;
    host_io_tell(session, exchange);
    return true;
}

static bool take_read(proxy_exchange *exchange, uint32_t on) {
    exchange->paused = !on;
    if (!exchange->host) return true;
    if (exchange->begin.what == SYRINX_IO_WS) exchange->ws->read(exchange->handle, exchange->host, on);
    else exchange->http->read(exchange->handle, exchange->host, on);
    return true;
}

static bool take_abort(proxy_session *session, proxy_exchange *exchange) {
    if (exchange->refused) return true;
    exchange->ended = true;
    exchange->closing = false;
    host_io_drop_parts(session->helper, exchange);
    if (exchange->host) {
        host_io_abort(exchange);
        return true;
    }
    host_io_drop_block(session->helper, exchange);
    host_io_refuse(exchange, SYX_ESTALE, 0, "the plugin ended it");
    host_io_tell(session, exchange);
    return true;
}

static bool take_close(
    proxy_session *session, proxy_exchange *exchange, uint32_t code, const void *reason, uint32_t count) {
    if (exchange->refused || exchange->ended) return true;
    if (exchange->begin.what != SYRINX_IO_WS || !exchange->host || code == 0) return false;
    exchange->ended = exchange->closing = true;
    exchange->close_code = code;
    exchange->close_reason = strndup(reason, count);
    if (!exchange->first) host_io_flush(session, exchange);
    return true;
}

static bool take_locked(
    proxy_session *session, const syrinx_head *head, const syrinx_wire_io *wire, const void *bytes) {
    proxy_exchange *exchange = host_find_exchange(session, head->serial, wire->id);
    if (!exchange) return true; /* it has ended meanwhile */
    if (exchange->begin.what == SYRINX_IO_SIGN && head->type != SYRINX_MSG_IO_BODY && head->type != SYRINX_MSG_IO_ABORT)
        return false;
    switch (head->type) {
    case SYRINX_MSG_IO_BODY: return take_body(session, exchange, bytes, wire->bytes);
    case SYRINX_MSG_IO_SEND: return take_send(session, exchange, wire->flags, bytes, wire->bytes);
    case SYRINX_MSG_IO_READ: return take_read(exchange, wire->flags);
    case SYRINX_MSG_IO_ABORT: return take_abort(session, exchange);
    default: return take_close(session, exchange, wire->flags, bytes, wire->bytes);
    }
}

/* Also while the session closes: what its plugin says then is waited for a moment (proxy.c). But nothing begins. */
static bool is_known(proxy_session *session, const syrinx_head *head, bool begins, syx_hsession *handle) {
    if (host_addressed(session->helper, head, handle)) return true;
    pthread_mutex_lock(&session->helper->lock);
    bool closing = session->state == SLOT_CLOSING && session->generation == head->serial;
    pthread_mutex_unlock(&session->helper->lock);
    return closing && !begins;
}

bool host_take_io(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    if (head->slot >= helper->options.sessions) return false;
    proxy_session *session = &helper->sessions[head->slot];
    syrinx_wire_io wire = {0};
    const void *bytes = "";
    bool begins = head->type == SYRINX_MSG_IO_BEGIN;
    if (!begins && !syrinx_take(&body, &wire, sizeof wire)) return false;
    if (!begins && (wire.bytes > SYRINX_IO_PART || !(bytes = syrinx_lend(&body, wire.bytes)))) return false;
    syx_hsession handle;
    bool sound = true;
    pthread_mutex_lock(&session->io);
    /* Asked for in here: once a close has dropped the exchanges, none may begin. */
    if (is_known(session, head, begins, &handle))
        sound = begins ? take_begin(session, head, handle, body) : take_locked(session, head, &wire, bytes);
    pthread_mutex_unlock(&session->io);
    return sound;
}

bool host_take_prewarm(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    syrinx_wire_strings wire;
    syx_str url;
    if (!syrinx_take(&body, &wire, sizeof wire) || !syrinx_take_strings(&body, &wire, 1, &url)) return false;
    if (head->slot >= PROVIDERS) return false;
    pthread_mutex_lock(&helper->lock);
    const proxy_provider *provider = &helper->providers[head->slot];
    const syx_http_v1 *http = provider->used ? provider->http : NULL;
    syx_hprovider handle = provider->handle;
    pthread_mutex_unlock(&helper->lock);
    if (http) http->prewarm(handle, url);
    return true;
}
