/* SPDX-License-Identifier: Apache-2.0
 *
 * An agent that does on the network what a prompt's first word says, and answers with what came of it. Built by the tests
 * with `cc` alone. No session is static: equal bytes are one module, and tests run beside one another. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "syrinx_plugin.h"

struct syx_provider {
    const syx_core *core;
    const syx_http_v1 *http;
    const syx_ws_v1 *ws;
    const syx_secret_v1 *secret;
    char config[1024];
};
struct syx_session {
    syx_provider *provider;
    syx_hsession handle;
    uint64_t id, generation;
    int is_socket, close_seconds;
    char traceparent[64];
    const char *headers; /* beside the usual ones */
};

static syx_str lend(const char *text) { return (syx_str){text, strlen(text)}; }

static void say(syx_session *s, const char *text) {
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = SYX_EV_DELTA, .generation = s->generation};
    event.text = lend(text);
    s->provider->core->emit(s->handle, &event);
}

static void finish(syx_session *s) {
    syx_event event = {.struct_size = SYX_SIZEOF(syx_event, audio), .type = SYX_EV_DONE, .generation = s->generation};
    s->provider->core->emit(s->handle, &event);
}

static void begin(syx_session *s, const char *url, int is_socket, uint32_t flags) {
    const syx_provider *p = s->provider;
    syx_err error = {.struct_size = sizeof error};
    syx_request request = {.struct_size = SYX_SIZEOF(syx_request, body), .flags = flags, .generation = s->generation};
    request.url = lend(url);
    char headers[300];
    snprintf(headers, sizeof headers, "Authorization: Token ${secret:api_key}\nX-Plain: yes\n%s", s->headers);
    request.headers = lend(headers);
    s->is_socket = is_socket;
    s->id = is_socket ? p->ws->open(s->handle, &request, &error) : p->http->start(s->handle, &request, &error);
    if (s->id) return;
    char text[300];
    snprintf(text, sizeof text, "refused %d %s", error.code, error.msg);
    say(s, text);
    finish(s);
}

static syx_status prompt(syx_session *s, const syx_event *e) {
    const syx_provider *p = s->provider;
    char word[300];
    snprintf(word, sizeof word, "%.*s", (int)e->text.len, e->text.ptr);
    s->generation = e->generation;
    s->headers = "";
    if (!p->http) say(s, "no network"), finish(s);
    else if (!strcmp(word, "get")) begin(s, "https://api.example.com/v1", 0, 0);
    else if (!strcmp(word, "keep")) begin(s, "https://api.example.com/v1", 0, SYX_REQ_KEEP);
    else if (!strcmp(word, "post")) begin(s, "https://api.example.com/v1", 0, SYX_REQ_STREAM_BODY);
    else if (!strcmp(word, "socket")) begin(s, "wss://api.example.com/v1", 1, 0);
    else if (!strcmp(word, "own trace")) {
        s->headers = "Traceparent: 00-11111111111111111111111111111111-2222222222222222-00\n";
        begin(s, "https://api.example.com/v1", 0, 0);
    } else if (!strcmp(word, "traceparent")) say(s, s->traceparent), finish(s);
    else if (!strcmp(word, "config")) say(s, p->config), finish(s);
    else if (!strcmp(word, "sign"))
        p->secret->hmac_sha256(s->handle, lend("AWS4${secret:api_key}"), "20260102", 8, 77);
    else if (!strcmp(word, "sign alone")) {
        syx_status status = p->secret->hmac_sha256(s->handle, lend("${secret:api_key}"), "20260102", 8, 78);
        if (status < 0) say(s, status == SYX_EINVAL ? "malformed" : "refused"), finish(s);
    } else if (!strcmp(word, "hash")) p->secret->sha256(s->handle, lend("token:${secret:api_key}"), 79);
    else if (!strcmp(word, "close slowly")) s->close_seconds = 1, finish(s);
    else if (!strcmp(word, "close too slowly")) s->close_seconds = 4, finish(s);
    else if (!strcmp(word, "pause")) p->http->read(s->handle, s->id, 0);
    else if (!strcmp(word, "resume")) p->http->read(s->handle, s->id, 1);
    else if (!strcmp(word, "abort")) p->http->abort(s->handle, s->id);
    else begin(s, word, 0, 0);
    return SYX_OK;
}

