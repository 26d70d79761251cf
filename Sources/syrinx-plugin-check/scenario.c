/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char scenario_sentence[] = "We have a table for two at the window.";

enum { UTTERANCE = 25, MAX_SAMPLES = 192 * 60 };

/* -------------------------------------------------------------------------------------------------------- sound -- */

void sound_speech(int16_t *pcm, size_t samples, size_t at, uint32_t rate) {
    uint32_t noise = (uint32_t)at * 2654435761u + 1;
    for (size_t i = 0; i < samples; i++) {
        double t = (double)(at + i) / rate;
        double loud = fmod(t, 0.5) < 0.3 ? 0.25 : 0.0;
        double x = loud * (sin(2 * M_PI * 140 * t) + 0.5 * sin(2 * M_PI * 700 * t) + 0.25 * sin(2 * M_PI * 1220 * t));
        noise = noise * 1664525u + 1013904223u;
        pcm[i] = (int16_t)(x * 18000 + (int32_t)(noise >> 24) - 128);
    }
}

uint32_t sound_frame_samples(const ck *c) { return c->format.rate / 50; }

syx_frame sound_frame(const ck *c, void *data, uint32_t samples) {
    syx_frame f = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = c->format.format, .rate = c->format.rate, .channels = 1};
    f.samples = samples;
    f.bytes = samples * (c->format.format == SYX_FMT_F32 ? 4u : 2u);
    f.data = data;
    return f;
}

static void media_step(ck *c, fake_session *s, size_t step, outcome *o) {
    int16_t pcm[MAX_SAMPLES];
    float wide[MAX_SAMPLES];
    uint32_t n = sound_frame_samples(c);
    sound_speech(pcm, n, step * n, c->format.rate);
    for (uint32_t i = 0; i < n; i++) wide[i] = pcm[i] / 32768.0f;
    syx_frame in = sound_frame(c, c->format.format == SYX_FMT_F32 ? (void *)wide : pcm, n);
    in.pts = (int64_t)(step * n);
    syx_frame out = in;
    syx_result r = {.struct_size = SYX_SIZEOF(syx_result, pts)};
    syx_status status = fake_process(s, &in, c->d->kind == SYX_FILTER ? &out : NULL, &r);
    if (!o || o->frames == SCENARIO_FRAMES * 2) return;
    if (status < 0) o->refused++;
    o->probability[o->frames++] = r.probability;
    if (c->d->kind != SYX_FILTER) return;
    o->pcm = realloc(o->pcm, (o->samples + n) * sizeof *o->pcm);
    for (uint32_t i = 0; i < n; i++)
        o->pcm[o->samples++] = c->format.format == SYX_FMT_F32 ? (int16_t)(wide[i] * 32767.0f) : pcm[i];
}

/* --------------------------------------------------------------------------------------------------- requests -- */

uint16_t scenario_request_type(const ck *c) {
    return c->d->kind == SYX_TTS ? SYX_EV_SPEAK : c->d->kind == SYX_STT ? SYX_EV_END_OF_INPUT : SYX_EV_PROMPT;
}

static void utterance_audio(ck *c, fake_session *s, uint64_t generation, size_t frame) {
    int16_t pcm[MAX_SAMPLES];
    uint32_t n = sound_frame_samples(c);
    sound_speech(pcm, n, frame * n, c->format.rate);
    fake_audio(s, generation, pcm, n, c->format.rate);
}

/* A tool that an agent calls is answered: nothing was found. */
static void answer_tools(fake_session *s, size_t from) {
    for (size_t i = from; i < s->event_count; i++) {
        const fake_event *e = &s->events[i];
        if (e->type != SYX_EV_TOOL_CALL) continue;
        syx_event ev = syx_ev(SYX_EV_TOOL_RESULT, e->generation, e->id);
        ev.text = syx_cstr("nothing found");
        fake_handle(s, &ev);
    }
}

