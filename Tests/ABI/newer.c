/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of the minor after the newest: it uses what came with it where its host has it, and does without elsewhere.
 * Every look at a new field is the habit that docs/ABI.md asks for. */
#include <stdlib.h>

#include "syrinx_c.h"

struct syx_provider {
    const syx_core *core;
};
struct syx_session {
    const syx_core *core;
    syx_hsession host;
    uint64_t hints;
};

static syx_status open_provider(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    (void)host, (void)params, (void)err;
    *out = malloc(sizeof **out);
    (*out)->core = core;
    return SYX_OK;
}
static void close_provider(syx_provider *p) { free(p); }

static syx_status open_session(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    (void)err;
    *out = malloc(sizeof **out);
    **out = (syx_session){p->core, host, SYX_HAS(params, syx_session_params, hints) ? params->hints : 0};
    if (SYX_HAS(p->core, syx_core, hint)) p->core->hint(host, 7);
    return SYX_OK;
}
static void close_session(syx_session *s) { free(s); }

static syx_status handle(syx_session *s, const syx_event *event) {
    if (SYX_HAS(event, syx_event, i2)) s->hints += (uint64_t)event->i2;
    return SYX_SKIP;
}

static syx_status process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    (void)out;
    syx_result_fill(result, in, 0.5f, syx_frame_level(in));
    if (SYX_HAS(in, syx_frame, loudness)) s->hints += (uint64_t)in->loudness;
    if (SYX_HAS(result, syx_result, extra)) result->extra = s->hints;
    return SYX_OK;
}

static void warm(syx_provider *p) { (void)p; }

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, warm),
    .open = open_provider,
    .close = close_provider,
    .session_open = open_session,
    .session_close = close_session,
    .handle = handle,
    .process = process,
    .warm = warm,
};

static const syx_plugin_desc desc = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, home),
    .kind = SYX_VAD,
    .id = "newer",
    .version = "1.0.0",
    .config_schema = "{\"type\":\"object\"}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}]}",
    .vt = &vt,
    .home = "nowhere",
};

SYX_MODULE(&desc)
