/* SPDX-License-Identifier: Apache-2.0
 *
 * A network in which nothing can be reached. */
#include "fake_net.h"

#include <stdio.h>
#include <string.h>

#include "fake_internal.h"

enum { MAX_URL = 8192, MAX_HEADERS = 16384, MAX_SIGNED = 1 << 20 };

static fake_exchange *find(fake_session *s, uint64_t id) {
    for (size_t i = 0; s && id && i < FAKE_EXCHANGES; i++)
        if (s->exchanges[i].id == id) return &s->exchanges[i];
    return NULL;
}

static bool starts_with(syx_str text, const char *with) {
    size_t n = strlen(with);
    return text.len > n && memcmp(text.ptr, with, n) == 0;
}

/* "Name: value\n" for each. */
static bool headers_ok(syx_str h) {
    if (h.len > MAX_HEADERS || (h.len && !h.ptr)) return false;
    for (size_t at = 0; at < h.len;) {
        const char *line = h.ptr + at, *end = memchr(line, '\n', h.len - at);
        const char *colon = end ? memchr(line, ':', (size_t)(end - line)) : NULL;
        if (!colon || colon == line || memchr(line, '\r', (size_t)(end - line)) || memchr(line, 0, (size_t)(end - line))) return false;
        at += (size_t)(end - line) + 1;
    }
    return true;
}

static bool request_ok(const syx_request *r, bool socket) {
    if (!r || !SYX_HAS(r, syx_request, body) || (r->body.len && !r->body.ptr) || (r->method.len && !r->method.ptr)) return false;
    if (!r->url.ptr || r->url.len > MAX_URL || !headers_ok(r->headers)) return false;
    if (socket) return starts_with(r->url, "ws://") || starts_with(r->url, "wss://");
    return starts_with(r->url, "http://") || starts_with(r->url, "https://");
}

static uint64_t refuse(syx_err *err, syx_status status, const char *why) {
    if (err && SYX_HAS(err, syx_err, msg)) {
        err->code = status;
        err->flags = 0;
        snprintf(err->msg, sizeof err->msg, "%s", why);
    }
    return 0;
}

static uint64_t begin_locked(fake_session *s, const syx_request *r, bool socket, syx_err *err) {
    static uint64_t last;
    if (!s || s->closed) return refuse(err, SYX_ECLOSED, "the session is not open");
    if (fake_set.network == FAKE_NET_REFUSES) return refuse(err, SYX_EPERM, "the operator does not allow it");
    if (r->generation != 0 && fake_was_cancelled(s, r->generation)) return refuse(err, SYX_ESTALE, "its generation was cancelled");
    for (size_t i = 0; i < FAKE_EXCHANGES; i++) {
        fake_exchange *x = &s->exchanges[i];
        if (x->id) continue;
        bool streams = !socket && (r->flags & SYX_REQ_STREAM_BODY);
        *x = (fake_exchange){++last, r->generation, r->flags, SYX_EUNAVAILABLE, socket, socket || streams, 0};
        return x->id;
    }
    return refuse(err, SYX_EAGAIN, "too many requests at once");
}

static uint64_t begin(syx_hsession handle, const syx_request *r, bool socket, syx_err *err) {
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    bool ok = request_ok(r, socket);
    if (!s) fake_note(FAKE_AFTER_CLOSE, "a request for a session that is not open");
    if (!ok) fake_note(FAKE_BAD_EVENT, "a malformed request: its url, its headers or its size");
    if (ok && fake_set.logged) fake_set.logged(r->url);
    if (s) s->exchanges_begun++;
    uint64_t id = ok ? begin_locked(s, r, socket, err) : refuse(err, SYX_EINVAL, "the request is malformed");
    pthread_cond_broadcast(&fake_changed);
    pthread_mutex_unlock(&fake_lock);
    return id;
}

static uint64_t http_start(syx_hsession s, const syx_request *r, syx_err *err) { return begin(s, r, false, err); }

static uint64_t ws_open(syx_hsession s, const syx_request *r, syx_err *err) { return begin(s, r, true, err); }

/* What is sent waits for a connection that never comes: the window fills up. */
static syx_status keep(syx_hsession handle, uint64_t id, bool socket, const void *bytes, size_t count, bool last) {
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    if (!s) fake_note(FAKE_AFTER_CLOSE, "send for a session that is not open");
    fake_exchange *x = find(s, id);
    syx_status status = SYX_OK;
    if (!x || x->socket != socket) status = SYX_ECLOSED;
    else if ((count && !bytes) || !x->takes) status = SYX_EINVAL;
    else if (x->waiting > SYX_IO_WINDOW) status = SYX_EAGAIN;
    else x->waiting += count, x->takes = socket || !last;
    pthread_mutex_unlock(&fake_lock);
    return status;
}

static syx_status http_send(syx_hsession s, uint64_t id, const void *bytes, size_t count, uint32_t last) {
    return keep(s, id, false, bytes, count, last != 0);
}

