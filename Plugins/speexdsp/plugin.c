/* SPDX-License-Identifier: Apache-2.0
 *
 * Filter "speexdsp": speexdsp's preprocessor as a noise suppressor, with automatic gain control on request. Its voice
 * detection is not offered: it calls every frame speech. */
#include <speex/speex_preprocess.h>
#include <stdlib.h>

#include "syrinx_c.h"
#include "syrinx_json.h"

typedef struct {
    int suppress_db;
    bool agc;
    int agc_target_dbfs;
} options;

struct syx_provider {
    options options;
};

struct syx_session {
    uint32_t rate, block; /* samples that one call of the preprocessor takes, fixed at its creation */
    options options;
    SpeexPreprocessState *state;
};

static syx_status read_options(syx_str json, options *o, syx_err *err) {
    if (!syx_options_ok(json)) return syx_fail(err, SYX_EINVAL, "speexdsp: options are not a JSON object");
    o->suppress_db = (int)syx_opt_number(json, "suppress_db", -60, 0, o->suppress_db);
    o->agc = syx_opt_bool(json, "agc", o->agc);
    o->agc_target_dbfs = (int)syx_opt_number(json, "agc_target_dbfs", -30, -1, o->agc_target_dbfs);
    return SYX_OK;
}

static void apply_options(syx_session *s) {
    spx_int32_t on = 1, agc = s->options.agc, suppress = s->options.suppress_db;
    /* The library wants a linear amplitude of 16-bit samples. */
    spx_int32_t target = (spx_int32_t)(32768.0 * pow(10.0, s->options.agc_target_dbfs / 20.0));
    speex_preprocess_ctl(s->state, SPEEX_PREPROCESS_SET_DENOISE, &on);
    speex_preprocess_ctl(s->state, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, &suppress);
    speex_preprocess_ctl(s->state, SPEEX_PREPROCESS_SET_AGC, &agc);
    speex_preprocess_ctl(s->state, SPEEX_PREPROCESS_SET_AGC_TARGET, &target);
}

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    (void)core, (void)host;
    options o = {.suppress_db = -25, .agc = false, .agc_target_dbfs = -12};
    syx_status status = read_options(params->config_json, &o, err);
    if (status < 0) return status;
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "speexdsp: out of memory");
    p->options = o;
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static bool start(syx_session *s) {
    s->state = speex_preprocess_state_init((int)s->block, (int)s->rate);
    if (s->state) apply_options(s);
    return s->state != NULL;
}

static void session_close(syx_session *s) {
    if (s->state) speex_preprocess_state_destroy(s->state);
    free(s);
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    (void)host;
    const syx_format *in = &params->in;
    bool rate_ok = in->rate == 8000 || in->rate == 16000 || in->rate == 24000 || in->rate == 32000 || in->rate == 48000;
    if (in->format != SYX_FMT_S16 || in->channels != 1 || !rate_ok)
        return syx_fail(err, SYX_EUNSUPPORTED, "speexdsp: needs s16 mono at 8, 16, 24, 32 or 48 kHz");
    options o = p->options;
    syx_status status = read_options(params->options_json, &o, err);
    if (status < 0) return status;
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "speexdsp: out of memory");
    s->rate = in->rate;
    bool announced = in->samples >= in->rate / 100 && in->samples <= in->rate / 100 * 6;
    s->block = announced ? in->samples : in->rate / 50;
    s->options = o;
    if (!start(s)) {
        session_close(s);
        return syx_fail(err, SYX_ENOMEM, "speexdsp: the preprocessor could not be created");
    }
    *out = s;
    return SYX_OK;
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev) || ev->type != SYX_EV_CONFIG) return SYX_SKIP;
    syx_status status = read_options(ev->json, &s->options, NULL);
    if (status == SYX_OK) apply_options(s);
    return status;
}

static syx_status session_process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    if (!syx_frame_is_pcm(in, s->rate) || !syx_frame_fits(in, s->block)) return SYX_EINVAL;
    if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    syx_status status = syx_frame_copy(in, out);
    if (status < 0) return status;
    int16_t *pcm = out->data;
    for (uint32_t at = 0; at < in->samples; at += s->block) speex_preprocess_run(s->state, pcm + at);
    syx_result_fill(result, in, 0, syx_pcm_level(pcm, in->samples));
    return SYX_OK;
}

static void session_reset(syx_session *s) {
    SpeexPreprocessState *old = s->state;
    if (start(s))
        speex_preprocess_state_destroy(old);
    else
        s->state = old;
}

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

#define HEAD "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"

static const syx_plugin_desc speexdsp = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_FILTER,
    .flags = SYX_PF_RT_PROCESS,
    .id = "speexdsp",
    .version = "1.0.0",
    .name = "SpeexDSP noise suppression",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema = HEAD
    "\"suppress_db\":{\"type\":\"integer\",\"minimum\":-60,\"maximum\":0,\"default\":-25,"
    "\"description\":\"Most that noise is attenuated, in dB\"},"
    "\"agc\":{\"type\":\"boolean\",\"default\":false,\"description\":\"Automatic gain control\"},"
    "\"agc_target_dbfs\":{\"type\":\"integer\",\"minimum\":-30,\"maximum\":-1,\"default\":-12,"
    "\"description\":\"Level that the gain control aims at\"}}}",
    .session_schema = HEAD
    "\"suppress_db\":{\"type\":\"integer\",\"minimum\":-60,\"maximum\":0,"
    "\"description\":\"Overrides the provider's suppress_db\"},"
    "\"agc\":{\"type\":\"boolean\",\"description\":\"Overrides the provider's agc\"},"
    "\"agc_target_dbfs\":{\"type\":\"integer\",\"minimum\":-30,\"maximum\":-1,"
    "\"description\":\"Overrides the provider's agc_target_dbfs\"}}}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[8000,16000,24000,32000,48000],\"channels\":[1]}],"
                 "\"noise_suppression\":true,\"gain_control\":true,\"echo_cancellation\":false}",
    .vt = &vt,
};

SYX_MODULE(&speexdsp)
