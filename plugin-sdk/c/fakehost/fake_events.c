/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin's session sends: held to the rules, counted against room and credit, kept. */
#include <stdlib.h>
#include <string.h>

#include "fake_internal.h"

bool fake_is_terminal(uint16_t type) {
    return type == SYX_EV_DONE || type == SYX_EV_CANCELLED || type == SYX_EV_ERROR || type == SYX_EV_FINAL;
}

bool fake_was_cancelled(const fake_session *s, uint64_t generation) {
    size_t n = s->cancelled_count < 64 ? s->cancelled_count : 64;
    for (size_t i = 0; i < n; i++)
        if (s->cancelled[i] == generation) return true;
    return false;
}

bool fake_is_utf8(const char *text, size_t length) {
    const unsigned char *p = (const unsigned char *)text, *end = p + length;
    while (p < end) {
        unsigned char c = *p++;
        if (c < 0x80) continue;
        int more = c >= 0xC2 && c < 0xE0 ? 1 : (c & 0xF0) == 0xE0 ? 2 : c >= 0xF0 && c < 0xF5 ? 3 : 0;
        if (more == 0 || end - p < more) return false;
        if ((c == 0xE0 && p[0] < 0xA0) || (c == 0xED && p[0] > 0x9F)) return false;
        if ((c == 0xF0 && p[0] < 0x90) || (c == 0xF4 && p[0] > 0x8F)) return false;
        while (more-- > 0)
            if ((*p++ & 0xC0) != 0x80) return false;
    }
    return true;
}

static uint64_t digest(uint64_t h, syx_str s) {
    for (size_t i = 0; i < s.len; i++) h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
    return (h ^ 0xff) * 1099511628211u;
}

static void keep_audio(fake_session *s, const syx_frame *f) {
    if (s->samples + f->samples > s->capacity) {
        s->capacity = (s->samples + f->samples) * 2;
        s->pcm = realloc(s->pcm, s->capacity * sizeof *s->pcm);
        if (!s->pcm) abort();
    }
    if (f->format == SYX_FMT_S16) {
        memcpy(s->pcm + s->samples, f->data, f->samples * sizeof *s->pcm);
    } else {
        const float *in = f->data;
        for (uint32_t i = 0; i < f->samples; i++) {
            float x = in[i] * 32767.0f;
            s->pcm[s->samples + i] = (int16_t)(x > 32767 ? 32767 : x < -32768 ? -32768 : x == x ? x : 0);
        }
    }
    s->samples += f->samples;
}

static void keep_event(fake_session *s, const syx_event *ev) {
    if (s->event_count == FAKE_EVENTS) return;
    fake_event *e = &s->events[s->event_count];
    *e = (fake_event){.type = ev->type,
                      .generation = ev->generation,
                      .id = ev->id,
                      .i0 = ev->i0,
                      .i1 = ev->i1,
                      .f0 = ev->f0,
                      .at_ns = fake_real(),
                      .digest = digest(digest(14695981039346656037u, ev->text), ev->json),
                      .text_len = ev->text.len};
    size_t n = ev->text.len < FAKE_TEXT - 1 ? ev->text.len : FAKE_TEXT - 1;
    if (n) memcpy(e->text, ev->text.ptr, n);
    s->event_count++;
}

static fake_request *request_of(fake_session *s, const syx_event *ev) {
    fake_request *found = NULL;
    for (size_t i = 0; i < s->request_count; i++) {
        fake_request *r = &s->requests[i];
        if (r->generation != ev->generation || (r->type == SYX_EV_SPEAK && r->id != ev->id)) continue;
        if (!found || found->terminals > 0 || found->status < 0) found = r;
    }
    return found;
}

static void note_terminal(fake_session *s, const syx_event *ev) {
    if (!fake_is_terminal(ev->type) || (ev->type == SYX_EV_ERROR && ev->generation == 0)) return;
    fake_request *r = request_of(s, ev);
    if (!r) {
        /* A recogniser may end an utterance by itself, and a cancel may be answered though nothing was asked. */
        if (ev->type == SYX_EV_DONE)
            fake_note(FAKE_STRAY_TERMINAL, "DONE for generation %llu id %llu, which was never asked for",
                      (unsigned long long)ev->generation, (unsigned long long)ev->id);
        return;
    }
    if (r->status < 0) fake_note(FAKE_STRAY_TERMINAL, "event %u ends a request that handle() had refused", ev->type);
    if (r->terminals++ > 0)
        fake_note(FAKE_SECOND_TERMINAL, "second terminal (event %u) for generation %llu id %llu", ev->type,
                  (unsigned long long)ev->generation, (unsigned long long)ev->id);
}