static void tell(syx_session *s, const char *what, const syx_event *e) {
    char text[600];
    snprintf(text, sizeof text, "%s %lld %.*s%.*s", what, (long long)e->i0, (int)e->text.len, e->text.ptr,
             (int)e->json.len, e->json.ptr);
    say(s, text);
}

static syx_status handle(syx_session *s, const syx_event *e) {
    switch (e->type) {
        case SYX_EV_PROMPT: return prompt(s, e);
        case SYX_EV_HTTP_HEAD:
            tell(s, "head", e);
            return SYX_OK;
        case SYX_EV_HTTP_DATA:
        case SYX_EV_WS_DATA:
            tell(s, e->flags & SYX_WS_PART ? "part" : "data", e);
            return SYX_OK;
        case SYX_EV_WS_OPEN:
            tell(s, "open", e);
            s->provider->ws->send(s->handle, s->id, 0, "hello", 5);
            return SYX_OK;
        case SYX_EV_HTTP_DONE:
        case SYX_EV_WS_CLOSED:
            tell(s, "end", e);
            finish(s);
            return SYX_OK;
        case SYX_EV_DIGEST: {
            char hex[80] = "digest ";
            for (size_t i = 0; i < e->text.len && i < 32; i++)
                snprintf(hex + 7 + 2 * i, 3, "%02x", (unsigned char)e->text.ptr[i]);
            say(s, hex);
            finish(s);
            return SYX_OK;
        }
        default: return SYX_SKIP;
    }
}

static syx_status open_provider(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *error) {
    (void)error;
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return SYX_ENOMEM;
    p->core = core;
    p->http = core->service(host, SYX_SERVICE_HTTP_1);
    p->ws = core->service(host, SYX_SERVICE_WS_1);
    p->secret = core->service(host, SYX_SERVICE_SECRET_1);
    snprintf(p->config, sizeof p->config, "%.*s", (int)params->config_json.len,
             params->config_json.ptr);
    *out = p;
    return SYX_OK;
}
static void close_provider(syx_provider *p) { free(p); }
static syx_status open_session(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *error) {
    (void)error;
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return SYX_ENOMEM;
    *s = (syx_session){.provider = p, .handle = host, .headers = ""};
    snprintf(s->traceparent, sizeof s->traceparent, "%.*s", (int)params->traceparent.len,
             params->traceparent.ptr);
    *out = s;
    return SYX_OK;
}
static void close_session(syx_session *s) {
    if (s->close_seconds) nanosleep(&(struct timespec){s->close_seconds, 0}, NULL);
    if (s->is_socket && s->id) s->provider->ws->close(s->handle, s->id, 1000, lend("bye"));
    free(s);
}

static const syx_plugin_vt table = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = open_provider,
    .close = close_provider,
    .session_open = open_session,
    .session_close = close_session,
    .handle = handle,
};
static const syx_plugin_desc plugin = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_AGENT,
    .id = "network",
    .version = "1.0.0",
    .name = "Network",
    .vendor = "tests",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"properties\":{\"api_key\":{\"type\":\"string\",\"x-secret\":true},"
                     "\"url\":{\"type\":\"string\"}}}",
    .caps_json = "{}",
    .vt = &table,
};
static const syx_plugin_desc *const plugins[] = {&plugin};
static const syx_module module = {
    .magic = SYX_MAGIC,
    .struct_size = SYX_SIZEOF(syx_module, deinit),
    .abi_major = SYX_ABI_MAJOR,
    .abi_minor = SYX_ABI_MINOR,
    .n_plugins = 1,
    .build_info = "tests",
    .plugins = plugins,
};

SYX_EXPORT const syx_module *syrinx_plugin_entry_1(void) { return &module; }
