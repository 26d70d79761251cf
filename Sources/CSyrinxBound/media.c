/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames through a filter or vad. Three ways, chosen when the session opens: whole blocks straight through the
 * library, blocks gathered from frames of another length, and frames of any length. [rt]: nothing is allocated here. */
#include <math.h>
#include <stdlib.h>

#include "session.h"
#include "types.h"

enum { LONGEST_MS = 60 };

static uint32_t block_samples(const bound_format *f, uint32_t rate) {
    return f->frame_samples ? f->frame_samples : rate * f->frame_ms / 1000;
}

bool bound_media_open(syx_session *s, const syx_session_params *params) {
    bound_media *m = &s->media;
    m->block = block_samples(&s->module->format, s->rate);
    m->straight = m->block == 0 || (params->in.samples > 0 && params->in.samples % m->block == 0);
    s->builtins[BOUND_SAMPLES].u = m->block;
    m->capacity = s->rate * LONGEST_MS / 1000;
    if (m->block > m->capacity) m->capacity = m->block;
    m->scratch = calloc(m->capacity, sizeof *m->scratch);
    m->gathering = calloc(m->block + 1, sizeof *m->gathering);
    m->ready = calloc(m->block + 1, sizeof *m->ready);
    m->wide = calloc(m->capacity, sizeof *m->wide);
    m->wide_out = calloc(m->capacity, sizeof *m->wide_out);
    return m->scratch && m->gathering && m->ready && m->wide && m->wide_out;
}

void bound_media_close(syx_session *s) {
    bound_media *m = &s->media;
    free(m->scratch);
    free(m->gathering);
    free(m->ready);
    free(m->wide);
    free(m->wide_out);
}

void bound_media_reset(syx_session *s) {
    bound_media *m = &s->media;
    m->filled = 0;
    m->probability = 0;
    memset(m->ready, 0, m->block * sizeof *m->ready);
}

/* ---------------------------------------------------------------------------------------------------------- f32 -- */

static void widen(const int16_t *from, float *to, uint32_t n, float range) {
    float scale = range / 32768.0f;
    for (uint32_t i = 0; i < n; i++) to[i] = (float)from[i] * scale;
}

static void narrow(const float *from, int16_t *to, uint32_t n, float range) {
    float scale = 32768.0f / range;
    for (uint32_t i = 0; i < n; i++) {
        float x = from[i] * scale;
        to[i] = !(x > -32768.0f) ? -32768 : x > 32767.0f ? 32767 : (int16_t)lrintf(x);
    }
}

/* A library that answers NaN has nothing to say. */
static float probability(const syx_session *s) {
    const bound_value *v = &s->module->probability;
    if (v->source != BOUND_FROM_VARIABLE) return 0;
    double p = bound_number(s->cells[v->variable->slot], v->type.base) * s->module->probability_scale;
    return p > 1 ? 1 : p > 0 ? (float)p : 0;
}

/* --------------------------------------------------------------------------------------------------------- blocks -- */

/* Runs the library over n samples at `in`; `out` (NULL for a vad) may be `in`. */
static bool run_s16(syx_session *s, const int16_t *in, int16_t *out, uint32_t n) {
    bound_media *m = &s->media;
    const bool *uses = s->module->uses;
    if (uses[BOUND_INOUT]) {
        int16_t *target = out ? out : m->scratch;
        if (target != in) memcpy(target, in, n * sizeof *in);
        s->builtins[BOUND_INOUT].p = target;
    } else {
        if (out == in) memcpy(m->scratch, in, n * sizeof *in);
        s->builtins[BOUND_IN].cp = out == in ? m->scratch : in;
        s->builtins[BOUND_OUT].p = out;
    }
    return bound_run(&s->work, NULL) == NULL;
}

