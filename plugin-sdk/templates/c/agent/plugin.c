/* SPDX-License-Identifier: Apache-2.0
 *
 * An agent: the caller's words come in, the answer goes out piece by piece. This one repeats them; replace `answer`.
 * What blocks belongs into core->run(): its TASK_DONE comes back to handle(). */
#include "syrinx_json.h"
#include "syrinx_outbox.h"

/* A provider exists once per configuration and holds what its sessions share. */
struct syx_provider {
    const syx_core *core;
    char prefix[128];
};

/* A session belongs to one conversation; its calls never overlap, but for cancel. */
struct syx_session {
    syx_provider *provider;
    syx_outbox outbox;
};

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    (void)host;
    if (!syx_options_ok(params->config_json)) return syx_fail(err, SYX_EINVAL, "the configuration is not an object");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    p->core = core;
    memcpy(p->prefix, "You said:", sizeof "You said:");
    syx_opt_string(params->config_json, "prefix", p->prefix, sizeof p->prefix);
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
    syx_outbox_init(&s->outbox, p->core, host);
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    syx_outbox_free(&s->outbox);
    free(s);
}

/* Pieces as small as they come, then DONE: the speaker starts with the first. */
static syx_status answer(syx_session *s, const syx_event *prompt) {
    syx_status status = syx_outbox_text(&s->outbox, SYX_EV_DELTA, prompt->generation, s->provider->prefix);
    for (size_t at = 0; at < prompt->text.len && status >= 0;) {
        const char *word = prompt->text.ptr + at;
        const char *space = memchr(word, ' ', prompt->text.len - at);
        size_t len = space ? (size_t)(space - word) : prompt->text.len - at;
        char piece[256] = " ";
        size_t cut = syx_utf8_prefix(word, len, sizeof piece - 2);
        memcpy(piece + 1, word, cut);
        if (len > 0) status = syx_outbox_text(&s->outbox, SYX_EV_DELTA, prompt->generation, piece);
        at += len + 1;
    }
    syx_event done = syx_ev(SYX_EV_DONE, prompt->generation, prompt->id);
    return syx_outbox_send(&s->outbox, &done);
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    switch (ev->type) {
        case SYX_EV_PROMPT:
            return syx_utf8_valid(ev->text) ? answer(s, ev) : SYX_EINVAL;
        case SYX_EV_WRITABLE:
            syx_outbox_flush(&s->outbox);
            return SYX_OK;
        case SYX_EV_DRAIN:
            return syx_outbox_text(&s->outbox, SYX_EV_DRAINED, 0, "");
        default:
            return SYX_SKIP;
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
    .id = "@ID@",
    .version = "1.0.0",
    .name = "@NAME@",
    .vendor = "You",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                     "\"prefix\":{\"type\":\"string\",\"maxLength\":127,\"default\":\"You said:\","
                     "\"description\":\"What the answer begins with\"}}}",
    .caps_json = "{\"streaming\":true,\"languages\":[\"*\"]}",
    .vt = &vt,
};

SYX_MODULE(&desc)
