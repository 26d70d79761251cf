/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin that does wrong, for the server's tests: three providers named `trouble` (stt, agent, tts). Built by the tests
 * with `cc` alone. What it does stands in the text that it is given (agent, tts) or in its configuration (stt, which
 * does wrong in its first utterance only, so that a test can see the session live on):
 *
 *   refuse   a negative status          error    an error event           never    nothing at all
 *   flood    more than anyone can take  late     an answer long after its time is over
 *   stale    events of generations that are over, not begun, or nobody's, then the right answer
 *   garbage  events that break the rules, then the right answer
 *   break    a piece, then a retryable error; the second time in a session, the right answer */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "syrinx_plugin.h"

enum { LATE_MS = 1500, SAMPLES = 1600 };

struct syx_provider {
    const syx_core *core;
    syx_kind kind;
    char mode[16];
};
struct syx_session {
    syx_provider *provider;
    syx_hsession handle;
    syx_event late; /* the request that is answered late */
    syx_event flooded, owed; /* those that are answered without end, and properly; type 0: none is */
    bool owes_piece;
    int utterances, broken;
};

static syx_event answer(uint16_t type, const syx_event *request) {
    syx_event event;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.type = type;
    event.generation = request->generation;
    event.id = request->id;
    return event;
}

static syx_status emit(syx_session *s, const syx_event *event) { return s->provider->core->emit(s->handle, event); }

static syx_status emit_text(syx_session *s, uint16_t type, const syx_event *request, const char *text) {
    syx_event event = answer(type, request);
    event.text.ptr = text;
    event.text.len = strlen(text);
    event.f0 = 0.9;
    return emit(s, &event);
}

static syx_status emit_audio(syx_session *s, const syx_event *request) {
    static int16_t samples[SAMPLES];
    syx_frame frame;
    memset(&frame, 0, sizeof frame);
    frame.struct_size = sizeof frame;
    frame.format = SYX_FMT_S16;
    frame.rate = 16000;
    frame.channels = 1;
    frame.samples = SAMPLES;
    frame.generation = request->generation;
    frame.bytes = sizeof samples;
    frame.data = samples;
    syx_event event = answer(SYX_EV_AUDIO_OUT, request);
    event.audio = &frame;
    return emit(s, &event);
}

static syx_status done(syx_session *s, const syx_event *request) {
    syx_event event = answer(SYX_EV_DONE, request);
    return emit(s, &event);
}

/* One piece of a proper answer, and its end. */
static syx_status piece(syx_session *s, const syx_event *request) {
    switch (s->provider->kind) {
    case SYX_STT: return emit_text(s, SYX_EV_PARTIAL, request, "fine");
    case SYX_TTS: return emit_audio(s, request);
    default: return emit_text(s, SYX_EV_DELTA, request, "fine ");
    }
}

static syx_status finish(syx_session *s, const syx_event *request) {
    return s->provider->kind == SYX_STT ? emit_text(s, SYX_EV_FINAL, request, "fine") : done(s, request);
}

/* Sends what is owed, as far as there is room. */
static syx_status go_on(syx_session *s) {
    if (s->owes_piece) s->owes_piece = piece(s, &s->owed) == SYX_EAGAIN;
    if (!s->owes_piece && finish(s, &s->owed) != SYX_EAGAIN) s->owed.type = 0;
    return SYX_OK;
}

static syx_status behave(syx_session *s, const syx_event *request) {
    s->owed = *request;
    s->owes_piece = true;
    return go_on(s);
}

static syx_status fail(syx_session *s, const syx_event *request, int64_t flags) {
    syx_event event = answer(SYX_EV_ERROR, request);
    event.i0 = SYX_EUNAVAILABLE;
    event.i1 = flags;
    event.text.ptr = "the engine is on fire";
    event.text.len = strlen(event.text.ptr);
    emit(s, &event);
    return SYX_OK;
}

static syx_status flood(syx_session *s, const syx_event *request) {
    s->flooded = *request;
    for (int sent = 0; sent < 100000 && piece(s, request) == SYX_OK; sent++) continue;
    return SYX_OK;
}

static syx_status from_other_times(syx_session *s, const syx_event *request) {
    const uint64_t others[] = {0, request->generation - 1, request->generation + 1, request->generation + 1000, UINT64_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        syx_event other = *request;
        other.generation = others[i];
        piece(s, &other);
        finish(s, &other);
        fail(s, &other, SYX_ERR_RETRYABLE);
    }
    return behave(s, request);
}