static bool run_f32(syx_session *s, const int16_t *in, int16_t *out, uint32_t n) {
    bound_media *m = &s->media;
    float range = s->module->format.range, *result = s->module->uses[BOUND_INOUT] ? m->wide : m->wide_out;
    widen(in, m->wide, n, range);
    s->builtins[BOUND_IN].p = s->builtins[BOUND_INOUT].p = m->wide;
    s->builtins[BOUND_OUT].p = m->wide_out;
    bool ok = bound_run(&s->work, NULL) == NULL;
    if (ok && out) narrow(result, out, n, range);
    return ok;
}

static bool run(syx_session *s, const int16_t *in, int16_t *out, uint32_t n) {
    s->builtins[BOUND_FRAME_SAMPLES].u = n;
    return s->module->format.f32 ? run_f32(s, in, out, n) : run_s16(s, in, out, n);
}

static syx_status straight(syx_session *s, const int16_t *in, int16_t *out, uint32_t n) {
    uint32_t step = s->media.block ? s->media.block : n;
    if (n % step) return SYX_EINVAL;
    float highest = 0;
    for (uint32_t at = 0; at < n; at += step) {
        if (!run(s, in + at, out ? out + at : NULL, step)) return SYX_EINTERNAL;
        float p = probability(s);
        if (p > highest) highest = p;
    }
    s->media.probability = highest;
    return SYX_OK;
}

/* Each sample that goes in takes out the one that came a block before. */
static syx_status gather(syx_session *s, const int16_t *in, int16_t *out, uint32_t n) {
    bound_media *m = &s->media;
    float highest = -1;
    for (uint32_t at = 0; at < n;) {
        uint32_t part = m->block - m->filled < n - at ? m->block - m->filled : n - at;
        memcpy(m->gathering + m->filled, in + at, part * sizeof *in);
        /* Behind the copy, for `out` may be `in`. */
        if (out) memcpy(out + at, m->ready + m->filled, part * sizeof *out);
        m->filled += part;
        at += part;
        if (m->filled < m->block) break;
        m->filled = 0;
        if (!run(s, m->gathering, out ? m->ready : NULL, m->block)) return SYX_EINTERNAL;
        float p = probability(s);
        if (p > highest) highest = p;
    }
    /* A frame in which no block ended: what was heard last still holds. */
    if (highest >= 0) m->probability = highest;
    return SYX_OK;
}

/* Silence may come without its samples. */
static const int16_t *samples_of(const syx_frame *in) {
    static const int16_t silence[48000 / 1000 * LONGEST_MS];
    return in->data ? in->data : silence;
}

/* Describes the output; its samples come from the library. */
static syx_status describe(const syx_frame *in, syx_frame *out) {
    size_t bytes = (size_t)in->samples * sizeof(int16_t);
    if (!out || !SYX_HAS(out, syx_frame, buf) || !out->data || out->bytes < bytes) return SYX_EINVAL;
    if ((uintptr_t)out->data & 1) return SYX_EINVAL;
    out->format = in->format;
    out->rate = in->rate;
    out->channels = in->channels;
    out->samples = in->samples;
    out->flags = in->flags & ~(uint32_t)SYX_FR_SILENCE;
    out->generation = in->generation;
    out->pts = in->pts;
    out->t_ns = in->t_ns;
    out->bytes = bytes;
    return SYX_OK;
}

syx_status bound_process(syx_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    bool filter = s->module->kind == SYX_FILTER;
    if (!syx_frame_is_pcm(in, s->rate) || !syx_frame_fits(in, 1)) return SYX_EINVAL;
    if (in->flags & SYX_FR_ECHO_REF) return SYX_SKIP;
    if (!s->opened) return SYX_EUNAVAILABLE;
    syx_status status = filter ? describe(in, out) : SYX_OK;
    if (status < 0) return status;
    const int16_t *pcm = samples_of(in);
    int16_t *to = filter ? out->data : NULL;
    status = s->media.straight ? straight(s, pcm, to, in->samples) : gather(s, pcm, to, in->samples);
    if (status < 0) return status;
    syx_result_fill(result, in, s->media.probability, filter ? SYX_LEVEL_MIN : syx_pcm_level(pcm, in->samples));
    return SYX_OK;
}
