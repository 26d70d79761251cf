/* SPDX-License-Identifier: Apache-2.0
 *
 * How each kind answers when nothing is wrong: at once, and shortly. */
#include "chaos.h"

enum { CLAUSE_MS = 200, FRAME_MS = 20, MAX_FRAME = 48000 / 1000 * FRAME_MS };

syx_event chaos_event(uint16_t type, const chaos_request *request) {
    return syx_ev(type, request->generation, request->id);
}

syx_status chaos_emit(syx_session *s, const syx_event *event) { return s->provider->core->emit(s->host, event); }

syx_status chaos_emit_text(syx_session *s, uint16_t type, const chaos_request *request, const char *text) {
    syx_event event = chaos_event(type, request);
    event.text = syx_cstr(text);
    event.f0 = 0.9;
    return chaos_emit(s, &event);
}

static syx_status emit_samples(syx_session *s, const chaos_request *request, uint32_t samples) {
    int16_t pcm[MAX_FRAME];
    for (uint32_t i = 0; i < samples; i++) pcm[i] = (i / 20) % 2 ? 3000 : -3000;
    syx_frame frame = {
        .struct_size = SYX_SIZEOF(syx_frame, buf),
        .format = SYX_FMT_S16,
        .rate = s->out.rate,
        .channels = 1,
        .samples = samples,
        .generation = request->generation,
        .pts = s->pts,
        .bytes = (size_t)samples * sizeof *pcm,
        .data = pcm,
    };
    syx_event event = chaos_event(SYX_EV_AUDIO_OUT, request);
    event.audio = &frame;
    syx_status status = chaos_emit(s, &event);
    if (status == SYX_OK) s->pts += samples;
    return status;
}

static uint32_t frame_samples(const syx_session *s) {
    uint32_t samples = s->out.rate / 1000 * FRAME_MS;
    return samples < MAX_FRAME ? samples : MAX_FRAME;
}

syx_status chaos_emit_audio(syx_session *s, const chaos_request *request) {
    return emit_samples(s, request, frame_samples(s));
}

syx_status chaos_piece(syx_session *s, const chaos_request *request) {
    switch (s->provider->kind) {
    case SYX_STT: return chaos_emit_text(s, SYX_EV_PARTIAL, request, "fine");
    case SYX_TTS: return chaos_emit_audio(s, request);
    case SYX_AGENT: return chaos_emit_text(s, SYX_EV_DELTA, request, "fine ");
    default: return chaos_emit_text(s, SYX_EV_STATE, request, "connected");
    }
}

syx_status chaos_finish(syx_session *s, const chaos_request *request) {
    switch (s->provider->kind) {
    case SYX_STT: return chaos_emit_text(s, SYX_EV_FINAL, request, "fine");
    case SYX_TURN: return chaos_emit_text(s, SYX_EV_TURN_END, request, "");
    case SYX_AGENT:
    case SYX_TTS: {
        syx_event done = chaos_event(SYX_EV_DONE, request);
        return chaos_emit(s, &done);
    }
    default: return SYX_OK;
    }
}

/* ------------------------------------------------------------------------------------------------------- speech -- */

static void drop_first(syx_session *s) {
    s->clause_count--;
    memmove(s->clauses, s->clauses + 1, s->clause_count * sizeof *s->clauses);
}

/* These are true when the answer is over. EAGAIN: the host has no room, WRITABLE follows. */
static bool end_cancelled(syx_session *s, const chaos_request *request) {
    syx_event event = chaos_event(SYX_EV_CANCELLED, request);
    return chaos_emit(s, &event) != SYX_EAGAIN;
}

static bool end_answer(syx_session *s, const chaos_request *request) {
    syx_status status = chaos_finish(s, request);
    return status == SYX_ESTALE ? end_cancelled(s, request) : status != SYX_EAGAIN;
}

static bool speak_clause(syx_session *s, chaos_clause *clause) {
    while (clause->samples_left > 0) {
        uint32_t samples = frame_samples(s);
        if (samples > clause->samples_left) samples = clause->samples_left;
        syx_status status = emit_samples(s, &clause->request, samples);
        if (status == SYX_EAGAIN) return false;
        if (status < 0) return end_cancelled(s, &clause->request);
        clause->samples_left -= samples;
    }
    return end_answer(s, &clause->request);
}

void chaos_speak(syx_session *s) {
    pthread_mutex_lock(&s->lock);
    while (s->clause_count > 0 && speak_clause(s, &s->clauses[0])) drop_first(s);
    pthread_mutex_unlock(&s->lock);
}

static syx_status add_clause(syx_session *s, const chaos_request *request, uint32_t ms) {
    pthread_mutex_lock(&s->lock);
    bool room = s->clause_count < CHAOS_CLAUSES;
    if (room) s->clauses[s->clause_count++] = (chaos_clause){*request, s->out.rate / 1000 * ms};
    pthread_mutex_unlock(&s->lock);
    return room ? SYX_OK : SYX_EQUOTA;
}

syx_status chaos_behave(syx_session *s, const chaos_request *request) {
    bool text = s->provider->kind == SYX_STT || s->provider->kind == SYX_AGENT;
    syx_status status = add_clause(s, request, s->provider->kind == SYX_TTS ? CLAUSE_MS : 0);
    if (status != SYX_OK) return status;
    if (text) chaos_piece(s, request);
    chaos_speak(s);
    return SYX_OK;
}