static syx_status ws_send(syx_hsession s, uint64_t id, uint32_t flags, const void *bytes, size_t count) {
    if (flags & ~(uint32_t)(SYX_WS_BINARY | SYX_WS_PART)) return SYX_EINVAL;
    return keep(s, id, true, bytes, count, false);
}

static syx_status read_(syx_hsession handle, uint64_t id, bool socket) {
    pthread_mutex_lock(&fake_lock);
    const fake_exchange *x = find(fake_find_session(handle), id);
    pthread_mutex_unlock(&fake_lock);
    return x && x->socket == socket ? SYX_OK : SYX_ENOTFOUND;
}

static syx_status http_read(syx_hsession s, uint64_t id, uint32_t on) { return (void)on, read_(s, id, false); }

static syx_status ws_read(syx_hsession s, uint64_t id, uint32_t on) { return (void)on, read_(s, id, true); }

static void end(syx_hsession handle, uint64_t id, bool socket, const char *call) {
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    if (!s) fake_note(FAKE_AFTER_CLOSE, "%s for a session that is not open", call);
    fake_exchange *x = find(s, id);
    if (x && x->socket == socket) x->status = SYX_ESTALE;
    pthread_mutex_unlock(&fake_lock);
}

static void http_abort(syx_hsession s, uint64_t id) { end(s, id, false, "abort"); }

static void ws_close(syx_hsession s, uint64_t id, uint32_t code, syx_str reason) {
    (void)code, (void)reason;
    end(s, id, true, "close");
}

static syx_status http_prewarm(syx_hprovider p, syx_str url) {
    pthread_mutex_lock(&fake_lock);
    if (!fake_provider_lives(p)) fake_note(FAKE_AFTER_CLOSE, "prewarm for a provider that is not open");
    pthread_mutex_unlock(&fake_lock);
    return url.ptr && url.len <= MAX_URL ? SYX_OK : SYX_EINVAL;
}

static syx_status secret_hmac(syx_hsession handle, syx_str key, const void *bytes, size_t count, uint64_t cookie) {
    if ((key.len && !key.ptr) || (count && !bytes) || count > MAX_SIGNED) return SYX_EINVAL;
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    if (!s) fake_note(FAKE_AFTER_CLOSE, "hmac_sha256 for a session that is not open");
    syx_status status = !s || s->closed ? SYX_ECLOSED : s->digest_count == FAKE_EXCHANGES ? SYX_EAGAIN : SYX_OK;
    if (status == SYX_OK) s->digests[s->digest_count++] = cookie;
    pthread_mutex_unlock(&fake_lock);
    return status;
}

static const syx_http_v1 http = {SYX_SIZEOF(syx_http_v1, prewarm), 0, http_start, http_send, http_read, http_abort, http_prewarm};
static const syx_ws_v1 ws = {SYX_SIZEOF(syx_ws_v1, close), 0, ws_open, ws_send, ws_read, ws_close};
static const syx_secret_v1 secret = {SYX_SIZEOF(syx_secret_v1, hmac_sha256), 0, secret_hmac, NULL, NULL};

const void *fake_net_service(const char *id) {
    if (fake_set.network == FAKE_NET_ABSENT) return NULL;
    if (strcmp(id, SYX_SERVICE_HTTP_1) == 0) return &http;
    if (strcmp(id, SYX_SERVICE_WS_1) == 0) return &ws;
    return strcmp(id, SYX_SERVICE_SECRET_1) == 0 ? &secret : NULL;
}

/* ------------------------------------------------------------------------------------------------------- events -- */

static bool digest_due(fake_session *s, syx_event *ev) {
    static const char bytes[32] = "a digest that no secret has made";
    if (s->digest_count == 0) return false;
    *ev = syx_ev(SYX_EV_DIGEST, 0, s->digests[0]);
    memmove(s->digests, s->digests + 1, --s->digest_count * sizeof *s->digests);
    ev->text = (syx_str){bytes, sizeof bytes};
    return true;
}

bool fake_net_due(fake_session *s, syx_event *ev) {
    if (digest_due(s, ev)) return true;
    for (size_t i = 0; i < FAKE_EXCHANGES; i++) {
        fake_exchange *x = &s->exchanges[i];
        if (!x->id) continue;
        *ev = syx_ev(x->socket ? SYX_EV_WS_CLOSED : SYX_EV_HTTP_DONE, x->generation, x->id);
        ev->i0 = x->status;
        ev->i1 = x->status == SYX_EUNAVAILABLE ? SYX_ERR_RETRYABLE : 0;
        ev->text = syx_cstr(x->status == SYX_ESTALE ? "it was ended" : "there is no network here");
        x->id = 0;
        return true;
    }
    return false;
}

void fake_net_cancel(fake_session *s, uint64_t generation) {
    for (size_t i = 0; i < FAKE_EXCHANGES && generation; i++) {
        fake_exchange *x = &s->exchanges[i];
        if (x->id && x->generation == generation && !(x->flags & SYX_REQ_KEEP)) x->status = SYX_ESTALE;
    }
}
