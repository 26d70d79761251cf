/* SPDX-License-Identifier: Apache-2.0
 *
 * A recogniser: audio of an utterance comes in, its text goes out. This one tells how long the utterance was; replace
 * `hear` and `transcribe`. A decoder that blocks belongs into core->run(): its TASK_DONE comes back to handle(). */
#include "syrinx_json.h"
#include "syrinx_outbox.h"

/* A provider exists once per configuration and holds what its sessions share: the model. */
struct syx_provider {
    const syx_core *core;
    char unit[32];
};

/* A session belongs to one conversation; its calls never overlap, but for cancel. */
struct syx_session {
    syx_provider *provider;
    syx_outbox outbox;
    uint32_t rate;
    uint64_t utterance, samples;
};

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    (void)host;
    if (!syx_options_ok(params->config_json)) return syx_fail(err, SYX_EINVAL, "the configuration is not an object");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    p->core = core;
    memcpy(p->unit, "seconds", sizeof "seconds");
    syx_opt_string(params->config_json, "unit", p->unit, sizeof p->unit);
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    if (params->in.format != SYX_FMT_S16 || params->in.channels != 1 || params->in.rate == 0)
        return syx_fail(err, SYX_EUNSUPPORTED, "needs s16 mono");
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "out of memory");
    s->provider = p;
    s->rate = params->in.rate;
    syx_outbox_init(&s->outbox, p->core, host);
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    syx_outbox_free(&s->outbox);
    free(s);
}

/* Audio of an utterance; generation 0 is what lies between two. */
static void hear(syx_session *s, uint64_t utterance, const syx_frame *frame) {
    if (utterance == 0 || !syx_frame_is_pcm(frame, s->rate)) return;
    if (utterance != s->utterance) s->samples = 0;
    s->utterance = utterance;
    s->samples += frame->samples;
}

static void transcribe(const syx_session *s, uint64_t utterance, char *text, size_t capacity) {
    double seconds = utterance == s->utterance ? (double)s->samples / s->rate : 0;
    snprintf(text, capacity, "%.1f %s", seconds, s->provider->unit);
}

/* Each END_OF_INPUT ends in exactly one FINAL; the outbox sees to a full queue and to cancellation. */
static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    char text[64];
    switch (ev->type) {
        case SYX_EV_AUDIO_IN:
            hear(s, ev->generation, ev->audio);
            return SYX_OK;
        case SYX_EV_END_OF_INPUT:
            transcribe(s, ev->generation, text, sizeof text);
            return syx_outbox_text(&s->outbox, SYX_EV_FINAL, ev->generation, text);
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
    .kind = SYX_STT,
    .id = "@ID@",
    .version = "1.0.0",
    .name = "@NAME@",
    .vendor = "You",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                     "\"unit\":{\"type\":\"string\",\"maxLength\":31,\"default\":\"seconds\","
                     "\"description\":\"The word behind the number\"}}}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[8000,16000],\"channels\":[1]}],"
                 "\"audio\":\"utterance\",\"streaming\":false,\"languages\":[\"*\"]}",
    .vt = &vt,
};

SYX_MODULE(&desc)
