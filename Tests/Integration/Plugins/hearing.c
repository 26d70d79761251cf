/* SPDX-License-Identifier: Apache-2.0
 *
 * Providers over a network that breaks, for the tests of fallback chains. They hear: the loudness of the caller's tone
 * is the number of a word, so that a transcript shows which audio came, and whether any came twice. Built by the tests
 * with `cc` alone; two ids of each kind: stt `hearing` and `hearing-spare`,
 * tts `voicing` and `voicing-spare` (a tone), s2s `speaking` and `speaking-spare`. With -DPREFIX="\"second-\"" it is another
 * plugin with the ids `second-hearing`, ...
 *
 * The configuration says what goes wrong: {"mode":"...","at":N,"back":N}
 *
 *   steady       nothing
 *   lost         the connection is lost `at` ms into an utterance (stt), when turn `at` ends (s2s), or with the first clause
 *                (tts); it is back after `back` ms, 0 = never. Meanwhile audio is kept.
 *   idle         stt: the same, when `at` ms of silence have followed the first utterance
 *   flapping     as lost, but it comes and goes every `back` ms
 *   broken       s2s: the session breaks off when turn `at` ends, and no other can be had
 *   broken_once  s2s: the same, but another can be had
 *   untold       s2s: when turn `at` ends, it does not tell its words, and breaks off when it is asked for an answer
 *   unreachable  s2s: no session gets a connection     refused  s2s: the key is wrong
 *   closed       no session opens; what it said of itself until then is nobody's
 *   silent       s2s: no answer ever comes; what is cancelled ends with an error
 *   tool         s2s: a tool is used before each answer; when it was, in turn `at`, the session breaks off */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syrinx_plugin.h"

#ifndef PREFIX
#define PREFIX ""
#endif

enum { RATE = 16000, BLOCK = RATE / 200, FIRST = 2000, STEP = 400, SILENCE_MS = 300, REPLY = RATE / 5 };

struct syx_provider {
    const syx_core *core;
    syx_kind kind;
    char mode[16], id[24];
    int at, back;
    bool is_gone;
};
struct syx_session {
    syx_provider *provider;
    syx_hsession handle;
    uint64_t utterance, owed, clause;
    char words[256];
    int back, last, heard_ms, quiet_ms, turns, lines;
    bool is_down, was_lost, is_over;
};

static bool is(const syx_session *s, const char *mode) { return strcmp(s->provider->mode, mode) == 0; }

static syx_status tell(syx_session *s, uint16_t type, uint64_t generation, const char *text, double f0) {
    syx_event event;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.type = type;
    event.generation = generation;
    event.text.ptr = text;
    event.text.len = strlen(text);
    event.f0 = f0;
    return s->provider->core->emit(s->handle, &event);
}

static void fail(syx_session *s, syx_status status, int64_t flags) {
    syx_event event;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.type = SYX_EV_ERROR;
    event.i0 = status;
    event.i1 = flags;
    event.text.ptr = "the line is cut";
    event.text.len = strlen(event.text.ptr);
    s->is_over = true;
    s->provider->core->emit(s->handle, &event);
}

static void say_tone(syx_session *s, uint64_t generation, uint64_t clause) {
    static int16_t samples[REPLY];
    syx_frame frame;
    memset(&frame, 0, sizeof frame);
    frame.struct_size = sizeof frame;
    frame.format = SYX_FMT_S16;
    frame.rate = RATE;
    frame.channels = 1;
    frame.samples = REPLY;
    frame.generation = generation;
    frame.bytes = sizeof samples;
    frame.data = samples;
    syx_event event;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.type = SYX_EV_AUDIO_OUT;
    event.generation = generation;
    event.id = clause;
    event.audio = &frame;
    s->provider->core->emit(s->handle, &event);
}

/* The loudest sample of 5 ms tells the word. */
static void decode(syx_session *s, const int16_t *samples, int count) {
    int peak = 0;
    for (int i = 0; i < count; i++) peak = abs(samples[i]) > peak ? abs(samples[i]) : peak;
    int word = peak < FIRST / 2 ? 0 : (peak - FIRST + STEP / 2) / STEP;
    s->quiet_ms = word == 0 ? s->quiet_ms + 5 : 0;
    if (word == 0) {
        s->last = 0;
    } else if (word != s->last) {
        size_t length = strlen(s->words);
        snprintf(s->words + length, sizeof s->words - length, "%s%d", length ? " " : "", word);
        s->last = word;
    }
}

