/* SPDX-License-Identifier: Apache-2.0
 *
 * Turn detector "smart-turn". The caller's audio comes as AUDIO_IN and is kept; a TRANSCRIPT, which the host sends when
 * the caller has been silent for a moment, has the model judge it on a worker thread. The text itself is not read. */
#include <stdlib.h>

#include "hearing.h"
#include "ort.h"
#include "syrinx_outbox.h"

struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
    ort_model model;
    logmel features;
};

/* One question. Its memory comes and goes with it: 0.8 MiB, and calls that are silent need none. */
typedef struct {
    syx_session *session;
    uint64_t utterance;
    size_t samples;
    float probability;
    int16_t pcm[LOGMEL_SAMPLES];
    float features[LOGMEL_BANDS * LOGMEL_FRAMES];
} question;

struct syx_session {
    syx_provider *provider;
    syx_hsession host;
    hearing hearing;
    syx_outbox outbox;
    bool busy;        /* a question is being judged */
    uint64_t waiting; /* the utterance to ask about next, 0 = none */
};

/* [work] False when the model failed; `why` says how. */
static bool judge(const syx_provider *p, question *q, char *why, size_t why_size) {
    static const int64_t shape[] = {1, LOGMEL_BANDS, LOGMEL_FRAMES}, one[] = {1, 1};
    ort_tensor in = {0}, out = {0};
    snprintf(why, why_size, "out of memory");
    bool ok = logmel_features(&p->features, q->pcm, q->samples, q->features) &&
              ort_tensor_make(&p->model, &in, "input_features", q->features, ORT_FLOAT, shape, 3) &&
              ort_tensor_make(&p->model, &out, "logits", &q->probability, ORT_FLOAT, one, 2) &&
              ort_run(&p->model, &in, 1, &out, 1, why, why_size);
    ort_tensor_free(&p->model, &in);
    ort_tensor_free(&p->model, &out);
    return ok;
}

/* [work] No answer when it fails: the host then goes by silence, as for an answer that is late. */
static void answer(void *arg) {
    question *q = arg;
    syx_session *s = q->session;
    char why[128];
    if (judge(s->provider, q, why, sizeof why)) {
        syx_event ev = syx_ev(SYX_EV_TURN_END, q->utterance, 0);
        ev.f0 = ort_probability(q->probability);
        syx_outbox_send(&s->outbox, &ev);
    } else {
        syx_logf(s->provider->core, s->provider->host, s->host, SYX_LOG_ERROR, "smart-turn: %s", why);
    }
    free(q);
}

static syx_status ask(syx_session *s, uint64_t utterance) {
    if (s->busy) return s->waiting = utterance, SYX_OK;
    if (s->hearing.heard == 0) return SYX_SKIP;
    question *q = malloc(sizeof *q);
    if (!q) return SYX_ENOMEM;
    q->session = s;
    q->utterance = utterance;
    q->samples = hearing_turn(&s->hearing, q->pcm);
    syx_status status = s->provider->core->run(s->host, answer, q, 0);
    s->busy = status == SYX_OK;
    if (!s->busy) free(q);
    return status;
}

static syx_status next_question(syx_session *s) {
    uint64_t utterance = s->waiting;
    s->busy = false;
    s->waiting = 0;
    return utterance ? ask(s, utterance) : SYX_OK;
}

/* ----------------------------------------------------------------------------------------------------- session -- */

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    const syx_format *in = &params->in;
    if (in->format != SYX_FMT_S16 || in->channels != 1 || in->rate != LOGMEL_RATE)
        return syx_fail(err, SYX_EUNSUPPORTED, "smart-turn: needs s16 mono at 16 kHz");
    syx_session *s = calloc(1, sizeof *s);
    if (!s || !hearing_open(&s->hearing)) return free(s), syx_fail(err, SYX_ENOMEM, "smart-turn: out of memory");
    s->provider = p;
    s->host = host;
    syx_outbox_init(&s->outbox, p->core, host);
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    syx_outbox_free(&s->outbox);
    hearing_close(&s->hearing);
    free(s);
}

static syx_status take_audio(syx_session *s, const syx_event *ev) {
    const syx_frame *frame = ev->audio;
    if (!frame || !syx_frame_is_pcm(frame, LOGMEL_RATE)) return SYX_EINVAL;
    if (frame->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    hearing_take(&s->hearing, frame->data, frame->samples, ev->generation != 0);
    return SYX_OK;
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    switch (ev->type) {
    case SYX_EV_AUDIO_IN: return take_audio(s, ev);
    case SYX_EV_TRANSCRIPT: return ask(s, ev->generation);
    case SYX_EV_TASK_DONE: return next_question(s);
    case SYX_EV_WRITABLE: return syx_outbox_flush(&s->outbox), SYX_OK;
    default: return SYX_SKIP;
    }
}

static void session_cancel(syx_session *s, uint64_t generation) { syx_outbox_cancel(&s->outbox, generation); }

static void session_reset(syx_session *s) { hearing_reset(&s->hearing); }

/* ---------------------------------------------------------------------------------------------------- provider -- */

/* 8 s of silence through the model tell another model from the right one before a caller does. */
static syx_status try_model(const syx_provider *p, syx_err *err) {
    char why[128];
    question *q = calloc(1, sizeof *q);
    if (!q) return syx_fail(err, SYX_ENOMEM, "smart-turn: out of memory");
    q->samples = LOGMEL_SAMPLES;
    bool ok = judge(p, q, why, sizeof why);
    free(q);
    return ok ? SYX_OK : syx_fail(err, SYX_EINVAL, "smart-turn: `model` does not work: %s; use smart-turn-v3", why);
}

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "smart-turn: out of memory");
    p->core = core;
    p->host = host;
    logmel_init(&p->features);
    syx_status status = ort_open(&p->model, params->config_json, "smart-turn", err);
    if (status == SYX_OK && (status = try_model(p, err)) < 0) ort_close(&p->model);
    if (status < 0) return free(p), status;
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) {
    ort_close(&p->model);
    free(p);
}

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

static const syx_plugin_desc smart_turn = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_TURN,
    .flags = SYX_PF_NO_UNLOAD,
    .id = "smart-turn",
    .version = "1.0.0",
    .name = "Smart Turn",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema = ORT_CONFIG_SCHEMA("smart-turn-v3.2-cpu.onnx"),
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}],\"audio\":\"continuous\"}",
    .vt = &vt,
};

SYX_MODULE(&smart_turn)