static syx_status break_once(syx_session *s, const syx_event *request) {
    if (s->broken++) return behave(s, request);
    piece(s, request);
    return fail(s, request, SYX_ERR_RETRYABLE);
}

static syx_status garbage(syx_session *s, const syx_event *request) {
    syx_event unknown = answer(9999, request), audio = answer(SYX_EV_AUDIO_OUT, request);
    emit(s, NULL);
    emit(s, &unknown);
    emit(s, &audio); /* audio without a frame */
    emit_text(s, SYX_EV_DELTA, request, "\xff\xfe");
    emit_text(s, SYX_EV_PARTIAL, request, "\xc3");
    unknown.struct_size = 3;
    emit(s, &unknown);
    s->provider->core->emit(0xdeadbeef, &unknown);
    behave(s, request);
    return done(s, request); /* a second end */
}

static syx_status answer_late(syx_session *s, const syx_event *request) {
    s->late = *request;
    return s->provider->core->timer(s->handle, LATE_MS, 1) ? SYX_OK : SYX_EINTERNAL;
}

static syx_status misbehave(syx_session *s, const char *mode, const syx_event *request) {
    s->flooded.type = s->owed.type = 0;
    if (strcmp(mode, "refuse") == 0) return SYX_EUNAVAILABLE;
    if (strcmp(mode, "error") == 0) return fail(s, request, 0);
    if (strcmp(mode, "break") == 0) return break_once(s, request);
    if (strcmp(mode, "never") == 0) return SYX_OK;
    if (strcmp(mode, "flood") == 0) return flood(s, request);
    if (strcmp(mode, "late") == 0) return answer_late(s, request);
    if (strcmp(mode, "stale") == 0) return from_other_times(s, request);
    if (strcmp(mode, "garbage") == 0) return garbage(s, request);
    return behave(s, request);
}

/* The first word that the agent or the speaker was given. */
static syx_status obey(syx_session *s, const syx_event *request) {
    char word[16] = "";
    size_t length = 0;
    while (length < request->text.len && length < sizeof word - 1 && request->text.ptr[length] >= 'a') length++;
    memcpy(word, request->text.ptr, length);
    return misbehave(s, word, request);
}

static syx_status handle(syx_session *s, const syx_event *input) {
    switch (input->type) {
    case SYX_EV_PROMPT:
    case SYX_EV_SPEAK: return obey(s, input);
    case SYX_EV_END_OF_INPUT: return misbehave(s, s->utterances++ == 0 ? s->provider->mode : "", input);
    case SYX_EV_TIMER: return behave(s, &s->late);
    case SYX_EV_WRITABLE: return s->owed.type ? go_on(s) : s->flooded.type ? flood(s, &s->flooded) : SYX_OK;
    default: return SYX_SKIP;
    }
}

static syx_status open_provider(
    const syx_core *core, syx_hprovider host, const syx_provider_params *params, syx_provider **out, syx_err *error) {
    (void)host, (void)error;
    syx_provider *p = calloc(1, sizeof *p);
    p->core = core;
    p->kind = params->descriptor->kind;
    const char *mode = params->config_json.len ? strstr(params->config_json.ptr, "\"mode\":\"") : NULL;
    for (size_t i = 0; mode && i < sizeof p->mode - 1 && mode[8 + i] != '"'; i++) p->mode[i] = mode[8 + i];
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
};

#define SCHEMA "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"mode\":{\"type\":\"string\"}}}"
#define CAPS "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}],\"languages\":[\"*\"]}"
#define PROVIDER(KIND) \
    {.struct_size = sizeof(syx_plugin_desc), .kind = KIND, .id = "trouble", .version = "1.0.0", .config_schema = SCHEMA, \
     .caps_json = CAPS, .vt = &vt}

static const syx_plugin_desc stt = PROVIDER(SYX_STT), agent = PROVIDER(SYX_AGENT), tts = PROVIDER(SYX_TTS);
static const syx_plugin_desc *const descriptors[] = {&stt, &agent, &tts};
static const syx_module module = {
    .magic = SYX_MAGIC,
    .struct_size = sizeof(syx_module),
    .abi_major = SYX_ABI_MAJOR,
    .abi_minor = SYX_ABI_MINOR,
    .n_plugins = 3,
    .build_info = "cc",
    .plugins = descriptors,
};

SYX_EXPORT const syx_module *syrinx_plugin_entry_1(void) { return &module; }