syx_status scenario_ask(ck *c, fake_session *s, uint64_t generation, const char *text) {
    switch (c->d->kind) {
    case SYX_TTS: {
        syx_event ev = syx_ev(SYX_EV_SPEAK, generation, 0);
        ev.text = syx_cstr(text);
        ev.flags = SYX_SPEAK_LAST;
        return fake_handle(s, &ev);
    }
    case SYX_STT:
        for (size_t i = 0; i < UTTERANCE; i++) utterance_audio(c, s, generation, i);
        return fake_send(s, SYX_EV_END_OF_INPUT, generation, 0, "", "");
    default:
        return fake_send(s, SYX_EV_PROMPT, generation, 0, text,
                         "{\"history\":[{\"role\":\"user\",\"text\":\"hello\"}],\"tools\":[],\"language\":\"en\"}");
    }
}

static bool wait_end(fake_session *s) {
    int64_t end = fake_real() + (int64_t)SCENARIO_WAIT_MS * 1000000;
    size_t seen = 0;
    while (!fake_wait_ends(s, 20) && fake_real() < end) {
        size_t now = s->event_count;
        answer_tools(s, seen);
        seen = now;
    }
    return fake_wait_ends(s, 0);
}

bool scenario_request(ck *c, fake_session *s, uint64_t generation, const char *text) {
    return scenario_ask(c, s, generation, text) >= 0 && wait_end(s);
}

/* ------------------------------------------------------------------------------------------------------- steps -- */

static const char *const turns[] = {"I would like", "I would like a table", "I would like a table for two.", "No."};
static const char *const prompts[] = {"Hello.", "A table for two, please.", "Tomorrow at eight."};

size_t scenario_steps(const ck *c) {
    switch (c->d->kind) {
    case SYX_VAD: case SYX_FILTER: return SCENARIO_FRAMES;
    case SYX_STT: return 2 * (UTTERANCE + 2);
    case SYX_TTS: return 5;
    case SYX_AGENT: return 6;
    case SYX_TURN: return 8;
    default: return 1;
    }
}

static void stt_step(ck *c, fake_session *s, size_t step) {
    uint64_t generation = c->base + 1 + step / (UTTERANCE + 2);
    size_t at = step % (UTTERANCE + 2);
    if (at < UTTERANCE) utterance_audio(c, s, generation, at + step);
    else if (at == UTTERANCE) fake_send(s, SYX_EV_END_OF_INPUT, generation, 0, "", "");
    else wait_end(s);
}

static void tts_step(ck *c, fake_session *s, size_t step) {
    if (step == 0) fake_send(s, SYX_EV_SPEAK, c->base + 1, 0, scenario_sentence, "{\"language\":\"en\"}");
    if (step == 1 || step == 3) {
        syx_event ev = syx_ev(SYX_EV_SPEAK, c->base + (step == 1 ? 1 : 2), 1);
        ev.text = syx_cstr("Yes, of course.");
        ev.flags = SYX_SPEAK_LAST;
        fake_handle(s, &ev);
    }
    if (step == 2 || step == 4) wait_end(s);
}

void scenario_step(ck *c, fake_session *s, size_t step, outcome *o) {
    switch (c->d->kind) {
    case SYX_VAD: case SYX_FILTER: media_step(c, s, step, o); break;
    case SYX_STT: stt_step(c, s, step); break;
    case SYX_TTS: tts_step(c, s, step); break;
    case SYX_AGENT:
        if (step % 2 == 0) scenario_ask(c, s, c->base + 1 + step / 2, prompts[step / 2]);
        else wait_end(s);
        break;
    case SYX_TURN:
        if (step % 2 == 0) fake_send(s, SYX_EV_TRANSCRIPT, c->base + 1 + step / 2, 0, turns[step / 2], "");
        else fake_wait(s, SYX_EV_TURN_END, c->base + 1 + step / 2, 300);
        break;
    default: fake_pump(s);
    }
}

