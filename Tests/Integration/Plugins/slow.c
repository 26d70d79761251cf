/* SPDX-License-Identifier: Apache-2.0
 *
 * Providers that take their time, for the tests of hedging. Built by the tests with `cc` alone; two ids of each kind:
 * agent `thinking` and `thinking-spare`, which answer with their id and the number of the prompt, tts `drawling` and
 * `drawling-spare` (a tone).
 *
 * The configuration says how slow: {"ms":N,"slow_at":N,"slow_ms":N,"fails":0,"fail_at":N,"retry_after":N,"done_ms":N}
 *   ms       from a request to its answer
 *   slow_at  the number of the request that takes `slow_ms` in its place
 *   fails    1: the request fails after that time
 *   fail_at  the number of the one request that fails
 *   retry_after  ms after which the provider wants to be asked again
 *   done_ms  of an agent: from the words of an answer to its end
 * What is cancelled before it is answered is answered CANCELLED. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syrinx_plugin.h"

enum { RATE = 16000, REPLY = RATE / 5, QUEUE = 16 };

struct syx_provider {
    const syx_core *core;
    syx_kind kind;
    char id[24];
    int ms, slow_at, slow_ms, fails, fail_at, retry_after, done_ms;
};
struct syx_session {
    syx_provider *provider;
    syx_hsession handle;
    uint64_t generation, clauses[QUEUE];
    int requests, waiting, began, owes;
};

/* Above the numbers of requests: the timer of an answer's end. */
enum { ENDS = 1000 };

static syx_event event_of(const syx_session *s, uint16_t type) {
    syx_event event;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.type = type;
    event.generation = s->generation;
    return event;
}

static void emit(syx_session *s, const syx_event *event) { s->provider->core->emit(s->handle, event); }

static void fail(syx_session *s) {
    syx_event event = event_of(s, SYX_EV_ERROR);
    event.i0 = SYX_EUNAVAILABLE;
    event.i1 = SYX_ERR_RETRYABLE;
    event.text.ptr = "too tired";
    event.text.len = strlen(event.text.ptr);
    char json[40];
    snprintf(json, sizeof json, "{\"retry_after_ms\":%d}", s->provider->retry_after);
    if (s->provider->retry_after) event.json = (syx_str){json, strlen(json)};
    s->owes = 0;
    emit(s, &event);
}

static void end(syx_session *s) {
    syx_event event = event_of(s, SYX_EV_DONE);
    s->owes = 0;
    emit(s, &event);
}

static void answer(syx_session *s) {
    char text[48];
    syx_event event = event_of(s, SYX_EV_DELTA);
    snprintf(text, sizeof text, "%s answers %d.", s->provider->id, s->requests);
    event.text.ptr = text;
    event.text.len = strlen(text);
    emit(s, &event);
    if (s->provider->done_ms == 0) return end(s);
    s->provider->core->timer(s->handle, (uint32_t)s->provider->done_ms, ENDS + (uint64_t)s->requests);
}

static void say(syx_session *s, uint64_t clause) {
    static int16_t samples[REPLY];
    syx_frame frame;
    memset(&frame, 0, sizeof frame);
    frame.struct_size = sizeof frame;
    frame.format = SYX_FMT_S16;
    frame.rate = RATE;
    frame.channels = 1;
    frame.samples = REPLY;
    frame.generation = s->generation;
    frame.bytes = sizeof samples;
    frame.data = samples;
    syx_event event = event_of(s, SYX_EV_AUDIO_OUT);
    event.id = clause;
    event.audio = &frame;
    emit(s, &event);
    event = event_of(s, SYX_EV_DONE);
    event.id = clause;
    emit(s, &event);
}

static void wait(syx_session *s) {
    const syx_provider *p = s->provider;
    s->requests++;
    s->owes = 1;
    int ms = s->requests == p->slow_at ? p->slow_ms : p->ms;
    p->core->timer(s->handle, (uint32_t)ms, (uint64_t)s->requests);
}

static void speak(syx_session *s, const syx_event *input) {
    if (input->generation != s->generation) {
        s->generation = input->generation;
        s->waiting = s->began = 0;
        wait(s);
    }
    if (s->began) return say(s, input->id);
    if (s->waiting < QUEUE) s->clauses[s->waiting++] = input->id;
}

