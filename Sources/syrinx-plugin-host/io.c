/* SPDX-License-Identifier: Apache-2.0
 *
 * "syrinx.http/1", "syrinx.ws/1" and "syrinx.secret/1" in a helper. */
#include "io.h"

#include <stdio.h>
#include <string.h>

enum { MOST_URL = 8192, MOST_HEADERS = 16384, MOST_METHOD = 32, MOST_KEY = 4096, MOST_REASON = 1024 };

static uint64_t refuse(syx_err *error, syx_status code, uint32_t flags, const char *message) {
    if (error && SYX_HAS(error, syx_err, msg)) {
        error->code = code;
        error->flags = flags;
        snprintf(error->msg, sizeof error->msg, "%s", message);
    }
    return 0;
}

static bool is_whole(syx_str text, size_t limit) { return text.len <= limit && (text.ptr || text.len == 0); }

/* ---- beginning ---- */

/* What the body has beyond the first message. */
static bool write_body(const helper_session *session, uint64_t id, const char *bytes, uint64_t count) {
    for (uint64_t at = 0; at < count; at += SYRINX_IO_PART) {
        uint64_t part = count - at < SYRINX_IO_PART ? count - at : SYRINX_IO_PART;
        syrinx_wire_io wire = {.id = id, .bytes = (uint32_t)part};
        struct iovec parts[2] = {{&wire, sizeof wire}, {(void *)(uintptr_t)(bytes + at), part}};
        if (!helper_io_write(session, SYRINX_MSG_IO_BODY, parts, 2)) return false;
    }
    return true;
}

enum begun { NOT_BEGUN, BEGUN_IN_PART, BEGUN };

static enum begun write_begin(
    const helper_session *session, syrinx_wire_io_begin *wire, const syx_str texts[3], const char *body) {
    uint64_t first = wire->body_bytes < SYRINX_IO_PART ? wire->body_bytes : SYRINX_IO_PART;
    wire->part_bytes = (uint32_t)first;
    struct iovec parts[5] = {{wire, sizeof *wire}, [4] = {(void *)(uintptr_t)body, first}};
    syrinx_string_parts(texts, 3, &wire->strings, parts + 1);
    if (!helper_io_write(session, SYRINX_MSG_IO_BEGIN, parts, 5)) return NOT_BEGUN;
    if (first == wire->body_bytes || write_body(session, wire->id, body + first, wire->body_bytes - first)) return BEGUN;
    syrinx_wire_io end = {.id = wire->id};
    helper_io_write(session, SYRINX_MSG_IO_ABORT, &(struct iovec){&end, sizeof end}, 1);
    return BEGUN_IN_PART;
}

/* Under the lock. */
static uint64_t begin_locked(syx_hsession handle, syrinx_wire_io_begin *wire, const syx_str texts[3], const char *body,
    bool takes, syx_err *error) {
    helper_session *session = helper_find_session(handle);
    if (!session) return refuse(error, SYX_ECLOSED, 0, "the session is closed");
    if (helper_is_cancelled(session, wire->generation))
        return refuse(error, SYX_ESTALE, 0, "its generation was cancelled");
    helper_exchange *exchange = helper_new_exchange(session, wire->what);
    if (!exchange)
        return refuse(error, SYX_EQUOTA, SYX_ERR_RETRYABLE, "the session has 64 requests and sockets already");
    exchange->takes = takes;
    wire->id = exchange->id;
    bool full = helper_io_is_full(exchange) && wire->body_bytes > 0;
    helper_io_count(exchange, wire->body_bytes + 1);
    enum begun begun = full ? NOT_BEGUN : write_begin(session, wire, texts, body);
    if (begun == BEGUN) return wire->id;
    /* The host gives the place back that it has seen taken. */
    exchange->aborted = exchange->silent = true;
    if (begun == NOT_BEGUN) helper_end_exchange(exchange);
    return refuse(error, full ? SYX_EQUOTA : SYX_ENOMEM, SYX_ERR_RETRYABLE, "too much waits to be sent");
}

static uint64_t begin(syx_hsession handle, const syx_request *request, uint32_t what, syx_err *error) {
    if (!request || !SYX_HAS(request, syx_request, body))
        return refuse(error, SYX_EINVAL, 0, "the request's struct_size is too small");
    if (!is_whole(request->url, MOST_URL)) return refuse(error, SYX_EINVAL, 0, "the URL is too long");
    if (!is_whole(request->headers, MOST_HEADERS) || !is_whole(request->method, MOST_METHOD))
        return refuse(error, SYX_EINVAL, 0, "the headers or the method are too long");
    bool socket = what == SYRINX_IO_WS;
    if (!socket && !is_whole(request->body, SYRINX_IO_BODY))
        return refuse(error, SYX_EINVAL, 0, "the body is too large: stream it");
    syrinx_wire_io_begin wire = {.what = what, .flags = request->flags, .connect_ms = request->connect_ms,
        .silence_ms = request->silence_ms, .generation = request->generation,
        .body_bytes = socket ? 0 : request->body.len};
    syx_str texts[3] = {request->url, request->method, request->headers};
    bool takes = socket || (request->flags & SYX_REQ_STREAM_BODY);
    pthread_mutex_lock(&helper.lock);
    uint64_t id = begin_locked(handle, &wire, texts, request->body.ptr, takes, error);
    pthread_mutex_unlock(&helper.lock);
    return id;
}

