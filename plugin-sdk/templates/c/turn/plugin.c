/* SPDX-License-Identifier: Apache-2.0
 *
 * A turn detector: has the caller finished? This one trusts silence, and less so behind a word that wants another;
 * replace `judge`. An answer later than 300 ms is not waited for. */
#include "syrinx_json.h"
#include "syrinx_outbox.h"

/* A provider exists once per configuration and holds what its sessions share. */
struct syx_provider {
    const syx_core *core;
    double patience;
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
    p->patience = syx_opt_number(params->config_json, "patience", 0.1, 5, 1);
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

static bool ends_with(syx_str text, const char *word) {
    size_t len = strlen(word);
    return text.len >= len && memcmp(text.ptr + text.len - len, word, len) == 0;
}

/* The probability that the turn is complete. */
static double judge(const syx_session *s, syx_str text, double silence) {
    bool open = ends_with(text, " and") || ends_with(text, " but") || ends_with(text, " the") || ends_with(text, ",");
    if (open) return silence >= s->provider->patience ? 1 : 0.1;
    return text.len == 0 ? 0 : 0.9;
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    syx_event verdict = syx_ev(SYX_EV_TURN_END, ev->generation, 0);
    switch (ev->type) {
        case SYX_EV_TRANSCRIPT:
            verdict.f0 = judge(s, ev->text, ev->f0);
            return syx_outbox_send(&s->outbox, &verdict);
        case SYX_EV_WRITABLE:
            syx_outbox_flush(&s->outbox);
            return SYX_OK;
        case SYX_EV_DRAIN:
            return syx_outbox_text(&s->outbox, SYX_EV_DRAINED, 0, "");
        default:
            return SYX_SKIP;
    }
}

static void session_cancel(syx_session *s, uint64_t utterance) { syx_outbox_cancel(&s->outbox, utterance); }

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
    .kind = SYX_TURN,
    .id = "@ID@",
    .version = "1.0.0",
    .name = "@NAME@",
    .vendor = "You",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                     "\"patience\":{\"type\":\"number\",\"minimum\":0.1,\"maximum\":5,\"default\":1,"
                     "\"description\":\"Seconds of silence that end even an open sentence\"}}}",
    .caps_json = "{\"languages\":[\"en\"]}",
    .vt = &vt,
};

SYX_MODULE(&desc)
