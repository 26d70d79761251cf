/* SPDX-License-Identifier: Apache-2.0
 *
 * TTS "flite": options, overload and the ABI's face; the clause queue is syrinx_speaker.h, the engine engine.c. */
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"

typedef struct {
    flite_voice voice;
    double rate;
} options;

struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
    options options;
    uint32_t overload_clauses;
    _Atomic uint32_t waiting; /* clauses of all sessions that wait for a worker */
};

struct syx_session {
    syx_provider *provider;
    syx_speaker speaker;
    _Atomic int voice;
    _Atomic double rate;
};

static syx_status read_options(syx_str json, options *o, syx_err *err) {
    if (!syx_options_ok(json)) return syx_fail(err, SYX_EINVAL, "flite: options are not a JSON object");
    char name[16] = "";
    if (syx_opt_string(json, "voice", name, sizeof name) && !flite_voice_named(name, &o->voice))
        return syx_fail(err, SYX_EINVAL, "flite: no voice \"%s\"; there are slt, rms, awb and kal16", name);
    o->rate = syx_opt_number(json, "rate", 0.5, 2, o->rate);
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    options o = {.voice = VOICE_SLT, .rate = 1};
    syx_status status = read_options(params->config_json, &o, err);
    if (status < 0) return status;
    if (!flite_engine_start()) return syx_fail(err, SYX_EUNAVAILABLE, "flite: a voice could not be registered");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "flite: out of memory");
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    double limit = syx_opt_number(params->config_json, "overload_clauses", 0, 10000, 0);
    p->core = core;
    p->host = host;
    p->options = o;
    p->overload_clauses = limit > 0 ? (uint32_t)limit : 4 * (uint32_t)(cores > 0 ? cores : 1);
    *out = p;
    return SYX_OK;
}

/* The clause's own voice, else the session's; under overload the diphone voice, which is thirty times cheaper. */
static flite_voice choose_voice(syx_session *s, const syx_clause *c) {
    if (atomic_load(&s->provider->waiting) > s->provider->overload_clauses) return VOICE_KAL16;
    flite_voice voice = (flite_voice)atomic_load(&s->voice);
    if (c->voice[0]) flite_voice_named(c->voice, &voice);
    return voice;
}

static syx_status speak(syx_speaker *speaker, syx_clause *clause, syx_err *err) {
    syx_session *s = speaker->context;
    return flite_engine_speak(speaker, clause, choose_voice(s, clause), atomic_load(&s->rate), err);
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    if (params->out.format != SYX_FMT_S16 || params->out.rate != FLITE_RATE || params->out.channels != 1)
        return syx_fail(err, SYX_EUNSUPPORTED, "flite: speaks s16 mono at 16 kHz only");
    options o = p->options;
    syx_status status = read_options(params->options_json, &o, err);
    if (status < 0) return status;
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "flite: out of memory");
    s->provider = p;
    atomic_init(&s->voice, (int)o.voice);
    atomic_init(&s->rate, o.rate);
    syx_speaker_init(&s->speaker, p->core, p->host, host, params, FLITE_RATE);
    s->speaker.synthesise = speak;
    s->speaker.context = s;
    s->speaker.waiting = &p->waiting;
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    syx_speaker_free(&s->speaker);
    free(s);
}

static syx_status change_options(syx_session *s, syx_str json) {
    options o = {.voice = (flite_voice)atomic_load(&s->voice), .rate = atomic_load(&s->rate)};
    syx_status status = read_options(json, &o, NULL);
    if (status < 0) return status;
    atomic_store(&s->voice, (int)o.voice);
    atomic_store(&s->rate, o.rate);
    return SYX_OK;
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    return ev->type == SYX_EV_CONFIG ? change_options(s, ev->json) : syx_speaker_handle(&s->speaker, ev);
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

#define HEAD "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
#define VOICES "[\"slt\",\"rms\",\"awb\",\"kal16\"]"

static const syx_plugin_desc flite = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_TTS,
    .id = "flite",
    .version = "1.0.0",
    .name = "Flite",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema = HEAD
    "\"voice\":{\"type\":\"string\",\"enum\":" VOICES ",\"default\":\"slt\",\"description\":\"Default voice\"},"
    "\"rate\":{\"type\":\"number\",\"minimum\":0.5,\"maximum\":2,\"default\":1,\"description\":\"Speed of speech\"},"
    "\"overload_clauses\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":10000,\"default\":0,\"description\":"
    "\"Clauses waiting for a worker beyond which the fast voice kal16 is used; 0 means 4 times the cores\"}}}",
    .session_schema = HEAD
    "\"voice\":{\"type\":\"string\",\"enum\":" VOICES ",\"description\":\"Overrides the provider's voice\"},"
    "\"rate\":{\"type\":\"number\",\"minimum\":0.5,\"maximum\":2,\"description\":\"Overrides the provider's rate\"}}}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}],\"streaming\":true,"
                 "\"marks\":\"word\",\"languages\":[\"en\"],\"voices\":" VOICES "}",
    .vt = &vt,
};

SYX_MODULE(&flite)