static uint64_t http_start(syx_hsession handle, const syx_request *request, syx_err *error) {
    return begin(handle, request, SYRINX_IO_HTTP, error);
}

static uint64_t ws_open(syx_hsession handle, const syx_request *request, syx_err *error) {
    return begin(handle, request, SYRINX_IO_WS, error);
}

/* ---- sending ---- */

/* One message of the host's to several of the ring's. */
static bool write_parts(const helper_session *session, uint64_t id, uint32_t flags, bool socket, const char *bytes,
    size_t count) {
    size_t at = 0;
    do {
        size_t part = count - at < SYRINX_IO_PART ? count - at : SYRINX_IO_PART;
        bool is_last = at + part == count;
        syrinx_wire_io wire = {.id = id, .bytes = (uint32_t)part};
        wire.flags = is_last ? flags : socket ? flags | SYX_WS_PART : 0;
        struct iovec parts[2] = {{&wire, sizeof wire}, {(void *)(uintptr_t)(bytes + at), part}};
        if (!helper_io_write(session, SYRINX_MSG_IO_SEND, parts, 2)) return false;
        at += part;
    } while (at < count);
    return true;
}

static syx_status send_locked(
    syx_hsession handle, uint64_t id, uint32_t what, uint32_t flags, const void *bytes, size_t count) {
    helper_session *session = helper_find_closing_session(handle);
    helper_exchange *exchange = session ? helper_find_exchange(session, id) : NULL;
    if (!exchange || exchange->what != what || exchange->aborted) return SYX_ECLOSED;
    if (!exchange->takes) return what == SYRINX_IO_WS ? SYX_ECLOSED : SYX_EINVAL;
    if (helper_io_is_full(exchange)) {
        helper_io_refuse(session, exchange);
        return SYX_EAGAIN;
    }
    if (!write_parts(session, id, flags, what == SYRINX_IO_WS, bytes, count)) {
        /* A part of it may be on its way: what follows would be read as its rest. */
        syrinx_wire_io wire = {.id = id};
        helper_io_write(session, SYRINX_MSG_IO_ABORT, &(struct iovec){&wire, sizeof wire}, 1);
        exchange->aborted = true;
        return SYX_ENOMEM;
    }
    helper_io_count(exchange, count);
    if (what == SYRINX_IO_HTTP && flags) exchange->takes = false;
    return SYX_OK;
}

static syx_status send(
    syx_hsession handle, uint64_t id, uint32_t what, uint32_t flags, const void *bytes, size_t count) {
    if (count > SYRINX_IO_SEND || (count && !bytes)) return SYX_EINVAL;
    pthread_mutex_lock(&helper.lock);
    syx_status status = send_locked(handle, id, what, flags, bytes, count);
    pthread_mutex_unlock(&helper.lock);
    return status;
}

static syx_status http_send(syx_hsession handle, uint64_t id, const void *bytes, size_t count, uint32_t last) {
    return send(handle, id, SYRINX_IO_HTTP, last != 0, bytes, count);
}

static syx_status ws_send(syx_hsession handle, uint64_t id, uint32_t flags, const void *bytes, size_t count) {
    return send(handle, id, SYRINX_IO_WS, flags & (SYX_WS_BINARY | SYX_WS_PART), bytes, count);
}

/* ---- reading and ending ---- */

static syx_status tell(syx_hsession handle, uint64_t id, uint32_t what, uint16_t type, uint32_t flags, syx_str reason) {
    if (!is_whole(reason, MOST_REASON)) reason.len = reason.ptr ? MOST_REASON : 0;
    pthread_mutex_lock(&helper.lock);
    helper_session *session = helper_find_closing_session(handle);
    helper_exchange *exchange = session ? helper_find_exchange(session, id) : NULL;
    bool is_there = exchange && exchange->what == what && !exchange->aborted;
    bool is_end = type != SYRINX_MSG_IO_READ;
    /* Whoever has closed it may only cut it after that. */
    if (is_there && type == SYRINX_MSG_IO_CLOSE && !exchange->takes) is_there = false;
    syx_status status = is_there ? SYX_OK : SYX_ECLOSED;
    if (is_there) {
        syrinx_wire_io wire = {.id = id, .flags = flags, .bytes = (uint32_t)reason.len};
        struct iovec parts[2] = {{&wire, sizeof wire}, {(void *)(uintptr_t)reason.ptr, reason.len}};
        if (!helper_io_write(session, type, parts, 2)) status = SYX_EAGAIN;
        if (is_end) exchange->takes = false;
        if (type == SYRINX_MSG_IO_ABORT) exchange->aborted = true;
    }
    pthread_mutex_unlock(&helper.lock);
    return status;
}