void scenario_collect(ck *c, fake_session *s, outcome *o) {
    o->rate = c->format.rate;
    o->complete = fake_wait_ends(s, 0);
    if (c->d->kind == SYX_TTS && s->samples) {
        o->samples = s->samples;
        o->pcm = malloc(s->samples * sizeof *o->pcm);
        memcpy(o->pcm, s->pcm, s->samples * sizeof *o->pcm);
    }
    for (size_t i = 0; i < s->event_count; i++) {
        const fake_event *e = &s->events[i];
        o->events++;
        if (fake_is_terminal(e->type)) o->ends++;
        /* READY is an event only where session_open() was answered late: from a helper, as it comes. */
        if (e->type == SYX_EV_AUDIO_OUT || e->type == SYX_EV_PARTIAL || e->type == SYX_EV_USAGE || e->type == SYX_EV_READY) continue;
        /* Order within one generation is kept; that of pieces of an answer is part of the text. */
        o->digest = (o->digest * 31 + e->digest) * 31 + e->type * 1000003u + (e->generation > c->base ? e->generation - c->base : e->generation);
    }
    for (size_t i = 0; i < s->request_count; i++) o->refused += s->requests[i].status < 0 || s->requests[i].status == SYX_SKIP;
}

void scenario_run(ck *c, fake_session *s, outcome *o) {
    for (size_t i = 0; i < scenario_steps(c); i++) scenario_step(c, s, i, o);
    if (o) scenario_collect(c, s, o);
}

bool scenario_whole(ck *c) {
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (!s) return false;
    scenario_run(c, s, NULL);
    fake_close(s);
    ck_close(c, p);
    return true;
}

/* ---------------------------------------------------------------------------------------------------- comparing -- */

static double level(const int16_t *pcm, size_t n) {
    double power = 1;
    for (size_t i = 0; i < n; i++) power += (double)pcm[i] * pcm[i] / (double)n;
    return 10 * log10(power);
}

/* Engines carry noise and intonation from clause to clause, so two runs of one sentence differ in samples: lengths within
 * 5 %, and levels of 20 ms within 5 dB on average, each taken where it fits best within 100 ms of its place. */
static bool alike(const outcome *a, const outcome *b) {
    enum { REACH = 5 };
    if (a->samples == 0 || b->samples == 0) return a->samples == b->samples;
    const outcome *s = a->samples < b->samples ? a : b, *l = s == a ? b : a;
    if (s->samples * 100 < l->samples * 95) return false;
    size_t block = a->rate / 50, n = s->samples / block, blocks = l->samples / block;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = i * blocks / n, from = at > REACH ? at - REACH : 0;
        double here = level(s->pcm + i * block, block), least = INFINITY;
        for (size_t k = from; k <= at + REACH && k < blocks; k++) least = fmin(least, fabs(here - level(l->pcm + k * block, block)));
        sum += least;
    }
    return n == 0 || sum / (double)n < 5;
}

const char *scenario_differs(const ck *c, const outcome *a, const outcome *b) {
    static char text[160];
    if (a->frames != b->frames || memcmp(a->probability, b->probability, a->frames * sizeof *a->probability) != 0)
        return "the probabilities of its frames";
    if (c->d->kind == SYX_FILTER && (a->samples != b->samples || memcmp(a->pcm, b->pcm, a->samples * sizeof *a->pcm) != 0))
        return "its samples";
    if (a->refused != b->refused) return "the number of refused requests";
    if (a->ends != b->ends || a->complete != b->complete) {
        snprintf(text, sizeof text, "the number of ended requests (%zu, %zu)", a->ends, b->ends);
        return text;
    }
    if (c->d->kind == SYX_TTS && !alike(a, b)) {
        snprintf(text, sizeof text, "its speech (%zu, %zu samples)", a->samples, b->samples);
        return text;
    }
    if (c->d->kind != SYX_TTS && a->digest != b->digest) return "its texts";
    return NULL;
}
