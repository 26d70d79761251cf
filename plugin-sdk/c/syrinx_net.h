/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx_net.h -- helpers for the I/O services of ABI 1.1: finding them, building requests, putting messages together.
 *
 *   services  syx_net_find
 *   requests  syx_headers_add, syx_request_to
 *   messages  syx_message_add, syx_message_free
 *
 * A host of ABI 1.0 has none of these services, and one that lets the plugin reach nothing (no `net` in its manifest)
 * neither: then the tables are NULL. */
#ifndef SYRINX_NET_H
#define SYRINX_NET_H
#include <stdlib.h>

#include "syrinx_c.h"

/* ---------------------------------------------------------------------------------------------------- services -- */

/* NULL = absent. */
typedef struct {
    const syx_http_v1 *http;
    const syx_ws_v1 *ws;
    const syx_secret_v1 *secret;
} syx_net;

SYX_HELPER syx_net syx_net_find(const syx_core *core, syx_hprovider provider) {
    syx_net n;
    n.http = (const syx_http_v1 *)core->service(provider, SYX_SERVICE_HTTP_1);
    n.ws = (const syx_ws_v1 *)core->service(provider, SYX_SERVICE_WS_1);
    n.secret = (const syx_secret_v1 *)core->service(provider, SYX_SERVICE_SECRET_1);
    if (n.http && !SYX_HAS(n.http, syx_http_v1, prewarm)) n.http = NULL;
    if (n.ws && !SYX_HAS(n.ws, syx_ws_v1, close)) n.ws = NULL;
    if (n.secret && !SYX_HAS(n.secret, syx_secret_v1, hmac_sha256)) n.secret = NULL;
    return n;
}

/* ---------------------------------------------------------------------------------------------------- requests -- */

enum { SYX_HEADERS_BYTES = 16384 };

/* A request's headers; begin with {0} or memset. */
typedef struct {
    size_t len;
    bool broken; /* one did not fit, or held a line break */
    char text[SYX_HEADERS_BYTES];
} syx_headers;

SYX_HELPER bool syx_header_part_(const char *text) {
    return text && !strchr(text, '\n') && !strchr(text, '\r');
}

/* False = refused: it has a line break, or there is no room. The rest of the headers stay as they are. */
SYX_HELPER bool syx_headers_add(syx_headers *h, const char *name, const char *value) {
    size_t room = sizeof h->text - h->len;
    int n = syx_header_part_(name) && *name && syx_header_part_(value)
                ? snprintf(h->text + h->len, room, "%s: %s\n", name, value)
                : -1;
    if (n < 0 || (size_t)n >= room) return h->broken = true, false;
    h->len += (size_t)n;
    return true;
}

/* A request of this generation; set flags, method, body and times in it. All texts are borrowed. */
SYX_HELPER syx_request syx_request_to(const char *url, const syx_headers *headers, uint64_t generation) {
    syx_request r;
    memset(&r, 0, sizeof r);
    r.struct_size = SYX_SIZEOF(syx_request, body);
    r.generation = generation;
    r.url = syx_cstr(url);
    if (headers) r.headers = syx_span(headers->text, headers->len);
    return r;
}

/* ---------------------------------------------------------------------------------------------------- messages -- */

/* Pieces of one WebSocket message, or of an HTTP body, until it is whole. Begin with {0}; limit 0 = 4 MiB. */
typedef struct {
    char *bytes;
    size_t len, capacity, limit;
    bool binary;   /* what the first piece said */
    bool complete; /* it was whole: the next piece begins another */
} syx_message;

/* Adds the piece of a WS_DATA or HTTP_DATA event. 1 = the message is whole (`bytes`, `len`, until the next call),
 * 0 = more follows (always for HTTP_DATA: HTTP_DONE says when), -1 = larger than the limit, or out of memory. */
SYX_HELPER int syx_message_add(syx_message *m, const syx_event *ev) {
    if (m->complete) m->len = 0, m->complete = false;
    if (m->len == 0) m->binary = ev->type == SYX_EV_HTTP_DATA || (ev->flags & SYX_WS_BINARY);
    size_t limit = m->limit ? m->limit : (size_t)4 << 20;
    if (ev->text.len > limit || m->len > limit - ev->text.len) return -1;
    size_t needed = m->len + ev->text.len + 1;
    if (needed > m->capacity) {
        size_t capacity = needed + needed / 2;
        char *grown = (char *)realloc(m->bytes, capacity);
        if (!grown) return -1;
        m->bytes = grown;
        m->capacity = capacity;
    }
    if (ev->text.len) memcpy(m->bytes + m->len, ev->text.ptr, ev->text.len);
    m->len += ev->text.len;
    m->bytes[m->len] = 0; /* text may be read as a C string */
    m->complete = ev->type == SYX_EV_WS_DATA && !(ev->flags & SYX_WS_PART);
    return m->complete;
}

SYX_HELPER void syx_message_free(syx_message *m) {
    free(m->bytes);
    memset(m, 0, sizeof *m);
}

#endif