static syx_status http_read(syx_hsession handle, uint64_t id, uint32_t on) {
    return tell(handle, id, SYRINX_IO_HTTP, SYRINX_MSG_IO_READ, on != 0, (syx_str){NULL, 0});
}

static syx_status ws_read(syx_hsession handle, uint64_t id, uint32_t on) {
    return tell(handle, id, SYRINX_IO_WS, SYRINX_MSG_IO_READ, on != 0, (syx_str){NULL, 0});
}

static void http_abort(syx_hsession handle, uint64_t id) {
    tell(handle, id, SYRINX_IO_HTTP, SYRINX_MSG_IO_ABORT, 0, (syx_str){NULL, 0});
}

static void ws_close(syx_hsession handle, uint64_t id, uint32_t code, syx_str reason) {
    uint16_t type = code ? SYRINX_MSG_IO_CLOSE : SYRINX_MSG_IO_ABORT;
    tell(handle, id, SYRINX_IO_WS, type, code, code ? reason : (syx_str){NULL, 0});
}

static syx_status http_prewarm(syx_hprovider provider, syx_str url) {
    uint32_t slot = (uint32_t)provider - 1;
    if (slot >= PROVIDERS || !is_whole(url, MOST_URL)) return SYX_EINVAL;
    syrinx_wire_strings wire = {0};
    struct iovec parts[2] = {{&wire, sizeof wire}};
    syrinx_string_parts(&url, 1, &wire, parts + 1);
    pthread_mutex_lock(&helper.lock);
    helper_send_locked(SYRINX_MSG_PREWARM, slot, 0, parts, 2); /* a full ring: then there is no hurry */
    pthread_mutex_unlock(&helper.lock);
    return SYX_OK;
}

static syx_status begin_signing(
    syx_hsession handle, syx_str text, const void *bytes, size_t count, uint32_t flags, uint64_t cookie) {
    if (count > SYRINX_IO_SIGNED || (count && !bytes) || !is_whole(text, MOST_KEY)) return SYX_EINVAL;
    syrinx_wire_io_begin wire = {.what = SYRINX_IO_SIGN, .flags = flags, .cookie = cookie, .body_bytes = count};
    syx_str texts[3] = {text};
    syx_err error = {.struct_size = sizeof error};
    pthread_mutex_lock(&helper.lock);
    uint64_t id = begin_locked(handle, &wire, texts, bytes, false, &error);
    pthread_mutex_unlock(&helper.lock);
    return id ? SYX_OK : error.code == SYX_EQUOTA ? SYX_EAGAIN : error.code;
}

static syx_status sign_sha256(syx_hsession handle, syx_str key, const void *bytes, size_t count, uint64_t cookie) {
    return begin_signing(handle, key, bytes, count, 0, cookie);
}

static syx_status sign_sha1(syx_hsession handle, syx_str key, const void *bytes, size_t count, uint64_t cookie) {
    return begin_signing(handle, key, bytes, count, SYRINX_SIGN_SHA1, cookie);
}

static syx_status hash(syx_hsession handle, syx_str text, uint64_t cookie) {
    return begin_signing(handle, text, NULL, 0, SYRINX_SIGN_HASH, cookie);
}

static const syx_http_v1 http = {.struct_size = SYX_SIZEOF(syx_http_v1, prewarm),
    .start = http_start,
    .send = http_send,
    .read = http_read,
    .abort = http_abort,
    .prewarm = http_prewarm};
static const syx_ws_v1 ws = {.struct_size = SYX_SIZEOF(syx_ws_v1, close),
    .open = ws_open,
    .send = ws_send,
    .read = ws_read,
    .close = ws_close};
static const syx_secret_v1 secret = {.struct_size = SYX_SIZEOF(syx_secret_v1, sha256),
    .hmac_sha256 = sign_sha256,
    .hmac_sha1 = sign_sha1,
    .sha256 = hash};

const void *helper_io_service(uint32_t services, const char *id) {
    if ((services & SYRINX_IO_HTTP) && strcmp(id, SYX_SERVICE_HTTP_1) == 0) return &http;
    if ((services & SYRINX_IO_WS) && strcmp(id, SYX_SERVICE_WS_1) == 0) return &ws;
    return (services & SYRINX_IO_SIGN) && strcmp(id, SYX_SERVICE_SECRET_1) == 0 ? &secret : NULL;
}
