/* SPDX-License-Identifier: Apache-2.0
 *
 * A voice activity detector: how likely is speech in each frame? Replace `judge`. */
#include <stdlib.h>

#include "syrinx_c.h"
#include "syrinx_json.h"

/* A provider exists once per configuration and holds what its sessions share. */
struct syx_provider {
    float threshold_dbfs;
};

/* A session belongs to one conversation; its calls never overlap. */
struct syx_session {
    uint32_t rate;
    float threshold_dbfs;
};

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    (void)core, (void)host;
    if (!syx_options_ok(params->config_json)) return syx_fail(err, SYX_EINVAL, "the configuration is not an object");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    p->threshold_dbfs = (float)syx_opt_number(params->config_json, "threshold_dbfs", -90, 0, -40);
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    (void)host;
    if (params->in.format != SYX_FMT_S16 || params->in.channels != 1 || params->in.rate == 0)
        return syx_fail(err, SYX_EUNSUPPORTED, "needs s16 mono");
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "out of memory");
    s->rate = params->in.rate;
    s->threshold_dbfs = p->threshold_dbfs;
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) { free(s); }

/* Events of types that a plugin does not know are skipped, never refused. */
static syx_status session_handle(syx_session *s, const syx_event *ev) {
    (void)s, (void)ev;
    return SYX_SKIP;
}

/* 0.5 at the threshold, 0.73 at 3 dB above it. */
static float judge(const syx_session *s, float level_dbfs) {
    return 1.0f / (1.0f + expf((s->threshold_dbfs - level_dbfs) / 3.0f));
}

/* The media path: no malloc, no lock, no system call. */
static syx_status session_process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    (void)out;
    if (!syx_frame_is_pcm(in, s->rate)) return SYX_EINVAL;
    if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    float level = syx_frame_level(in);
    syx_result_fill(result, in, judge(s, level), level);
    return SYX_OK;
}

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = provider_open,
    .close = provider_close,
    .session_open = session_open,
    .session_close = session_close,
    .handle = session_handle,
    .process = session_process,
};

static const syx_plugin_desc desc = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_VAD,
    .flags = SYX_PF_RT_PROCESS,
    .id = "@ID@",
    .version = "1.0.0",
    .name = "@NAME@",
    .vendor = "You",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                     "\"threshold_dbfs\":{\"type\":\"number\",\"minimum\":-90,\"maximum\":0,\"default\":-40,"
                     "\"description\":\"Level at which the probability of speech is 0.5\"}}}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[8000,16000,24000,48000],\"channels\":[1]}]}",
    .vt = &vt,
};

SYX_MODULE(&desc)
