/* SPDX-License-Identifier: Apache-2.0 */
#include "speech.h"

#include <ctype.h>
#include <math.h>

#include "session.h"
#include "types.h"

enum { OPENED = 1, CHUNK = 1024, LONGEST_CHUNK = 1 << 22, LONGEST_SECONDS = 600, MOST_MARKS = 4096 };

/* -------------------------------------------------------------------------------------------- the library's calls -- */

bool bound_speaking(syx_session *session) {
    if (!session) return false;
    bound_voice *v = &session->voice;
    syx_clause *c = atomic_load(&v->clause);
    if (!c || atomic_load(&v->stopped)) return false;
    if (!syx_cancelled(&v->speaker.cancelled, c->generation)) return true;
    atomic_store(&v->stopped, true);
    return false;
}

bool bound_is_of(const syx_session *session, const bound_module *module) {
    return session && session->module == module;
}

bound_cell bound_variable_cell(const syx_session *session, const bound_value *value) {
    if (value->source != BOUND_FROM_VARIABLE) return value->constant;
    return session->frame.variables[value->variable->scope][value->variable->slot];
}

static void stop(bound_voice *v) { atomic_store(&v->stopped, true); }

/* A library that never ends its clause would fill the memory. */
static bool too_long(syx_session *s, syx_clause *c, size_t samples) {
    pthread_mutex_lock(&s->voice.speaker.lock);
    bool longer = c->samples + samples > (size_t)s->rate * LONGEST_SECONDS;
    pthread_mutex_unlock(&s->voice.speaker.lock);
    if (longer) s->voice.endless = true;
    return longer;
}

static bool write_f32(syx_session *s, syx_clause *c, const float *pcm, size_t samples) {
    int16_t part[CHUNK];
    float scale = 32768.0f / s->module->format.range;
    for (size_t at = 0; at < samples; at += CHUNK) {
        size_t n = samples - at < CHUNK ? samples - at : CHUNK;
        for (size_t i = 0; i < n; i++) {
            float x = pcm[at + i] * scale;
            part[i] = !(x > -32768.0f) ? -32768 : x > 32767.0f ? 32767 : (int16_t)lrintf(x);
        }
        if (!syx_speaker_write(&s->voice.speaker, c, part, n)) return false;
    }
    return true;
}

static void emit_audio(syx_session *s, syx_clause *c, const void *pcm, int64_t samples) {
    bound_voice *v = &s->voice;
    if (!pcm || samples <= 0) return;
    bool ok = samples <= LONGEST_CHUNK && !too_long(s, c, (size_t)samples);
    if (ok) ok = s->module->format.f32 ? write_f32(s, c, pcm, (size_t)samples)
                                       : syx_speaker_write(&v->speaker, c, pcm, (size_t)samples);
    if (!ok) stop(v);
}

/* Byte offset of a character; the cursor only moves on within a clause. */
static size_t byte_of(bound_voice *v, const syx_clause *c, size_t chars) {
    while (v->mark_chars < chars && v->mark_bytes < c->len) {
        do v->mark_bytes++;
        while (v->mark_bytes < c->len && ((unsigned char)c->text[v->mark_bytes] & 0xC0) == 0x80);
        v->mark_chars++;
    }
    return v->mark_bytes;
}

static void emit_mark(syx_session *s, syx_clause *c, const bound_op *op, int64_t text, int64_t audio) {
    if (text < 0 || audio < 0 || audio > INT32_MAX || c->mark_count >= MOST_MARKS) return;
    size_t byte = op->chars ? byte_of(&s->voice, c, (size_t)text) : (size_t)text;
    size_t sample = op->ms ? (size_t)audio * s->rate / 1000 : (size_t)audio;
    if (byte <= c->len) syx_speaker_mark(&s->voice.speaker, c, byte, sample);
}

void bound_emit(syx_session *session, const bound_op *op, bound_cell first, bound_cell second) {
    syx_clause *c = atomic_load(&session->voice.clause);
    if (!c || atomic_load(&session->voice.stopped)) return;
    if (op->kind == BOUND_EMIT_AUDIO)
        emit_audio(session, c, first.p, bound_widen(second, op->args[1].type.base).i);
    else
        emit_mark(session, c, op, first.i, second.i);
}

/* ----------------------------------------------------------------------------------------------- voices, languages -- */

/* Libraries make file names of these: letters, digits and what joins them. */
static bool is_plain(const char *name) {
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("-_+", *p)) return false;
    return name[0] != 0;
}

static size_t primary(const char *tag) { return strcspn(tag, "-_"); }

static bool same_language(const char *a, const char *b) {
    return primary(a) == primary(b) && strncasecmp(a, b, primary(a)) == 0;
}

/* The voice of a language tag: the tag itself, then its language alone. */
static const char *voice_for(const bound_module *m, const char *tag) {
    const char *key, *near = NULL;
    json_t *value;
    json_object_foreach(m->voices, key, value) {
        if (strcasecmp(key, tag) == 0) return json_string_value(value);
        if (key[primary(key)] == 0 && same_language(key, tag)) near = json_string_value(value);
    }
    return near;
}

