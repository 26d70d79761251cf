/* SPDX-License-Identifier: Apache-2.0
 *
 * One plugin for the host's tests. Built by the tests with `cc` alone, outside the build tree, against plugin-sdk/include.
 * Without a macro it is a well-behaved agent that does what a prompt's text says; each macro breaks one thing. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syrinx_plugin.h"

#ifndef FIXTURE_ID
#define FIXTURE_ID "fixture"
#endif
#ifndef FIXTURE_KIND
#define FIXTURE_KIND SYX_AGENT
#endif
#ifndef FIXTURE_MAGIC
#define FIXTURE_MAGIC SYX_MAGIC
#endif
#ifndef FIXTURE_MAJOR
#define FIXTURE_MAJOR SYX_ABI_MAJOR
#endif
#ifndef FIXTURE_MINOR
#define FIXTURE_MINOR SYX_ABI_MINOR
#endif
#ifndef FIXTURE_ENTRY
#define FIXTURE_ENTRY syrinx_plugin_entry_1
#endif

#ifdef FIXTURE_LOADING
/* Runs while the loader does, before anybody has asked for anything. */
__attribute__((constructor)) static void while_loading(void) { FIXTURE_LOADING; }
#endif

struct syx_provider {
    const syx_core *core;
    syx_hprovider handle;
    int refuses;
};
struct syx_session {
    syx_provider *provider;
    syx_hsession handle;
    uint64_t cancelled;
    int work;
};

static syx_event event(uint16_t type, const syx_event *request) {
    syx_event answer;
    memset(&answer, 0, sizeof answer);
    answer.struct_size = sizeof answer;
    answer.type = type;
    answer.generation = request->generation;
    return answer;
}

static syx_status emit_text(syx_session *session, uint16_t type, const syx_event *request, const char *text) {
    syx_event answer = event(type, request);
    answer.text.ptr = text;
    answer.text.len = strlen(text);
    return session->provider->core->emit(session->handle, &answer);
}

static void done(syx_session *session, const syx_event *request) {
    syx_event answer = event(SYX_EV_DONE, request);
    session->provider->core->emit(session->handle, &answer);
}

static void count_work(void *argument) { ((syx_session *)argument)->work++; }

static int says(const syx_event *request, const char *word) {
    return request->text.len == strlen(word) && memcmp(request->text.ptr, word, request->text.len) == 0;
}

static syx_status prompt(syx_session *session, const syx_event *request) {
    const syx_core *core = session->provider->core;
    if (says(request, "refuse")) return SYX_EUNAVAILABLE;
    if (says(request, "crash")) raise(SIGSEGV);
    if (says(request, "abort")) abort();
    if (says(request, "exit")) exit(0);
    if (says(request, "kill")) raise(SIGKILL);
    if (says(request, "stop")) raise(SIGSTOP);
    if (says(request, "hang")) for (volatile int forever = 1; forever;) {}
    if (says(request, "read")) {
        FILE *secret = fopen("/etc/passwd", "r");
        emit_text(session, SYX_EV_DELTA, request, secret ? "read it" : "may not");
        done(session, request);
        return SYX_OK;
    }
    if (says(request, "flood")) {
        int taken = 0;
        while (taken < 100000 && emit_text(session, SYX_EV_DELTA, request, "word ") == SYX_OK) taken++;
        return SYX_OK;
    }
    if (says(request, "burst")) {
        /* One more than the host keeps. */
        for (int i = 0; i < 513; i++) emit_text(session, SYX_EV_DELTA, request, "word ");
        return SYX_OK;
    }
    if (says(request, "work")) {
        for (uint64_t task = 1; task <= 3; task++) core->run(session->handle, count_work, session, task);
        return SYX_OK;
    }
    if (says(request, "timer")) return core->timer(session->handle, 50, 7) ? SYX_OK : SYX_EINTERNAL;
    if (says(request, "invalid")) return emit_text(session, SYX_EV_DELTA, request, "\xff\xfe") == SYX_EINVAL ? SYX_OK : SYX_EINTERNAL;
    if (says(request, "foreign")) return emit_text(session, SYX_EV_FINAL, request, "x") == SYX_EINVAL ? SYX_OK : SYX_EINTERNAL;
    if (says(request, "log")) {
        syx_str text = {"hello from the plugin", 21}, none = {NULL, 0};
        core->log(session->provider->handle, session->handle, SYX_LOG_INFO, text, none);
        core->metric(session->provider->handle, session->handle, 0, 2.5);
        return SYX_OK;
    }
    emit_text(session, SYX_EV_DELTA, request, "you said ");
    syx_event answer = event(SYX_EV_DELTA, request);
    answer.text = request->text;
    core->emit(session->handle, &answer);
    done(session, request);
    return SYX_OK;
}

