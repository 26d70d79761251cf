/* SPDX-License-Identifier: Apache-2.0
 *
 * Providers named `chaos`, one of each kind: the ABI's face of the rest. */
#include <math.h>
#include <stdlib.h>

#include "chaos.h"

/* ---------------------------------------------------------------------------------------------------- providers -- */

static syx_status open_as(syx_kind kind, const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                          syx_provider **out, syx_err *err) {
    chaos_options options;
    syx_status status = chaos_options_read(params->config_json, kind, &options, err);
    if (status < 0) return status;
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "chaos: out of memory");
    p->core = core;
    p->host = host;
    p->kind = kind;
    p->options = options;
    status = chaos_strike(p, NULL, PLACE_open, NULL, err);
    if (status != CHAOS_GO_ON && status < 0) return free(p), status;
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static void free_session(syx_session *s) {
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "chaos: out of memory");
    s->provider = p;
    s->host = host;
    s->in = params->in;
    s->out = params->out;
    pthread_mutex_init(&s->lock, NULL);
    syx_status status = chaos_strike(p, s, PLACE_session_open, NULL, err);
    if (status != CHAOS_GO_ON && status < 0) return free_session(s), status;
    *out = s;
    return status == SYX_PENDING ? SYX_PENDING : SYX_OK; /* a READY that never comes */
}

static void session_close(syx_session *s) {
    chaos_strike(s->provider, s, PLACE_close, NULL, NULL);
    free_session(s);
}

/* ------------------------------------------------------------------------------------------------------- events -- */

typedef struct {
    syx_session *session;
    chaos_request request;
} task;

static void work(void *argument) {
    task *t = argument;
    syx_status status = chaos_strike(t->session->provider, t->session, PLACE_task, &t->request, NULL);
    if (status == CHAOS_GO_ON) chaos_behave(t->session, &t->request);
    free(t);
}

static syx_status answer_in_task(syx_session *s, const chaos_request *request) {
    task *t = malloc(sizeof *t);
    if (!t) return SYX_ENOMEM;
    *t = (task){s, *request};
    syx_status status = s->provider->core->run(s->host, work, t, 0);
    if (status < 0) free(t);
    return status;
}

static syx_status answer(syx_session *s, const chaos_request *request) {
    if (s->provider->options.where == PLACE_task) return answer_in_task(s, request);
    syx_status status = chaos_strike(s->provider, s, PLACE_handle, request, NULL);
    return status == CHAOS_GO_ON ? chaos_behave(s, request) : status;
}

static syx_status drained(syx_session *s) {
    syx_event event = syx_ev(SYX_EV_DRAINED, 0, 0);
    return chaos_emit(s, &event), SYX_OK;
}

/* A timer's cookie is the slot of the late request, or this: a cancel that has to be looked at. */
#define LOOK_COOKIE UINT64_MAX

static syx_status timer(syx_session *s, uint64_t cookie) {
    if (cookie < CHAOS_CLAUSES) return chaos_behave(s, &s->late[cookie]);
    return chaos_speak(s), SYX_OK;
}

static bool is_request(syx_kind kind, uint16_t type) {
    return (kind == SYX_STT && type == SYX_EV_END_OF_INPUT) || (kind == SYX_AGENT && type == SYX_EV_PROMPT)
        || (kind == SYX_TTS && type == SYX_EV_SPEAK) || (kind == SYX_TURN && type == SYX_EV_TRANSCRIPT)
        || (kind == SYX_BACKEND && type != SYX_EV_AUDIO_IN);
}

static syx_status session_handle(syx_session *s, const syx_event *event) {
    if (!syx_event_readable(event)) return SYX_SKIP;
    chaos_request request = {event->type, event->generation, event->id};
    switch (event->type) {
    case SYX_EV_TIMER: return timer(s, event->id);
    case SYX_EV_WRITABLE: return chaos_speak(s), SYX_OK;
    case SYX_EV_DRAIN: return drained(s);
    case SYX_EV_TASK_DONE: return SYX_OK;
    default: break;
    }
    if (is_request(s->provider->kind, event->type)) return answer(s, &request);
    if (event->type != SYX_EV_AUDIO_IN) return SYX_SKIP;
    syx_status status = chaos_strike(s->provider, s, PLACE_audio, &request, NULL);
    return status == CHAOS_GO_ON ? SYX_OK : status;
}