static bool sends(const fake_session *s, uint16_t type) {
    switch (type) {
    case SYX_EV_READY: case SYX_EV_ERROR: case SYX_EV_CANCELLED: case SYX_EV_USAGE: case SYX_EV_STATE:
    case SYX_EV_HEALTH: case SYX_EV_DRAINED: return true;
    case SYX_EV_AUDIO_OUT: case SYX_EV_MARK: return s->kind == SYX_TTS || s->kind == SYX_S2S;
    case SYX_EV_PARTIAL: case SYX_EV_FINAL: case SYX_EV_SPEECH_START: case SYX_EV_SPEECH_STOP:
        return s->kind == SYX_STT || s->kind == SYX_S2S;
    case SYX_EV_TURN_END: return s->kind == SYX_STT || s->kind == SYX_TURN || s->kind == SYX_S2S;
    case SYX_EV_DELTA: case SYX_EV_TOOL_CALL: return s->kind == SYX_AGENT || s->kind == SYX_S2S;
    case SYX_EV_DONE: return s->kind == SYX_AGENT || s->kind == SYX_TTS || s->kind == SYX_S2S;
    case SYX_EV_DTMF_OUT: case SYX_EV_PEER: return s->kind == SYX_TRANSPORT || s->kind == SYX_S2S;
    default: return false;
    }
}

static bool audio_ok(const fake_session *s, const syx_event *ev) {
    const syx_frame *f = ev->audio;
    if (!f || !SYX_HAS(f, syx_frame, buf) || !f->data || f->samples == 0 || f->channels != 1) return false;
    size_t width = f->format == SYX_FMT_S16 ? 2 : f->format == SYX_FMT_F32 ? 4 : 0;
    return width && f->bytes == f->samples * width && (s->out.rate == 0 || f->rate == s->out.rate);
}

static bool text_ok(const syx_event *ev) {
    if ((ev->text.len && !ev->text.ptr) || (ev->json.len && !ev->json.ptr)) return false;
    return fake_is_utf8(ev->text.ptr, ev->text.len) && fake_is_utf8(ev->json.ptr, ev->json.len) &&
           (ev->json.len == 0 || ev->json.ptr[0] == '{');
}

syx_status fake_take(fake_session *s, const syx_event *ev) {
    s->emits++;
    if (fake_set.emit_faults > 0) return fake_set.emit_faults--, fake_set.emit_fault;
    if (!ev || !SYX_HAS(ev, syx_event, audio) || ev->space != 0 || !sends(s, ev->type) ||
        (ev->type == SYX_EV_AUDIO_OUT && !audio_ok(s, ev))) {
        fake_note(FAKE_BAD_EVENT, "emit of event %u: malformed, or not one that this kind may send", ev ? ev->type : 0);
        return SYX_EINVAL;
    }
    if (!text_ok(ev)) return fake_note(FAKE_BAD_TEXT, "event %u: its text is not UTF-8 or its json no object", ev->type), SYX_EINVAL;
    if (fake_set.logged) fake_set.logged(ev->text), fake_set.logged(ev->json);
    bool passing = fake_is_terminal(ev->type) || ev->type == SYX_EV_USAGE || ev->type == SYX_EV_STATE;
    if (!passing && ev->generation != 0 && fake_was_cancelled(s, ev->generation)) return s->stale++, SYX_ESTALE;
    bool audio = ev->type == SYX_EV_AUDIO_OUT;
    if (s->room == 0 || (audio && ev->audio->samples > s->credit)) return s->starved = true, s->refused++, SYX_EAGAIN;
    if (s->room != SIZE_MAX) s->room--;
    if (audio) {
        if (s->credit != SIZE_MAX) s->credit -= ev->audio->samples;
        keep_audio(s, ev->audio);
    }
    note_terminal(s, ev);
    keep_event(s, ev);
    pthread_cond_broadcast(&fake_changed);
    return SYX_OK;
}