static syx_status handle(syx_session *session, const syx_event *input) {
    switch (input->type) {
    case SYX_EV_PROMPT: return prompt(session, input);
    case SYX_EV_TASK_DONE: {
        char text[32] = "task 0";
        text[5] = (char)('0' + input->id);
        return emit_text(session, SYX_EV_DELTA, input, text);
    }
    case SYX_EV_TIMER: return emit_text(session, SYX_EV_DELTA, input, "tick");
    case SYX_EV_WRITABLE: return emit_text(session, SYX_EV_DELTA, input, "writable");
    default: return SYX_SKIP;
    }
}

static syx_status process(syx_session *session, const syx_frame *in, syx_frame *out, syx_result *result) {
    (void)session;
    (void)out;
    result->probability = in->samples ? 0.75f : 0.0f;
    return SYX_OK;
}

static void cancel(syx_session *session, uint64_t generation) { session->cancelled = generation; }

static syx_status open_provider(
    const syx_core *core, syx_hprovider handle, const syx_provider_params *params, syx_provider **out, syx_err *error) {
    if (params->config_json.len > 0 && strstr(params->config_json.ptr, "\"fail\":true")) {
        strcpy(error->msg, "no such model");
        return SYX_ENOTFOUND;
    }
    syx_provider *provider = calloc(1, sizeof *provider);
    provider->core = core;
    provider->handle = handle;
    provider->refuses = params->config_json.len > 0 && strstr(params->config_json.ptr, "\"refuse\":true") != NULL;
    *out = provider;
    return SYX_OK;
}

static void close_provider(syx_provider *provider) { free(provider); }

static syx_status session_open(
    syx_provider *provider, syx_hsession handle, const syx_session_params *params, syx_session **out, syx_err *error) {
    (void)params;
    (void)error;
    syx_session *session = calloc(1, sizeof *session);
    session->provider = provider;
    session->handle = handle;
    if (provider->refuses) {
        /* Too early, and then for nothing. */
        syx_event request = {.struct_size = sizeof request};
        emit_text(session, SYX_EV_DELTA, &request, "hello");
        provider->core->timer(handle, 50, 7);
        free(session);
        return SYX_EUNAVAILABLE;
    }
    *out = session;
    return SYX_OK;
}

static void session_close(syx_session *session) { free(session); }

static const syx_plugin_vt vt = {
    .struct_size =
#ifdef FIXTURE_TRUNCATED_VT
        SYX_SIZEOF(syx_plugin_vt, open),
#else
        sizeof(syx_plugin_vt),
#endif
    .open = open_provider,
    .close = close_provider,
    .session_open = session_open,
    .session_close = session_close,
#ifndef FIXTURE_NO_HANDLE
    .handle = handle,
#endif
    .process = process,
    .cancel = cancel,
};

static const syx_plugin_desc descriptor = {
    .struct_size =
#ifdef FIXTURE_TRUNCATED_DESC
        16,
#else
        sizeof(syx_plugin_desc),
#endif
    .kind = FIXTURE_KIND,
    .id = FIXTURE_ID,
#ifdef FIXTURE_FLAGS
    .flags = FIXTURE_FLAGS,
#endif
    .version = "1.0.0",
    .max_sessions = 2,
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                     "\"speed\":{\"type\":\"number\",\"minimum\":0.5,\"default\":1},\"fail\":{\"type\":\"boolean\"},\"refuse\":{\"type\":\"boolean\"}}}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000]}]}",
    .metrics_json = "[{\"name\":\"words\",\"type\":\"counter\",\"help\":\"words said\"}]",
    .vt = &vt,
};
static const syx_plugin_desc *const descriptors[] = {&descriptor};

static const syx_module module = {
    .magic = FIXTURE_MAGIC,
    .struct_size =
#ifdef FIXTURE_TRUNCATED_MODULE
        8,
#else
        sizeof(syx_module),
#endif
    .abi_major = FIXTURE_MAJOR,
    .abi_minor = FIXTURE_MINOR,
    .n_plugins = 1,
    .build_info = "cc",
    .plugins = descriptors,
};

SYX_EXPORT const syx_module *FIXTURE_ENTRY(void) { return &module; }
