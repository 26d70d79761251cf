/* SPDX-License-Identifier: Apache-2.0
 *
 * An agent behind HTTP, sound unless FAULT says otherwise: each prompt is a request, its body is the answer. */
#include "fault.h"
#include "syrinx_json.h"
#include "syrinx_net.h"
#include "syrinx_outbox.h"

enum { REQUESTS = 64 };

struct syx_provider {
    const syx_core *core;
    syx_net net;
    char url[256];
};

struct syx_session {
    syx_provider *provider;
    syx_hsession host;
    syx_outbox outbox;
    struct {
        uint64_t id, generation; /* id 0 = free */
        syx_message body;
    } requests[REQUESTS];
};

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    if (!syx_options_ok(params->config_json)) return syx_fail(err, SYX_EINVAL, "the configuration is not an object");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    p->core = core;
    p->net = syx_net_find(core, host);
    snprintf(p->url, sizeof p->url, "https://agent.example/v1");
    syx_opt_string(params->config_json, "url", p->url, sizeof p->url);
    if (p->net.http) p->net.http->prewarm(host, syx_cstr(p->url));
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    (void)params;
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "out of memory");
    s->provider = p;
    s->host = host;
    syx_outbox_init(&s->outbox, p->core, host);
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    for (int i = 0; i < REQUESTS; i++) syx_message_free(&s->requests[i].body);
    syx_outbox_free(&s->outbox);
    free(s);
}

/* A request that was taken ends with an event, whatever becomes of it. */
static syx_status fail(syx_session *s, const syx_event *prompt, syx_status code, const char *why) {
    syx_event error = syx_ev(SYX_EV_ERROR, prompt->generation, 0);
    error.i0 = code;
    error.text = syx_cstr(why);
    return FAULT_IS(no_terminal) ? SYX_OK : syx_outbox_send(&s->outbox, &error);
}

static syx_status ask(syx_session *s, const syx_event *prompt) {
    const syx_http_v1 *http = s->provider->net.http;
    int place = 0;
    while (place < REQUESTS && s->requests[place].id) place++;
    if (!syx_utf8_valid(prompt->text)) return SYX_EINVAL;
    if (!http) return fail(s, prompt, SYX_EUNSUPPORTED, "this host lets the plugin reach nothing");
    if (place == REQUESTS) return fail(s, prompt, SYX_EQUOTA, "too many requests at once");
    static const syx_headers none;
    syx_headers headers = none;
    syx_headers_add(&headers, "Content-Type", "text/plain");
    syx_request request = syx_request_to(s->provider->url, &headers, prompt->generation);
    request.body = prompt->text;
    syx_err error = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    uint64_t id = http->start(s->host, &request, &error);
    if (!id) return fail(s, prompt, error.code, error.msg);
    s->requests[place].id = id;
    s->requests[place].generation = prompt->generation;
    return SYX_OK;
}

static void end(syx_session *s, uint64_t generation, const syx_event *ev, syx_message *body) {
    syx_event last = syx_ev(SYX_EV_DONE, generation, 0);
    if (ev->i0 == SYX_ESTALE) {
        last.type = SYX_EV_CANCELLED;
    } else if (ev->i0 < 0) {
        last.type = SYX_EV_ERROR;
        last.i0 = ev->i0;
        last.i1 = ev->i1;
        last.text = ev->text;
    } else if (body->len) {
        syx_outbox_text(&s->outbox, SYX_EV_DELTA, generation, body->bytes);
    }
    if (!FAULT_IS(no_terminal)) syx_outbox_send(&s->outbox, &last);
}

static syx_status hear(syx_session *s, const syx_event *ev) {
    for (int i = 0; i < REQUESTS; i++) {
        if (s->requests[i].id != ev->id) continue;
        if (ev->type == SYX_EV_HTTP_DATA) syx_message_add(&s->requests[i].body, ev);
        if (ev->type != SYX_EV_HTTP_DONE) return SYX_OK;
        s->requests[i].id = 0;
        end(s, s->requests[i].generation, ev, &s->requests[i].body);
        syx_message_free(&s->requests[i].body);
        return SYX_OK;
    }
    return SYX_SKIP;
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    switch (ev->type) {
        case SYX_EV_PROMPT: return ask(s, ev);
        case SYX_EV_HTTP_HEAD:
        case SYX_EV_HTTP_DATA:
        case SYX_EV_HTTP_DONE: return hear(s, ev);
        case SYX_EV_WRITABLE: syx_outbox_flush(&s->outbox); return SYX_OK;
        case SYX_EV_DRAIN: return syx_outbox_text(&s->outbox, SYX_EV_DRAINED, 0, "");
        default: return SYX_SKIP;
    }
}

static void session_cancel(syx_session *s, uint64_t generation) { syx_outbox_cancel(&s->outbox, generation); }

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = provider_open,
    .close = provider_close,
    .session_open = session_open,
    .session_close = session_close,
    .handle = session_handle,
    .cancel = session_cancel,
};

static const syx_plugin_desc desc = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_AGENT,
    .id = "case",
    .version = "1.0.0",
    .name = "Case",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                     "\"url\":{\"type\":\"string\",\"format\":\"uri\",\"maxLength\":255,"
                     "\"default\":\"https://agent.example/v1\"}}}",
    .caps_json = "{\"streaming\":true,\"languages\":[\"*\"]}",
    .vt = &vt,
};

SYX_MODULE(&desc)
