/* SPDX-License-Identifier: Apache-2.0
 *
 * VAD "energy": the ABI's face of detector.c. */
#include <stdlib.h>

#include "detector.h"
#include "syrinx_c.h"
#include "syrinx_json.h"

struct syx_provider {
    detector_config config;
};

struct syx_session {
    uint32_t rate;
    detector detector;
};

static syx_status read_config(syx_str json, detector_config *config, syx_err *err) {
    if (!syx_options_ok(json)) return syx_fail(err, SYX_EINVAL, "energy: options are not a JSON object");
    config->threshold_db = (float)syx_opt_number(json, "threshold_db", 3, 40, config->threshold_db);
    config->min_level_dbfs = (float)syx_opt_number(json, "min_level_dbfs", -90, 0, config->min_level_dbfs);
    return SYX_OK;
}

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    (void)core, (void)host;
    detector_config config = {.threshold_db = 12, .min_level_dbfs = -45};
    syx_status status = read_config(params->config_json, &config, err);
    if (status < 0) return status;
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "energy: out of memory");
    p->config = config;
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    (void)host;
    const syx_format *in = &params->in;
    bool rate_ok = in->rate == 8000 || in->rate == 16000 || in->rate == 24000 || in->rate == 48000;
    if (in->format != SYX_FMT_S16 || in->channels != 1 || !rate_ok)
        return syx_fail(err, SYX_EUNSUPPORTED, "energy: needs s16 mono at 8, 16, 24 or 48 kHz");
    detector_config config = p->config;
    syx_status status = read_config(params->options_json, &config, err);
    if (status < 0) return status;
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "energy: out of memory");
    s->rate = in->rate;
    detector_reset(&s->detector, config);
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) { free(s); }

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev) || ev->type != SYX_EV_CONFIG) return SYX_SKIP;
    return read_config(ev->json, &s->detector.config, NULL);
}

static syx_status session_process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    (void)out;
    if (!syx_frame_is_pcm(in, s->rate) || !syx_frame_fits(in, 1)) return SYX_EINVAL;
    if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    float level = syx_frame_level(in);
    float probability = detector_frame(&s->detector, level, (float)in->samples / (float)s->rate);
    syx_result_fill(result, in, probability, level);
    return SYX_OK;
}

static void session_reset(syx_session *s) { detector_reset(&s->detector, s->detector.config); }

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

#define SCHEMA                                                                                                        \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"                                            \
    "\"threshold_db\":{\"type\":\"number\",\"minimum\":3,\"maximum\":40,\"default\":12,"                              \
    "\"description\":\"Level above the noise floor, in dB, at which the probability of speech is 0.5\"},"             \
    "\"min_level_dbfs\":{\"type\":\"number\",\"minimum\":-90,\"maximum\":0,\"default\":-45,"                          \
    "\"description\":\"Quieter frames are never speech\"}}}"

/* Options of a session override the provider's, so they carry no defaults of their own. */
#define SESSION_SCHEMA                                                                                                \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"                                            \
    "\"threshold_db\":{\"type\":\"number\",\"minimum\":3,\"maximum\":40,"                                             \
    "\"description\":\"Overrides the provider's threshold_db\"},"                                                     \
    "\"min_level_dbfs\":{\"type\":\"number\",\"minimum\":-90,\"maximum\":0,"                                          \
    "\"description\":\"Overrides the provider's min_level_dbfs\"}}}"

static const syx_plugin_desc energy = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_VAD,
    .flags = SYX_PF_RT_PROCESS,
    .id = "energy",
    .version = "1.0.0",
    .name = "Energy VAD",
    .vendor = "Syrinx",
    .license = "Apache-2.0",
    .config_schema = SCHEMA,
    .session_schema = SESSION_SCHEMA,
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[8000,16000,24000,48000],\"channels\":[1]}],"
                 "\"frame_ms\":{\"min\":10,\"max\":60}}",
    .vt = &vt,
};

SYX_MODULE(&energy)