/* [any]: the clauses belong to [ctl], which a timer brings about. */
static void session_cancel(syx_session *s, uint64_t generation) {
    chaos_request request = {0, generation, 0};
    chaos_strike(s->provider, s, PLACE_cancel, &request, NULL);
    s->provider->core->timer(s->host, 0, LOOK_COOKIE);
}

/* -------------------------------------------------------------------------------------------------------- media -- */

/* Numbers that are none, and a frame that is not the one that was asked for. */
static void spoil(syx_session *s, syx_frame *out, syx_result *result) {
    if (!s->spoil) return;
    s->spoil = false;
    if (result) result->probability = result->level_dbfs = NAN, result->pts = INT64_MIN;
    if (out) out->bytes = 33, out->rate = 11025, out->samples = UINT32_MAX;
}

static syx_status session_process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    if (!syx_frame_is_pcm(in, s->in.rate)) return SYX_EINVAL;
    if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    chaos_request request = {SYX_EV_AUDIO_IN, in->generation, 0};
    syx_status status = chaos_strike(s->provider, s, PLACE_process, &request, NULL);
    if (status != CHAOS_GO_ON) return status;
    float level = syx_frame_level(in);
    if (s->provider->kind == SYX_FILTER) {
        status = syx_frame_copy(in, out);
        if (status < 0) return status;
    }
    syx_result_fill(result, in, level > -45 ? 0.95f : 0.05f, level);
    spoil(s, out, result);
    return SYX_OK;
}

/* ------------------------------------------------------------------------------------------------------- module -- */

#define CAPS                                                                                                         \
    "{\"formats\":[{\"format\":\"s16\",\"rates\":[8000,16000,24000,48000],\"channels\":[1]}],\"streaming\":true,"    \
    "\"languages\":[\"*\"],\"frame_ms\":{\"min\":10,\"max\":60}}"

#define PROVIDER(NAME, KIND, PROCESS)                                                                                \
    static syx_status open_##NAME(const syx_core *core, syx_hprovider host, const syx_provider_params *params,       \
                                  syx_provider **out, syx_err *err) {                                                \
        return open_as(KIND, core, host, params, out, err);                                                          \
    }                                                                                                                \
    static const syx_plugin_vt NAME##_vt = {                                                                         \
        .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),                                                         \
        .open = open_##NAME,                                                                                         \
        .close = provider_close,                                                                                     \
        .session_open = session_open,                                                                                \
        .session_close = session_close,                                                                              \
        .handle = session_handle,                                                                                    \
        .process = PROCESS,                                                                                          \
        .cancel = session_cancel,                                                                                    \
    };                                                                                                               \
    static const syx_plugin_desc NAME = {                                                                            \
        .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),                                                              \
        .kind = KIND,                                                                                                \
        .id = "chaos",                                                                                               \
        .version = "1.0.0",                                                                                          \
        .name = "Chaos",                                                                                             \
        .vendor = "Syrinx",                                                                                          \
        .license = "Apache-2.0",                                                                                     \
        .config_schema = chaos_schema,                                                                               \
        .caps_json = CAPS,                                                                                           \
        .vt = &NAME##_vt,                                                                                            \
    }

PROVIDER(vad, SYX_VAD, session_process);
PROVIDER(filter, SYX_FILTER, session_process);
PROVIDER(turn, SYX_TURN, NULL);
PROVIDER(stt, SYX_STT, NULL);
PROVIDER(agent, SYX_AGENT, NULL);
PROVIDER(tts, SYX_TTS, NULL);
PROVIDER(backend, SYX_BACKEND, NULL);

SYX_MODULE(&vad, &filter, &turn, &stt, &agent, &tts, &backend)