/* The clause's own voice; another language's voice; the session's voice; the session's language's voice. */
static void choose_voice(syx_session *s, const syx_clause *c) {
    const bound_settings *config = s->provider->config;
    const char *voice = bound_settings_text(s->options, config, "voice");
    const char *language = bound_settings_text(s->options, config, "language"), *foreign = NULL;
    if (c->language[0] && is_plain(c->language)) {
        if (!language || !same_language(language, c->language)) foreign = voice_for(s->module, c->language);
        if (voice && !language) foreign = NULL;
        if (!language || foreign) language = c->language;
    }
    if (!voice && language) voice = voice_for(s->module, language);
    if (foreign) voice = foreign;
    if (c->voice[0] && is_plain(c->voice)) voice = c->voice;
    s->builtins[BOUND_VOICE].cp = voice ? voice : "";
    s->builtins[BOUND_LANGUAGE].cp = language ? language : "";
}

/* ----------------------------------------------------------------------------------------------------------- work -- */

static void take_options(syx_session *s) {
    bound_voice *v = &s->voice;
    pthread_mutex_lock(&v->lock);
    bound_settings *fresh = v->pending;
    v->pending = NULL;
    pthread_mutex_unlock(&v->lock);
    if (!fresh) return;
    bound_settings_free(s->options);
    s->options = fresh;
    s->frame.options = fresh->cells;
    bound_fill(&s->work, &s->frame);
}

static syx_status speak(syx_session *s, syx_clause *c, syx_err *err) {
    bound_voice *v = &s->voice;
    choose_voice(s, c);
    s->builtins[BOUND_TEXT].p = c->text;
    s->builtins[BOUND_TEXT_LENGTH].u = c->len;
    v->mark_chars = v->mark_bytes = 0;
    v->endless = false;
    atomic_store(&v->stopped, false);
    atomic_store(&v->clause, c);
    const bound_op *failed = bound_run(&s->work, s);
    bool wanted = bound_speaking(s);
    atomic_store(&v->clause, NULL);
    if (v->endless)
        return syx_fail(err, SYX_EINTERNAL, "the library gave more than %d s of audio for one clause", LONGEST_SECONDS);
    if (!wanted) return SYX_ESTALE;
    char text[200];
    return failed ? syx_fail(err, SYX_EINTERNAL, "%s", bound_complaint(failed, text, sizeof text)) : SYX_OK;
}

/* [work] One clause. A library with one state for the process speaks for one session at a time. */
static syx_status synthesise(syx_speaker *speaker, syx_clause *c, syx_err *err) {
    syx_session *s = speaker->context;
    bound_module *m = s->module;
    if (s->voice.failed) return syx_fail(err, SYX_EUNAVAILABLE, "%s", s->voice.complaint);
    take_options(s);
    if (!m->global_state) return speak(s, c, err);
    pthread_mutex_lock(&m->shared->lock);
    atomic_store(&m->shared->speaking, s);
    /* It may have been cancelled while it waited for the lock. */
    syx_status status = syx_cancelled(&speaker->cancelled, c->generation) ? SYX_ESTALE : bound_set_up(m, err);
    if (status == SYX_OK) status = speak(s, c, err);
    atomic_store(&m->shared->speaking, NULL);
    pthread_mutex_unlock(&m->shared->lock);
    return status;
}

/* [work] "open" may load a voice. */
static void open_task(void *arg) {
    syx_session *s = arg;
    s->voice.failed = !bound_session_start(s, s->voice.complaint, sizeof s->voice.complaint);
    atomic_store(&s->voice.settled, true);
}

syx_status bound_voice_open(syx_session *s, const syx_session_params *params, syx_err *err) {
    bound_voice *v = &s->voice;
    const syx_provider *p = s->provider;
    pthread_mutex_init(&v->lock, NULL);
    syx_speaker_init(&v->speaker, p->core, p->host, s->host, params, s->rate);
    v->speaker.synthesise = synthesise;
    v->speaker.context = s;
    if (s->open.count == 0 && s->close.count == 0) return s->opened = true, SYX_OK;
    if (p->core->run(s->host, open_task, s, OPENED) == SYX_OK) return SYX_PENDING;
    return syx_fail(err, SYX_EUNAVAILABLE, "the host has no worker free to open a voice");
}

void bound_voice_close(syx_session *s) {
    syx_speaker_free(&s->voice.speaker);
    pthread_mutex_destroy(&s->voice.lock);
    bound_settings_free(s->voice.pending);
}

/* READY, or why not; again when the host's queue was full. */
static void announce(syx_session *s) {
    bound_voice *v = &s->voice;
    const syx_core *core = s->provider->core;
    syx_event ready = syx_ev(SYX_EV_READY, 0, 0);
    syx_status status = v->failed ? syx_emit_error(core, s->host, 0, 0, SYX_EUNAVAILABLE, 0, v->complaint)
                                  : core->emit(s->host, &ready);
    v->announced = status != SYX_EAGAIN;
}

syx_status bound_voice_options(syx_session *s, bound_settings *settings) {
    bound_voice *v = &s->voice;
    pthread_mutex_lock(&v->lock);
    bound_settings *old = v->pending;
    v->pending = settings;
    pthread_mutex_unlock(&v->lock);
    bound_settings_free(old);
    return SYX_OK;
}

syx_status bound_voice_handle(syx_session *s, const syx_event *ev) {
    if (atomic_load(&s->voice.settled) && !s->voice.announced) announce(s);
    return syx_speaker_handle(&s->voice.speaker, ev);
}