static void connection(syx_session *s, bool is_down) {
    s->is_down = is_down;
    tell(s, SYX_EV_STATE, 0, is_down ? "reconnecting" : "connected", 0);
    if (s->back > 0) s->provider->core->timer(s->handle, (uint32_t)s->back, 1);
}

static void lose(syx_session *s) {
    if (s->was_lost || !(is(s, "lost") || is(s, "flapping") || is(s, "idle"))) return;
    s->was_lost = true;
    connection(s, true);
}

static void finish(syx_session *s) {
    if (s->is_down || s->owed == 0) return;
    tell(s, SYX_EV_FINAL, s->owed, s->words, 1);
    s->owed = 0;
}

/* ---- the recogniser */

static void transcribe(syx_session *s, const syx_event *input) {
    int milliseconds = (int)(input->audio->samples * 1000 / RATE);
    if (input->generation == 0) {
        s->quiet_ms += s->utterance ? milliseconds : 0;
        if (is(s, "idle") && s->quiet_ms >= s->provider->at) lose(s);
        return;
    }
    if (input->generation != s->utterance) {
        s->utterance = input->generation;
        s->words[0] = 0;
        s->last = s->heard_ms = 0;
    }
    const int16_t *samples = input->audio->data;
    for (uint32_t i = 0; i + BLOCK <= input->audio->samples; i += BLOCK) decode(s, samples + i, BLOCK);
    s->heard_ms += milliseconds;
    if (!is(s, "idle") && s->heard_ms >= s->provider->at) lose(s);
    if (!s->is_down) tell(s, SYX_EV_PARTIAL, s->utterance, s->words, 1);
}

/* ---- the model */

static void end_turn(syx_session *s) {
    s->turns++;
    if (s->turns == s->provider->at) lose(s);
    if (s->turns == s->provider->at && (is(s, "broken") || is(s, "broken_once"))) {
        s->provider->is_gone = is(s, "broken");
        return fail(s, SYX_EUNAVAILABLE, SYX_ERR_RETRYABLE);
    }
    if (s->is_down) return;
    tell(s, SYX_EV_SPEECH_STOP, 0, "", 0);
    if (!is(s, "untold") || s->turns != s->provider->at) tell(s, SYX_EV_FINAL, 0, s->words, 1);
    tell(s, SYX_EV_TURN_END, 0, "", 1);
    s->words[0] = 0;
    s->quiet_ms = 0;
}

static void converse(syx_session *s, const syx_event *input) {
    const int16_t *samples = input->audio->data;
    for (uint32_t i = 0; i + BLOCK <= input->audio->samples && !s->is_over; i += BLOCK) {
        bool was_silent = s->words[0] == 0;
        decode(s, samples + i, BLOCK);
        if (s->words[0] == 0) continue;
        if (was_silent) tell(s, SYX_EV_SPEECH_START, 0, "", 0);
        if (s->quiet_ms >= SILENCE_MS && s->quiet_ms % SILENCE_MS == 0) end_turn(s);
    }
}

static void configure(syx_session *s, const syx_event *input) {
    const char *at = input->json.ptr, *end = at + input->json.len;
    for (; at && at + 6 <= end; at++) s->lines += memcmp(at, "\"role\"", 6) == 0;
    if (is(s, "refused")) return fail(s, SYX_EAUTH, 0);
    if (is(s, "unreachable") || s->provider->is_gone) return fail(s, SYX_EUNAVAILABLE, SYX_ERR_RETRYABLE);
    tell(s, SYX_EV_READY, 0, "", 0);
}

static syx_status answer(syx_session *s, const syx_event *input) {
    char text[96];
    if (s->is_over) return SYX_EUNAVAILABLE;
    if (is(s, "untold") && s->turns == s->provider->at) {
        s->provider->is_gone = true;
        fail(s, SYX_EUNAVAILABLE, SYX_ERR_RETRYABLE);
        return SYX_OK;
    }
    s->owed = is(s, "silent") ? input->generation : 0;
    if (s->owed != 0 || s->is_down) return SYX_OK;
    snprintf(text, sizeof text, "%s after %d lines", s->provider->id, s->lines);
    tell(s, SYX_EV_DELTA, input->generation, text, 0);
    say_tone(s, input->generation, 1);
    return tell(s, SYX_EV_DONE, input->generation, "", 0);
}

