/* SPDX-License-Identifier: Apache-2.0
 *
 * A voice detector that does next to nothing, so that the way to it is what is measured. The same work is also
 * exported as a plain function: the floor. */
#include "null_vad.h"

#include <stdlib.h>

struct syx_session {
    float gain;
};

static float judge(syx_session *session, const int16_t *samples) {
    return (float)samples[0] * session->gain;
}

SYX_EXPORT float null_vad_bare(syx_session *session, const int16_t *samples, uint32_t count) {
    (void)count;
    return judge(session, samples);
}

static syx_status process(syx_session *session, const syx_frame *in, syx_frame *out, syx_result *result) {
    (void)out;
    result->probability = judge(session, in->data);
    return SYX_OK;
}

static syx_status open_provider(
    const syx_core *core, syx_hprovider handle, const syx_provider_params *params, syx_provider **provider,
    syx_err *error) {
    static int the_only_one;
    (void)core, (void)handle, (void)params, (void)error;
    *provider = (syx_provider *)&the_only_one;
    return SYX_OK;
}

static void close_provider(syx_provider *provider) {
    (void)provider;
}

static syx_status session_open(
    syx_provider *provider, syx_hsession handle, const syx_session_params *params, syx_session **session,
    syx_err *error) {
    (void)provider, (void)handle, (void)params, (void)error;
    *session = malloc(sizeof **session);
    if (!*session) return SYX_ENOMEM;
    (*session)->gain = 1.0f / 32768;
    return SYX_OK;
}

static void session_close(syx_session *session) {
    free(session);
}

static syx_status handle_event(syx_session *session, const syx_event *event) {
    (void)session, (void)event;
    return SYX_SKIP;
}

static const syx_plugin_vt table = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = open_provider,
    .close = close_provider,
    .session_open = session_open,
    .session_close = session_close,
    .handle = handle_event,
    .process = process,
};

static const syx_plugin_desc vad = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_VAD,
    .flags = SYX_PF_RT_PROCESS,
    .id = "null",
    .version = "1.0.0",
    .name = "Null detector",
    .vendor = "syrinx",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\"}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}]}",
    .vt = &table,
};

static const syx_plugin_desc *const plugins[] = {&vad};

static const syx_module module = {
    .magic = SYX_MAGIC,
    .struct_size = SYX_SIZEOF(syx_module, deinit),
    .abi_major = SYX_ABI_MAJOR,
    .abi_minor = SYX_ABI_MINOR,
    .n_plugins = 1,
    .build_info = "plugin-call",
    .plugins = plugins,
};

SYX_EXPORT const syx_module *syrinx_plugin_entry_1(void) {
    return &module;
}
