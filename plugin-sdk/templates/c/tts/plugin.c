/* SPDX-License-Identifier: Apache-2.0
 *
 * A speaker: clauses come in, audio goes out. This one sings a tone for each word; replace `speak`, which runs on a
 * worker and may block. syrinx_speaker.h keeps the clauses in order, waits for credit, cancels, and sends the one
 * terminal of each. */
#include "syrinx_speaker.h"

enum { RATE = 16000, STEP = RATE / 50 };

/* A provider exists once per configuration and holds what its sessions share: the model, the voices. */
struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
    double pitch;
};

/* A session belongs to one conversation. */
struct syx_session {
    syx_provider *provider;
    syx_speaker speaker;
};

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    if (!syx_options_ok(params->config_json)) return syx_fail(err, SYX_EINVAL, "the configuration is not an object");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    p->core = core;
    p->host = host;
    p->pitch = syx_opt_number(params->config_json, "pitch", 80, 1000, 220);
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

/* 20 ms of the tone, softer towards the word's end. */
static void sing(double hz, size_t from, size_t length, int16_t *pcm) {
    for (size_t i = 0; i < STEP; i++) {
        size_t at = from + i;
        double fade = at < length ? 1.0 - (double)at / (double)length : 0;
        pcm[i] = (int16_t)(8000 * fade * sin(2 * 3.14159265358979 * hz * (double)at / RATE));
    }
}

/* [work] 60 ms a letter. Stops as soon as nobody listens. */
static syx_status speak(syx_speaker *speaker, syx_clause *clause, syx_err *err) {
    (void)err;
    const syx_session *s = speaker->context;
    int16_t pcm[STEP];
    size_t samples = 0;
    for (size_t at = 0; at < clause->len;) {
        size_t letters = strcspn(clause->text + at, " ");
        syx_speaker_mark(speaker, clause, at, samples);
        size_t length = (letters + 1) * STEP * 3;
        for (size_t n = 0; n < length; n += STEP, samples += STEP) {
            sing(s->provider->pitch * (1 + (double)(letters % 5) / 8), n, length - STEP, pcm);
            if (!syx_speaker_write(speaker, clause, pcm, STEP)) return SYX_ESTALE;
        }
        at += letters + 1;
    }
    return SYX_OK;
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    if (params->out.format != SYX_FMT_S16 || params->out.rate != RATE || params->out.channels != 1)
        return syx_fail(err, SYX_EUNSUPPORTED, "speaks s16 mono at %d Hz only", RATE);
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "out of memory");
    s->provider = p;
    syx_speaker_init(&s->speaker, p->core, p->host, host, params, RATE);
    s->speaker.synthesise = speak;
    s->speaker.context = s;
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    syx_speaker_free(&s->speaker);
    free(s);
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    return syx_event_readable(ev) ? syx_speaker_handle(&s->speaker, ev) : SYX_SKIP;
}

static void session_cancel(syx_session *s, uint64_t generation) { syx_speaker_cancel(&s->speaker, generation); }

static void session_reset(syx_session *s) { syx_speaker_reset(&s->speaker); }

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = provider_open,
    .close = provider_close,
    .session_open = session_open,
    .session_close = session_close,
    .handle = session_handle,
    .cancel = session_cancel,
    .reset = session_reset,
};

static const syx_plugin_desc desc = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_TTS,
    .id = "@ID@",
    .version = "1.0.0",
    .name = "@NAME@",
    .vendor = "You",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                     "\"pitch\":{\"type\":\"number\",\"minimum\":80,\"maximum\":1000,\"default\":220,"
                     "\"description\":\"Of the lowest tone, in Hz\"}}}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}],\"streaming\":true,"
                 "\"marks\":\"word\",\"languages\":[\"*\"]}",
    .vt = &vt,
};

SYX_MODULE(&desc)
