/* SPDX-License-Identifier: Apache-2.0
 *
 * A module that can be told apart from its other builds: an agent that says its name, and a VAD. Each macro breaks it in
 * one way. */
#include <stdlib.h>
#include <string.h>

#include "syrinx_plugin.h"

#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef WORD
#define WORD "one"
#endif
#ifndef OTHER_SCHEMA
#define PROPERTIES "\"mood\":{\"type\":\"string\"}"
#else
#define PROPERTIES "\"temper\":{\"type\":\"string\"}"
#endif

struct syx_provider {
    const syx_core *core;
};
struct syx_session {
    syx_provider *provider;
    syx_hsession handle;
};

static syx_status emit(syx_session *session, const syx_event *request, uint16_t type, const char *text) {
    syx_event answer;
    memset(&answer, 0, sizeof answer);
    answer.struct_size = sizeof answer;
    answer.type = type;
    answer.generation = request->generation;
    answer.text.ptr = text;
    answer.text.len = strlen(text);
    return session->provider->core->emit(session->handle, &answer);
}

static syx_status handle(syx_session *session, const syx_event *input) {
    if (input->type != SYX_EV_PROMPT) return SYX_SKIP;
#ifdef BROKEN_PROMPT
    return SYX_EINTERNAL;
#endif
    emit(session, input, SYX_EV_DELTA, WORD);
    return emit(session, input, SYX_EV_DONE, "");
}

static syx_status process(syx_session *session, const syx_frame *in, syx_frame *out, syx_result *result) {
    (void)session;
    (void)in;
    (void)out;
#ifdef BROKEN_FRAME
    return SYX_EINTERNAL;
#endif
    result->probability = 0;
    return SYX_OK;
}

static syx_status open_provider(
    const syx_core *core, syx_hprovider handle, const syx_provider_params *params, syx_provider **out, syx_err *error) {
    (void)handle;
    (void)params;
    (void)error;
#ifdef BROKEN_OPEN
    strcpy(error->msg, "no model here");
    return SYX_ENOTFOUND;
#endif
    syx_provider *provider = calloc(1, sizeof *provider);
    if (!provider) return SYX_ENOMEM;
    provider->core = core;
    *out = provider;
    return SYX_OK;
}

static void close_provider(syx_provider *provider) { free(provider); }

static syx_status session_open(
    syx_provider *provider, syx_hsession handle, const syx_session_params *params, syx_session **out, syx_err *error) {
    (void)params;
    (void)error;
#ifdef BROKEN_SESSION
    strcpy(error->msg, "not today");
    return SYX_EUNAVAILABLE;
#endif
    syx_session *session = calloc(1, sizeof *session);
    if (!session) return SYX_ENOMEM;
    session->provider = provider;
    session->handle = handle;
    *out = session;
    return SYX_OK;
}

static void session_close(syx_session *session) { free(session); }

static syx_status health(syx_provider *provider, uint64_t id, syx_err *error) {
    (void)provider;
    (void)id;
    (void)error;
#ifdef BROKEN_HEALTH
    strcpy(error->msg, "feeling ill");
    return SYX_EUNAVAILABLE;
#endif
    return SYX_OK;
}

static const syx_plugin_vt vt = {
    .struct_size = sizeof(syx_plugin_vt),
    .open = open_provider,
    .close = close_provider,
    .session_open = session_open,
    .session_close = session_close,
    .handle = handle,
    .process = process,
    .health = health,
};

#define DESCRIPTOR(ID, KIND)                                                                              \
    {                                                                                                     \
        .struct_size = sizeof(syx_plugin_desc), .kind = KIND, .id = ID, .version = VERSION,               \
        .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" PROPERTIES "}}", \
        .caps_json = "{}", .vt = &vt,                                                                     \
    }
static const syx_plugin_desc agent = DESCRIPTOR("versioned", SYX_AGENT), vad = DESCRIPTOR("versioned-vad", SYX_VAD);
static const syx_plugin_desc *const descriptors[] = {&agent, &vad};
static const syx_module module = {
    .magic = SYX_MAGIC,
    .struct_size = sizeof(syx_module),
    .abi_major = SYX_ABI_MAJOR,
    .abi_minor = SYX_ABI_MINOR,
    .n_plugins = 2,
    .build_info = "cc " WORD,
    .plugins = descriptors,
};

SYX_EXPORT const syx_module *syrinx_plugin_entry_1(void) { return &module; }