static void respond(syx_session *s) {
    if (s->provider->fails) return fail(s);
    if (s->requests == s->provider->fail_at) {
        s->provider->fail_at = 0;
        return fail(s);
    }
    if (s->provider->kind == SYX_AGENT) return answer(s);
    s->began = 1;
    for (int i = 0; i < s->waiting; i++) say(s, s->clauses[i]);
    s->owes = 0;
}

static void cancel(syx_session *s, uint64_t generation) {
    if (!s->owes || s->generation != generation) return;
    s->owes = 0;
    syx_event event = event_of(s, SYX_EV_CANCELLED);
    if (s->provider->kind == SYX_AGENT) return emit(s, &event);
    for (int i = 0; i < s->waiting; i++) {
        event.id = s->clauses[i];
        emit(s, &event);
    }
}

static syx_status handle(syx_session *s, const syx_event *input) {
    switch (input->type) {
    case SYX_EV_PROMPT:
        s->generation = input->generation;
        wait(s);
        break;
    case SYX_EV_SPEAK: speak(s, input); break;
    case SYX_EV_TIMER:
        if (s->owes && input->id == (uint64_t)s->requests) respond(s);
        if (s->owes && input->id == ENDS + (uint64_t)s->requests) end(s);
        break;
    default: return SYX_SKIP;
    }
    return SYX_OK;
}

static int number(syx_str json, const char *key) {
    const char *at = json.len ? strstr(json.ptr, key) : NULL;
    return at ? atoi(at + strlen(key)) : 0;
}

static syx_status open_provider(
    const syx_core *core, syx_hprovider host, const syx_provider_params *params, syx_provider **out, syx_err *error) {
    (void)host, (void)error;
    syx_provider *p = calloc(1, sizeof *p);
    p->core = core;
    p->kind = params->descriptor->kind;
    snprintf(p->id, sizeof p->id, "%s", params->descriptor->id);
    p->ms = number(params->config_json, "\"ms\":");
    p->slow_at = number(params->config_json, "\"slow_at\":");
    p->slow_ms = number(params->config_json, "\"slow_ms\":");
    p->fails = number(params->config_json, "\"fails\":");
    p->fail_at = number(params->config_json, "\"fail_at\":");
    p->retry_after = number(params->config_json, "\"retry_after\":");
    p->done_ms = number(params->config_json, "\"done_ms\":");
    *out = p;
    return SYX_OK;
}

static void close_provider(syx_provider *p) { free(p); }

static syx_status open_session(
    syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out, syx_err *error) {
    (void)params, (void)error;
    syx_session *s = calloc(1, sizeof *s);
    s->provider = p;
    s->handle = host;
    *out = s;
    return SYX_OK;
}

static void close_session(syx_session *s) { free(s); }

static const syx_plugin_vt vt = {
    .struct_size = sizeof(syx_plugin_vt),
    .open = open_provider,
    .close = close_provider,
    .session_open = open_session,
    .session_close = close_session,
    .handle = handle,
    .cancel = cancel,
};

#define NUMBER(KEY) "\"" KEY "\":{\"type\":\"integer\"}"
#define SCHEMA \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" NUMBER("ms") "," NUMBER("slow_at") "," \
    NUMBER("slow_ms") "," NUMBER("fails") "," NUMBER("fail_at") "," NUMBER("retry_after") "," NUMBER("done_ms") "}}"
#define CAPS "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}],\"languages\":[\"*\"]}"
#define PROVIDER(KIND, ID) \
    {.struct_size = sizeof(syx_plugin_desc), .kind = KIND, .id = ID, .version = "1.0.0", .config_schema = SCHEMA, \
     .caps_json = CAPS, .vt = &vt}

static const syx_plugin_desc thinking = PROVIDER(SYX_AGENT, "thinking"), spare = PROVIDER(SYX_AGENT, "thinking-spare"),
                             drawling = PROVIDER(SYX_TTS, "drawling"), other = PROVIDER(SYX_TTS, "drawling-spare");
static const syx_plugin_desc *const descriptors[] = {&thinking, &spare, &drawling, &other};
static const syx_module module = {
    .magic = SYX_MAGIC,
    .struct_size = sizeof(syx_module),
    .abi_major = SYX_ABI_MAJOR,
    .abi_minor = SYX_ABI_MINOR,
    .n_plugins = 4,
    .build_info = "cc",
    .plugins = descriptors,
};

SYX_EXPORT const syx_module *syrinx_plugin_entry_1(void) { return &module; }
