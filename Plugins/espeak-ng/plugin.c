/* SPDX-License-Identifier: Apache-2.0
 *
 * TTS "espeak-ng": options and the ABI's face; the clause queue is syrinx_speaker.h, the library engine.c. */
#include <stdlib.h>

#include "engine.h"

struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
    espeak_options options;
};

struct syx_session {
    syx_provider *provider;
    syx_speaker speaker;
    pthread_mutex_t lock; /* guards options: CONFIG may arrive while a worker speaks */
    espeak_options options;
};

static syx_status read_options(syx_str json, espeak_options *o, syx_err *err) {
    if (!syx_options_ok(json)) return syx_fail(err, SYX_EINVAL, "espeak-ng: options are not a JSON object");
    char name[48] = "";
    /* A voice is more specific than a language, so it is read last. */
    if (syx_opt_string(json, "language", name, sizeof name) && !espeak_voice_name(name, o->voice, sizeof o->voice))
        return syx_fail(err, SYX_EINVAL, "espeak-ng: \"%s\" is not a language tag", name);
    if (syx_opt_string(json, "voice", name, sizeof name) && !espeak_voice_name(name, o->voice, sizeof o->voice))
        return syx_fail(err, SYX_EINVAL, "espeak-ng: \"%s\" is not a voice name", name);
    o->rate = syx_opt_number(json, "rate", 0.5, 2.5, o->rate);
    o->pitch = (int)syx_opt_number(json, "pitch", 0, 100, o->pitch);
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    espeak_options o = {.voice = "en-us", .rate = 1, .pitch = 50};
    syx_status status = read_options(params->config_json, &o, err);
    if (status == SYX_OK) status = espeak_engine_start(err);
    if (status < 0) return status;
    if (!espeak_engine_has_voice(o.voice))
        return syx_fail(err, SYX_ENOTFOUND, "espeak-ng: no voice \"%s\"; see espeak-ng --voices", o.voice);
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "espeak-ng: out of memory");
    p->core = core;
    p->host = host;
    p->options = o;
    *out = p;
    return SYX_OK;
}

/* True when both names begin with the same language: "en" and "en-us+f3". */
static bool same_language(const char *a, const char *b) {
    size_t n = strcspn(a, "-+");
    return n == strcspn(b, "-+") && memcmp(a, b, n) == 0;
}

/* A clause in the session's language keeps the session's voice; in another, that language's. A named voice wins. */
static void choose_voice(const syx_clause *c, espeak_options *o) {
    char name[sizeof o->voice];
    if (c->language[0] && espeak_voice_name(c->language, name, sizeof name) && !same_language(name, o->voice))
        memcpy(o->voice, name, sizeof name);
    if (c->voice[0]) espeak_voice_name(c->voice, o->voice, sizeof o->voice);
}

static syx_status speak(syx_speaker *speaker, syx_clause *clause, syx_err *err) {
    syx_session *s = speaker->context;
    pthread_mutex_lock(&s->lock);
    espeak_options o = s->options;
    pthread_mutex_unlock(&s->lock);
    choose_voice(clause, &o);
    return espeak_engine_speak(speaker, clause, &o, err);
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    if (params->out.format != SYX_FMT_S16 || params->out.rate != ESPEAK_RATE || params->out.channels != 1)
        return syx_fail(err, SYX_EUNSUPPORTED, "espeak-ng: speaks s16 mono at 22050 Hz only");
    espeak_options o = p->options;
    syx_status status = read_options(params->options_json, &o, err);
    if (status < 0) return status;
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "espeak-ng: out of memory");
    s->provider = p;
    s->options = o;
    pthread_mutex_init(&s->lock, NULL);
    syx_speaker_init(&s->speaker, p->core, p->host, host, params, ESPEAK_RATE);
    s->speaker.synthesise = speak;
    s->speaker.context = s;
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    syx_speaker_free(&s->speaker);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static syx_status change_options(syx_session *s, syx_str json) {
    pthread_mutex_lock(&s->lock);
    espeak_options o = s->options;
    syx_status status = read_options(json, &o, NULL);
    if (status == SYX_OK) s->options = o;
    pthread_mutex_unlock(&s->lock);
    return status;
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

/* DEFAULT(x) is a default in the provider's schema and nothing in the session's. */
#define PROPERTIES(DEFAULT)                                                                                       \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"                                       \
    "\"language\":{\"type\":\"string\",\"maxLength\":40," DEFAULT("\"en-us\"")                                    \
    "\"description\":\"Language tag; an unknown region falls back to its language\"},"                           \
    "\"voice\":{\"type\":\"string\",\"maxLength\":40,"                                                            \
    "\"description\":\"A voice of espeak-ng --voices, with a variant if wanted: en-us+f3; beats language\"},"     \
    "\"rate\":{\"type\":\"number\",\"minimum\":0.5,\"maximum\":2.5," DEFAULT("1")                                 \
    "\"description\":\"Speed; 1 is 175 words a minute\"},"                                                        \
    "\"pitch\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":100," DEFAULT("50") "\"description\":\"Pitch\"}}}"
#define WITH_DEFAULT(x) "\"default\":" x ","
#define WITHOUT_DEFAULT(x)

#define LANGUAGES                                                                                                  \
    "[\"af\",\"ar\",\"bg\",\"bn\",\"ca\",\"cs\",\"cy\",\"da\",\"de\",\"el\",\"en\",\"es\",\"et\",\"eu\",\"fa\","   \
    "\"fi\",\"fr\",\"ga\",\"gu\",\"he\",\"hi\",\"hr\",\"hu\",\"hy\",\"id\",\"is\",\"it\",\"ja\",\"ka\",\"kn\","    \
    "\"ko\",\"lt\",\"lv\",\"mk\",\"ml\",\"mr\",\"ms\",\"nb\",\"ne\",\"nl\",\"pa\",\"pl\",\"pt\",\"ro\",\"ru\","    \
    "\"sk\",\"sl\",\"sq\",\"sr\",\"sv\",\"sw\",\"ta\",\"te\",\"th\",\"tr\",\"uk\",\"ur\",\"vi\",\"yue\",\"zh\"]"

static const syx_plugin_desc espeak = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_TTS,
    .flags = SYX_PF_GLOBAL_STATE,
    .id = "espeak-ng",
    .version = "1.0.0",
    .name = "eSpeak NG",
    .vendor = "Syrinx",
    .license = "GPL-3.0-or-later",
    .config_schema = PROPERTIES(WITH_DEFAULT),
    .session_schema = PROPERTIES(WITHOUT_DEFAULT),
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[22050],\"channels\":[1]}],\"streaming\":true,"
                 "\"marks\":\"word\",\"languages\":" LANGUAGES ",\"voices\":[\"en-us\",\"en-gb\",\"de\",\"fr\",\"es\"]}",
    .vt = &vt,
};

SYX_MODULE(&espeak)
