/* SPDX-License-Identifier: Apache-2.0
 *
 * What the probe does with the I/O services. It answers orders with one DELTA each. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"

static syx_str text_of(const char *text) { return (syx_str){text, strlen(text)}; }

static const void *service(syx_session *s, const char *id) { return s->core->service(s->provider, id); }

static uint64_t sum_of(uint64_t sum, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++) sum = (sum ^ at[i]) * 1099511628211u;
    return sum;
}

static char *pattern(size_t count) {
    char *bytes = malloc(count + 1);
    for (size_t i = 0; bytes && i < count; i++) bytes[i] = (char)(i * 31 + (i >> 8));
    return bytes;
}

static void answer(syx_session *s, uint64_t id, syx_status status, const char *text) {
    char line[120];
    snprintf(line, sizeof line, "%d %s", status, text);
    probe_say(s, SYX_EV_DELTA, id, line);
}

static void begin(syx_session *s, const char *url, size_t body_bytes, uint32_t flags) {
    bool socket = strncmp(url, "ws", 2) == 0;
    const syx_http_v1 *http = service(s, SYX_SERVICE_HTTP_1);
    const syx_ws_v1 *ws = service(s, SYX_SERVICE_WS_1);
    if (!http || !ws) return answer(s, 0, SYX_EUNSUPPORTED, "no network");
    char *body = pattern(body_bytes);
    syx_request request = {.struct_size = SYX_SIZEOF(syx_request, body), .flags = flags, .generation = 7,
        .url = text_of(url), .headers = text_of("Authorization: Bearer ${secret:key}\n"), .body = {body, body_bytes}};
    syx_err error = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    uint64_t id = socket ? ws->open(s->host, &request, &error) : http->start(s->host, &request, &error);
    free(body);
    s->socket = id;
    answer(s, id, id ? SYX_OK : error.code, id ? "begun" : error.msg);
}

static syx_status send_some(syx_session *s, size_t count, uint32_t flags) {
    const syx_ws_v1 *ws = service(s, SYX_SERVICE_WS_1);
    char *bytes = pattern(count);
    syx_status status = ws->send(s->host, s->socket, flags, bytes, count);
    if (status == SYX_OK) s->sent_sum = sum_of(s->sent_sum, bytes, count);
    free(bytes);
    return status;
}

static void fill(syx_session *s) {
    int count = 0;
    while (count < 10000 && send_some(s, 16384, SYX_WS_BINARY) == SYX_OK) count++;
    char text[80];
    snprintf(text, sizeof text, "%llu", (unsigned long long)s->sent_sum);
    answer(s, (uint64_t)count, SYX_EAGAIN, text);
}

syx_status probe_obey_io(syx_session *s, const char *order) {
    const syx_http_v1 *http = service(s, SYX_SERVICE_HTTP_1);
    const syx_ws_v1 *ws = service(s, SYX_SERVICE_WS_1);
    const syx_secret_v1 *secret = service(s, SYX_SERVICE_SECRET_1);
    unsigned number = 0;
    char url[48] = "";
    if (sscanf(order, "begin %47s %u", url, &number) >= 1) begin(s, url, number, 0);
    else if (sscanf(order, "stream %47s", url) == 1) begin(s, url, 3, SYX_REQ_STREAM_BODY);
    else if (strcmp(order, "services") == 0) answer(s, (http != NULL) + 2 * (ws != NULL) + 4 * (secret != NULL), 0, "");
    else if (!http) return SYX_SKIP;
    else if (sscanf(order, "send %u", &number) == 1) answer(s, 0, send_some(s, number, SYX_WS_BINARY), "sent");
    else if (strcmp(order, "fill") == 0) fill(s);
    else if (strcmp(order, "body") == 0) answer(s, 0, http->send(s->host, s->socket, "end", 3, 1), "sent");
    else if (strcmp(order, "pause") == 0) answer(s, 0, ws->read(s->host, s->socket, 0), "paused");
    else if (strcmp(order, "polite") == 0) s->says_goodbye = true, answer(s, 0, 0, "");
    else if (strcmp(order, "abort") == 0) http->abort(s->host, s->socket), answer(s, 0, 0, "aborted");
    else if (sscanf(order, "close %u", &number) == 1) {
        ws->close(s->host, s->socket, number, text_of("bye"));
        answer(s, 0, 0, "closed");
    } else if (sscanf(order, "sign %47s %u", url, &number) == 2) {
        char *bytes = pattern(number);
        answer(s, 0, secret->hmac_sha256(s->host, text_of(url), bytes, number, 77), "signed");
        free(bytes);
    } else if (sscanf(order, "sign1 %47s", url) == 1) {
        answer(s, 0, secret->hmac_sha1(s->host, text_of(url), "bytes", 5, 78), "signed");
    } else if (strcmp(order, "prewarm") == 0) answer(s, 0, http->prewarm(s->provider, text_of("https://a.example")), "");
    else return SYX_SKIP;
    return SYX_OK;
}

void probe_goodbye(syx_session *s) {
    const syx_ws_v1 *ws = service(s, SYX_SERVICE_WS_1);
    send_some(s, 100, 0);
    ws->close(s->host, s->socket, 1001, text_of("bye"));
}

syx_status probe_io_event(syx_session *s, const syx_event *event) {
    char text[120];
    if (event->type == SYX_EV_WS_OPEN) s->socket = event->id;
    switch (event->type) {
    case SYX_EV_HTTP_DATA:
    case SYX_EV_WS_DATA:
        s->received += event->text.len;
        s->received_sum = sum_of(s->received_sum, event->text.ptr, event->text.len);
        return SYX_OK;
    case SYX_EV_HTTP_HEAD:
    case SYX_EV_WS_OPEN:
    case SYX_EV_DIGEST:
    case SYX_EV_IO_WRITABLE: snprintf(text, sizeof text, "event %u %lld", event->type, (long long)event->i0); break;
    case SYX_EV_HTTP_DONE:
    case SYX_EV_WS_CLOSED:
        snprintf(text, sizeof text, "end %lld %llu %llu %.*s", (long long)event->i0, (unsigned long long)s->received,
            (unsigned long long)s->received_sum, (int)event->text.len, event->text.ptr);
        break;
    default: return SYX_SKIP;
    }
    /* A test counts on it: it waits for room. */
    while (probe_say(s, SYX_EV_DELTA, event->id, text) == SYX_EAGAIN) {}
    return SYX_OK;
}
