/* SPDX-License-Identifier: Apache-2.0
 *
 * VAD "silero": the ABI's face of detector.c. All conversations of a provider share the model. */
#include <stdlib.h>

#include "detector.h"

struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
    ort_model model;
};

struct syx_session {
    syx_provider *provider;
    syx_hsession host;
    uint32_t rate;
    bool failed; /* it was logged */
    detector detector;
};

/* A window of silence through the network tells another model from the right one before a caller does. */
static syx_status try_model(const ort_model *model, uint32_t rate, syx_err *err) {
    char why[128] = "out of memory";
    static const int16_t silence[SILERO_WINDOW_16K];
    detector *d = calloc(1, sizeof *d);
    if (!d) return syx_fail(err, SYX_ENOMEM, "silero: out of memory");
    bool ok = detector_open(d, model, rate) && detector_hear(d, silence, d->window, why, sizeof why);
    detector_close(d);
    free(d);
    return ok ? SYX_OK : syx_fail(err, SYX_EINVAL, "silero: `model` does not work at %u Hz: %s; use silero_vad.onnx", rate, why);
}

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "silero: out of memory");
    p->core = core;
    p->host = host;
    syx_status status = ort_open(&p->model, params->config_json, "silero", err);
    if (status == SYX_OK && (status = try_model(&p->model, 16000, err)) < 0) ort_close(&p->model);
    if (status < 0) return free(p), status;
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) {
    ort_close(&p->model);
    free(p);
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    const syx_format *in = &params->in;
    if (in->format != SYX_FMT_S16 || in->channels != 1 || (in->rate != 8000 && in->rate != 16000))
        return syx_fail(err, SYX_EUNSUPPORTED, "silero: needs s16 mono at 8 or 16 kHz");
    /* Some files of the model know 16 kHz alone. */
    syx_status status = in->rate == 8000 ? try_model(&p->model, in->rate, err) : SYX_OK;
    if (status < 0) return status;
    syx_session *s = calloc(1, sizeof *s);
    if (!s || !detector_open(&s->detector, &p->model, in->rate))
        return free(s), syx_fail(err, SYX_ENOMEM, "silero: out of memory");
    s->provider = p;
    s->host = host;
    s->rate = in->rate;
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    detector_close(&s->detector);
    free(s);
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    (void)s, (void)ev;
    return SYX_SKIP;
}

static syx_status session_process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    char why[128] = "";
    (void)out;
    if (!syx_frame_is_pcm(in, s->rate) || !syx_frame_fits(in, 1)) return SYX_EINVAL;
    if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    if (!detector_hear(&s->detector, in->data, in->samples, why, sizeof why)) {
        if (!s->failed) syx_logf(s->provider->core, s->provider->host, s->host, SYX_LOG_ERROR, "silero: %s", why);
        s->failed = true;
        return SYX_EINTERNAL;
    }
    syx_result_fill(result, in, s->detector.probability, syx_frame_level(in));
    return SYX_OK;
}

static void session_reset(syx_session *s) { detector_reset(&s->detector); }

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = provider_open,
    .close = provider_close,
    .session_open = session_open,
    .session_close = session_close,
    .handle = session_handle,
    .process = session_process,
    .reset = session_reset,
};

/* Without SYX_PF_RT_PROCESS: the runtime allocates from its arena in each run. */
static const syx_plugin_desc silero = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_VAD,
    .flags = SYX_PF_NO_UNLOAD,
    .id = "silero",
    .version = "1.0.0",
    .name = "Silero VAD",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema = ORT_CONFIG_SCHEMA("silero_vad.onnx"),
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000,8000],\"channels\":[1]}],"
                 "\"frame_ms\":{\"min\":10,\"max\":60}}",
    .vt = &vt,
};

SYX_MODULE(&silero)