static void use_tool(syx_session *s, const syx_event *input) {
    syx_event event;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.type = SYX_EV_TOOL_CALL;
    event.generation = input->generation;
    event.id = 1;
    event.text = (syx_str){"book", 4};
    event.json = (syx_str){"{}", 2};
    s->provider->core->emit(s->handle, &event);
}

static void take_result(syx_session *s, const syx_event *input) {
    if (s->turns == s->provider->at) fail(s, SYX_EUNAVAILABLE, SYX_ERR_RETRYABLE);
    else answer(s, input);
}

static void cancel(syx_session *s, uint64_t generation) {
    if (s->provider->kind != SYX_S2S || s->owed != generation) return;
    syx_event event;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.type = SYX_EV_ERROR;
    event.generation = s->owed;
    event.i0 = SYX_EUNAVAILABLE;
    event.text = (syx_str){"broken off", 10};
    s->owed = 0;
    s->provider->core->emit(s->handle, &event);
}

/* ---- the voice */

static void voice(syx_session *s) {
    if (s->is_down || s->clause == 0) return;
    say_tone(s, s->owed, s->clause);
    syx_event done;
    memset(&done, 0, sizeof done);
    done.struct_size = sizeof done;
    done.type = SYX_EV_DONE;
    done.generation = s->owed;
    done.id = s->clause;
    s->clause = 0;
    s->provider->core->emit(s->handle, &done);
}

static void speak(syx_session *s, const syx_event *input) {
    lose(s);
    s->owed = input->generation;
    s->clause = input->id;
    voice(s);
}

/* ---- all */

static syx_status handle(syx_session *s, const syx_event *input) {
    switch (input->type) {
    case SYX_EV_CONFIG: configure(s, input); break;
    case SYX_EV_AUDIO_IN:
        if (s->provider->kind == SYX_STT) transcribe(s, input);
        else converse(s, input);
        break;
    case SYX_EV_END_OF_INPUT:
        s->owed = input->generation;
        finish(s);
        break;
    case SYX_EV_PROMPT:
        if (!is(s, "tool")) return answer(s, input);
        use_tool(s, input);
        break;
    case SYX_EV_TOOL_RESULT: take_result(s, input); break;
    case SYX_EV_SPEAK: speak(s, input); break;
    case SYX_EV_TIMER:
        if (!is(s, "flapping")) s->back = 0;
        connection(s, !s->is_down);
        if (s->provider->kind == SYX_STT) finish(s);
        if (s->provider->kind == SYX_TTS) voice(s);
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
    syx_str json = params->config_json;
    p->at = number(json, "\"at\":");
    p->back = number(json, "\"back\":");
    const char *mode = json.len ? strstr(json.ptr, "\"mode\":\"") : NULL;
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
    s->back = p->back;
    if (is(s, "closed")) {
        fail(s, SYX_EUNAVAILABLE, SYX_ERR_RETRYABLE);
        free(s);
        return SYX_EUNAVAILABLE;
    }
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

#define SCHEMA \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"mode\":{\"type\":\"string\"}," \
    "\"at\":{\"type\":\"integer\"},\"back\":{\"type\":\"integer\"}}}"
#define CAPS "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}],\"languages\":[\"*\"]}"
#define PROVIDER(KIND, ID) \
    {.struct_size = sizeof(syx_plugin_desc), .kind = KIND, .id = ID, .version = "1.0.0", .config_schema = SCHEMA, \
     .caps_json = CAPS, .vt = &vt}

static const syx_plugin_desc hearing = PROVIDER(SYX_STT, PREFIX "hearing"),
                             spare = PROVIDER(SYX_STT, PREFIX "hearing-spare"),
                             voicing = PROVIDER(SYX_TTS, PREFIX "voicing"),
                             other = PROVIDER(SYX_TTS, PREFIX "voicing-spare"),
                             speaking = PROVIDER(SYX_S2S, PREFIX "speaking"),
                             second = PROVIDER(SYX_S2S, PREFIX "speaking-spare");
static const syx_plugin_desc *const descriptors[] = {&hearing, &spare, &voicing, &other, &speaking, &second};
static const syx_module module = {
    .magic = SYX_MAGIC,
    .struct_size = sizeof(syx_module),
    .abi_major = SYX_ABI_MAJOR,
    .abi_minor = SYX_ABI_MINOR,
    .n_plugins = 6,
    .build_info = "cc",
    .plugins = descriptors,
};

SYX_EXPORT const syx_module *syrinx_plugin_entry_1(void) { return &module; }
