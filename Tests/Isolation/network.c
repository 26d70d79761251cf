/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

net_record net;

void net_clear(bool offered) {
    record_lock();
    memset(&net, 0, sizeof net);
    net.offered = offered;
    record_unlock();
}

uint64_t net_sum(uint64_t sum, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++) sum = (sum ^ at[i]) * 1099511628211u;
    return sum;
}

static void copy(char *into, size_t size, syx_str text) {
    size_t n = text.len < size - 1 ? text.len : size - 1;
    if (n) memcpy(into, text.ptr, n);
    into[n] = 0;
}

/* Under the lock. */
static net_exchange *find(syx_hsession session, uint64_t id) {
    for (size_t i = 0; i < net.count; i++)
        if (net.exchanges[i].session == session && net.exchanges[i].id == id) return &net.exchanges[i];
    return NULL;
}

static uint64_t begin(syx_hsession session, const syx_request *r, bool socket, syx_err *error) {
    net_exchange x = {.session = session, .socket = socket, .flags = r->flags, .generation = r->generation, .reads = 1};
    copy(x.url, sizeof x.url, r->url);
    copy(x.headers, sizeof x.headers, r->headers);
    copy(x.method, sizeof x.method, r->method);
    x.body_bytes = r->body.len;
    x.body_sum = net_sum(0, r->body.ptr, r->body.len);
    record_lock();
    uint64_t id = strstr(x.url, "refuse") || net.count == NET_MOST ? 0 : 1000 + net.count;
    x.id = id;
    if (id) net.exchanges[net.count++] = x;
    record_unlock();
    if (!id) {
        error->code = SYX_EPERM;
        strcpy(error->msg, "not there");
    }
    return id;
}

static uint64_t start(syx_hsession s, const syx_request *r, syx_err *e) { return begin(s, r, false, e); }
static uint64_t open_(syx_hsession s, const syx_request *r, syx_err *e) { return begin(s, r, true, e); }

static syx_status take(syx_hsession session, uint64_t id, uint32_t flags, const void *bytes, size_t count) {
    record_lock();
    net_exchange *x = find(session, id);
    syx_status status = !x || x->ended ? SYX_ECLOSED : net.full ? SYX_EAGAIN : SYX_OK;
    if (status == SYX_OK) {
        x->sent_bytes += count;
        x->sent_sum = net_sum(x->sent_sum, bytes, count);
        x->calls++;
        x->last_flags = flags;
    } else if (status == SYX_EAGAIN) {
        x->refused = true;
    }
    record_unlock();
    return status;
}

static syx_status http_send(syx_hsession s, uint64_t id, const void *b, size_t n, uint32_t last) {
    return take(s, id, last, b, n);
}

static syx_status read_(syx_hsession session, uint64_t id, uint32_t on) {
    record_lock();
    net_exchange *x = find(session, id);
    if (x) x->reads = on;
    record_unlock();
    return x ? SYX_OK : SYX_ECLOSED;
}

static void end(syx_hsession session, uint64_t id, uint32_t code, syx_str reason) {
    record_lock();
    net_exchange *x = find(session, id);
    if (x) {
        x->ended = true;
        x->code = code;
        copy(x->reason, sizeof x->reason, reason);
    }
    record_unlock();
}

static void abort_(syx_hsession s, uint64_t id) { end(s, id, 0, (syx_str){NULL, 0}); }

static syx_status prewarm(syx_hprovider p, syx_str url) {
    (void)p, (void)url;
    record_lock();
    net.prewarms++;
    record_unlock();
    return SYX_OK;
}

static syx_status sign_as(
    uint32_t algorithm, syx_hsession s, syx_str key, const void *bytes, size_t count, uint64_t cookie) {
    (void)s, (void)bytes;
    record_lock();
    net.signatures++;
    net.signed_bytes += count;
    net.cookie = cookie;
    net.algorithm = algorithm;
    record_unlock();
    return key.len == 4 ? SYX_OK : SYX_ENOTFOUND;
}

static syx_status sign(syx_hsession s, syx_str key, const void *bytes, size_t count, uint64_t cookie) {
    return sign_as(256, s, key, bytes, count, cookie);
}

static syx_status sign_1(syx_hsession s, syx_str key, const void *bytes, size_t count, uint64_t cookie) {
    return sign_as(1, s, key, bytes, count, cookie);
}

void net_adopt(syx_hsession session, uint64_t id) {
    record_lock();
    net.exchanges[net.count++] = (net_exchange){.session = session, .id = id, .socket = true, .reads = 1};
    record_unlock();
}

static const syx_http_v1 http = {SYX_SIZEOF(syx_http_v1, prewarm), 0, start, http_send, read_, abort_, prewarm};
static const syx_ws_v1 ws = {SYX_SIZEOF(syx_ws_v1, close), 0, open_, take, read_, end};
static const syx_secret_v1 secret = {SYX_SIZEOF(syx_secret_v1, hmac_sha1), 0, sign, sign_1};

const void *net_service(const char *id) {
    record_lock();
    bool offered = net.offered;
    record_unlock();
    if (!offered) return NULL;
    if (strcmp(id, SYX_SERVICE_HTTP_1) == 0) return &http;
    if (strcmp(id, SYX_SERVICE_WS_1) == 0) return &ws;
    return strcmp(id, SYX_SERVICE_SECRET_1) == 0 ? &secret : NULL;
}

/* ---- waiting ---- */

static net_exchange wait_until(size_t index, uint64_t bytes, bool ended) {
    net_exchange found = {0};
    for (int64_t until = now_ns() + (int64_t)LONG_MS * 1000000; now_ns() < until;) {
        record_lock();
        if (index < net.count) found = net.exchanges[index];
        record_unlock();
        if (found.id && found.sent_bytes >= bytes && (!ended || found.ended)) return found;
        nanosleep(&(struct timespec){0, 200000}, NULL);
    }
    return (net_exchange){0};
}

net_exchange net_wait(size_t index) { return wait_until(index, 0, false); }
net_exchange net_wait_sent(size_t index, uint64_t bytes) { return wait_until(index, bytes, false); }
net_exchange net_wait_end(size_t index) { return wait_until(index, 0, true); }
