/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx_speaker.h -- a TTS session's clause queue, for engines that turn a clause into 16-bit mono PCM by a blocking
 * call. The engine supplies one function, `synthesise`, which runs on a worker and hands PCM to syx_speaker_write;
 * everything the ABI asks of a TTS session is done here:
 *
 *  - clauses are spoken in order, one run() task each, and the next is begun only while little finished audio waits for
 *    the listener: a barge-in then wastes little work, and memory is bounded;
 *  - audio over credit (SYX_EAGAIN) stays in its clause and is sent from handle() on SYX_EV_WRITABLE, so a slow
 *    listener never holds a worker;
 *  - each SPEAK that was accepted ends in exactly one of DONE, CANCELLED, ERROR, with its generation and id.
 *
 * One mutex guards the list. It is held for list work and emit() (which never blocks), never during synthesis. */
#ifndef SYRINX_SPEAKER_H
#define SYRINX_SPEAKER_H
#include <pthread.h>
#include <stdlib.h>

#include "syrinx_cancel.h"
#include "syrinx_json.h"

enum {
    SYX_SPEAKER_CLAUSES = 48,     /* waiting in one session; further SPEAKs answer SYX_EQUOTA */
    SYX_SPEAKER_TEXT = 4096,      /* bytes in one clause */
    SYX_SPEAKER_AHEAD_SECONDS = 2 /* finished audio that may wait before the next clause is begun */
};

typedef enum { SYX_CLAUSE_WAITING, SYX_CLAUSE_RUNNING, SYX_CLAUSE_FINISHED } syx_clause_state;

typedef struct {
    int64_t text_offset, sample_offset;
} syx_mark;

typedef struct syx_clause {
    struct syx_clause *next;
    struct syx_speaker *speaker;
    uint64_t generation, id;
    syx_clause_state state;
    syx_status outcome; /* of synthesis: SYX_OK, SYX_ESTALE or an error */
    char error[232];
    int16_t *pcm;
    size_t samples, sent, capacity;
    syx_mark *marks;
    size_t mark_count, marks_sent, mark_capacity;
    char language[16], voice[48];
    size_t len;
    char text[]; /* NUL-terminated */
} syx_clause;

typedef struct syx_speaker {
    const syx_core *core;
    syx_hprovider provider;
    syx_hsession host;
    uint32_t rate, frame_samples;
    /* [work] Speaks c->text; stops soon after syx_speaker_write answered false. */
    syx_status (*synthesise)(struct syx_speaker *, syx_clause *c, syx_err *err);
    void *context;             /* the engine's own */
    _Atomic uint32_t *waiting; /* optional: counts, over all sessions, clauses that wait for a worker */
    pthread_mutex_t lock;
    syx_clause *head;
    uint32_t count;
    bool task_pending, draining;
    int64_t pts;
    syx_cancel_set cancelled;
} syx_speaker;

SYX_HELPER void syx_speaker_init(syx_speaker *s, const syx_core *core, syx_hprovider provider, syx_hsession host,
                                 const syx_session_params *params, uint32_t rate) {
    memset(s, 0, sizeof *s);
    s->core = core;
    s->provider = provider;
    s->host = host;
    s->rate = rate;
    s->frame_samples = rate / 50;
    if (params->max_frame_samples > 0 && params->max_frame_samples < s->frame_samples)
        s->frame_samples = params->max_frame_samples;
    pthread_mutex_init(&s->lock, NULL);
    syx_cancel_init(&s->cancelled);
}

/* ---------------------------------------------------------------------------------------- the list (lock is held) -- */

SYX_HELPER void syx_speaker_unlink_(syx_speaker *s, syx_clause *c) {
    syx_clause **link = &s->head;
    while (*link != c) link = &(*link)->next;
    *link = c->next;
    s->count--;
    free(c->pcm);
    free(c->marks);
    free(c);
}

/* Sends a clause's terminal and forgets it; false when the host's queue is full. */
SYX_HELPER bool syx_speaker_end_(syx_speaker *s, syx_clause *c, uint16_t type) {
    syx_event ev = syx_ev(type, c->generation, c->id);
    ev.i1 = (int64_t)c->samples;
    if (type == SYX_EV_ERROR) {
        ev.i0 = c->outcome;
        ev.i1 = c->outcome == SYX_ENOMEM ? SYX_ERR_RETRYABLE : 0;
        ev.text = syx_cstr(c->error[0] ? c->error : "speech synthesis failed");
    }
    if (s->core->emit(s->host, &ev) == SYX_EAGAIN) return false;
    syx_speaker_unlink_(s, c);
    return true;
}

SYX_HELPER syx_status syx_speaker_send_frame_(syx_speaker *s, syx_clause *c, uint32_t samples) {
    syx_frame frame;
    memset(&frame, 0, sizeof frame);
    frame.struct_size = SYX_SIZEOF(syx_frame, buf);
    frame.format = SYX_FMT_S16;
    frame.rate = s->rate;
    frame.channels = 1;
    frame.samples = samples;
    frame.generation = c->generation;
    frame.pts = s->pts;
    frame.t_ns = s->core->now_ns(s->provider);
    frame.bytes = (size_t)samples * 2;
    frame.data = c->pcm + c->sent;
    syx_event ev = syx_ev(SYX_EV_AUDIO_OUT, c->generation, c->id);
    ev.t_ns = frame.t_ns;
    ev.audio = &frame;
    return s->core->emit(s->host, &ev);
}

SYX_HELPER bool syx_speaker_send_mark_(syx_speaker *s, syx_clause *c) {
    syx_event ev = syx_ev(SYX_EV_MARK, c->generation, c->id);
    ev.i0 = c->marks[c->marks_sent].text_offset;
    ev.i1 = c->marks[c->marks_sent].sample_offset;
    if (s->core->emit(s->host, &ev) == SYX_EAGAIN) return false;
    c->marks_sent++;
    return true;
}

/* Sends what a clause has, each mark before the audio it points at; false when the host wants no more for now. */
SYX_HELPER bool syx_speaker_send_(syx_speaker *s, syx_clause *c) {
    for (;;) {
        if (c->marks_sent < c->mark_count && c->marks[c->marks_sent].sample_offset <= (int64_t)c->sent) {
            if (!syx_speaker_send_mark_(s, c)) return false;
            continue;
        }
        size_t rest = c->samples - c->sent;
        if (rest == 0 || (rest < s->frame_samples && c->state != SYX_CLAUSE_FINISHED)) return true;
        uint32_t samples = rest < s->frame_samples ? (uint32_t)rest : s->frame_samples;
        syx_status status = syx_speaker_send_frame_(s, c, samples);
        if (status == SYX_EAGAIN) return false;
        if (status < 0) { /* stale, closed or refused: nobody will hear the rest */
            if (status == SYX_ESTALE) syx_cancel_add(&s->cancelled, c->generation);
            c->outcome = status;
            c->sent = c->samples;
            return true;
        }
        c->sent += samples;
        s->pts += samples;
    }
}

/* Ends cancelled clauses wherever they stand; the running one is left to its worker. */
SYX_HELPER void syx_speaker_sweep_(syx_speaker *s) {
    for (syx_clause *c = s->head, *next; c; c = next) {
        next = c->next;
        bool stale = c->outcome == SYX_ESTALE || syx_cancelled(&s->cancelled, c->generation);
        if (stale && c->state != SYX_CLAUSE_RUNNING && !syx_speaker_end_(s, c, SYX_EV_CANCELLED)) return;
    }
}

static void syx_speaker_task_(void *arg);

/* Begins the next clause unless one is under way or enough audio is ahead; false when the host refuses the task, which
 * ends the clause: no later event of ours would bring it another chance. */
SYX_HELPER bool syx_speaker_schedule_(syx_speaker *s) {
    size_t ahead = 0;
    syx_clause *c = s->head;
    for (; c && c->state != SYX_CLAUSE_WAITING; c = c->next) ahead += c->samples - c->sent;
    if (!c || s->task_pending || ahead > (size_t)s->rate * SYX_SPEAKER_AHEAD_SECONDS) return true;
    if (s->waiting) atomic_fetch_add(s->waiting, 1);
    s->task_pending = s->core->run(s->host, syx_speaker_task_, s, 0) == SYX_OK;
    if (s->task_pending) return true;
    if (s->waiting) atomic_fetch_sub(s->waiting, 1);
    c->state = SYX_CLAUSE_FINISHED;
    c->outcome = SYX_EUNAVAILABLE;
    snprintf(c->error, sizeof c->error, "the host refused a synthesis task");
    return false;
}

/* Sends clauses in order until one is incomplete or the host is full. */
SYX_HELPER void syx_speaker_deliver_(syx_speaker *s) {
    while (s->head && s->head->state != SYX_CLAUSE_WAITING) {
        syx_clause *c = s->head;
        if (!syx_speaker_send_(s, c) || c->state != SYX_CLAUSE_FINISHED || c->sent < c->samples) break;
        bool stale = c->outcome == SYX_ESTALE || syx_cancelled(&s->cancelled, c->generation);
        uint16_t type = stale ? SYX_EV_CANCELLED : c->outcome < 0 ? SYX_EV_ERROR : SYX_EV_DONE;
        if (!syx_speaker_end_(s, c, type)) break;
    }
}

/* Moves everything on as far as the host lets it. */
SYX_HELPER void syx_speaker_pump_(syx_speaker *s) {
    syx_speaker_sweep_(s);
    do syx_speaker_deliver_(s);
    while (!syx_speaker_schedule_(s));
    if (s->draining && !s->head) {
        syx_event ev = syx_ev(SYX_EV_DRAINED, 0, 0);
        s->draining = s->core->emit(s->host, &ev) == SYX_EAGAIN;
    }
}

/* ----------------------------------------------------------------------------------------------- the engine's side -- */

/* Grows an array by doubling. */
SYX_HELPER bool syx_grow_(void **array, size_t *capacity, size_t needed, size_t item) {
    if (needed <= *capacity) return true;
    size_t wanted = *capacity ? *capacity * 2 : 4096 / item;
    while (wanted < needed) wanted *= 2;
    void *grown = realloc(*array, wanted * item);
    if (!grown) return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

/* [work] Takes the clause's next samples; false: stop, nobody wants the rest. */
SYX_HELPER bool syx_speaker_write(syx_speaker *s, syx_clause *c, const int16_t *pcm, size_t samples) {
    if (syx_cancelled(&s->cancelled, c->generation)) return false;
    pthread_mutex_lock(&s->lock);
    void *array = c->pcm;
    bool ok = c->outcome >= 0 && syx_grow_(&array, &c->capacity, c->samples + samples, sizeof *pcm);
    c->pcm = array;
    if (ok) {
        memcpy(c->pcm + c->samples, pcm, samples * sizeof *pcm);
        c->samples += samples;
        if (s->head == c) syx_speaker_send_(s, c);
        ok = c->outcome >= 0;
    } else if (c->outcome >= 0) {
        c->outcome = SYX_ENOMEM;
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

/* [work] Notes that the word at this byte of the text begins at this sample of its audio; in rising order. */
SYX_HELPER void syx_speaker_mark(syx_speaker *s, syx_clause *c, size_t text_offset, size_t sample_offset) {
    pthread_mutex_lock(&s->lock);
    void *array = c->marks;
    if (syx_grow_(&array, &c->mark_capacity, c->mark_count + 1, sizeof *c->marks)) {
        c->marks = array;
        c->marks[c->mark_count].text_offset = (int64_t)text_offset;
        c->marks[c->mark_count++].sample_offset = (int64_t)sample_offset;
    }
    pthread_mutex_unlock(&s->lock);
}

SYX_HELPER void syx_speaker_finish_(syx_speaker *s, syx_clause *c, syx_status status, const char *message) {
    pthread_mutex_lock(&s->lock);
    c->state = SYX_CLAUSE_FINISHED;
    if (c->outcome >= 0) c->outcome = status;
    snprintf(c->error, sizeof c->error, "%s", message);
    s->task_pending = false;
    syx_speaker_pump_(s);
    pthread_mutex_unlock(&s->lock);
}

/* [work] Speaks the first waiting clause. */
SYX_UNUSED static void syx_speaker_task_(void *arg) {
    syx_speaker *s = arg;
    if (s->waiting) atomic_fetch_sub(s->waiting, 1);
    pthread_mutex_lock(&s->lock);
    syx_clause *c = s->head;
    while (c && c->state != SYX_CLAUSE_WAITING) c = c->next;
    if (!c) { /* cancelled since */
        s->task_pending = false;
        pthread_mutex_unlock(&s->lock);
        return;
    }
    c->state = SYX_CLAUSE_RUNNING;
    pthread_mutex_unlock(&s->lock);

    syx_err err;
    memset(&err, 0, sizeof err);
    err.struct_size = SYX_SIZEOF(syx_err, msg);
    syx_status status = s->synthesise(s, c, &err);
    syx_speaker_finish_(s, c, status, err.msg);
}

/* -------------------------------------------------------------------------------------------------- the host's side -- */

SYX_HELPER syx_status syx_speaker_append_(syx_speaker *s, syx_clause *c) {
    pthread_mutex_lock(&s->lock);
    bool full = s->count >= SYX_SPEAKER_CLAUSES;
    if (!full) {
        syx_clause **link = &s->head;
        while (*link) link = &(*link)->next;
        *link = c;
        s->count++;
        syx_speaker_pump_(s);
    }
    pthread_mutex_unlock(&s->lock);
    if (full) free(c);
    return full ? SYX_EQUOTA : SYX_OK;
}

SYX_HELPER syx_status syx_speaker_speak_(syx_speaker *s, const syx_event *ev) {
    if (ev->text.len > SYX_SPEAKER_TEXT || (ev->text.len && !ev->text.ptr)) return SYX_EINVAL;
    if (!syx_options_ok(ev->json)) return SYX_EINVAL;
    if (syx_cancelled(&s->cancelled, ev->generation)) return SYX_ESTALE;
    syx_clause *c = calloc(1, sizeof *c + ev->text.len + 1);
    if (!c) return SYX_ENOMEM;
    c->speaker = s;
    c->generation = ev->generation;
    c->id = ev->id;
    c->len = ev->text.len;
    if (c->len) memcpy(c->text, ev->text.ptr, c->len);
    for (size_t i = 0; i < c->len; i++)
        if (!c->text[i]) c->text[i] = ' ';
    syx_opt_string(ev->json, "language", c->language, sizeof c->language);
    syx_opt_string(ev->json, "voice", c->voice, sizeof c->voice);
    return syx_speaker_append_(s, c);
}

/* Handles SPEAK, WRITABLE, TIMER, TASK_DONE and DRAIN; SYX_SKIP for anything else. A SPEAK that is answered with an
 * error was not accepted and has no terminal. */
SYX_HELPER syx_status syx_speaker_handle(syx_speaker *s, const syx_event *ev) {
    switch (ev->type) {
        case SYX_EV_SPEAK:
            return syx_speaker_speak_(s, ev);
        case SYX_EV_DRAIN:
        case SYX_EV_WRITABLE:
        case SYX_EV_TIMER:
        case SYX_EV_TASK_DONE:
            pthread_mutex_lock(&s->lock);
            if (ev->type == SYX_EV_DRAIN) s->draining = true;
            syx_speaker_pump_(s);
            pthread_mutex_unlock(&s->lock);
            return SYX_OK;
        default:
            return SYX_SKIP;
    }
}

/* [any] The worker sees the flag within a chunk; the timer brings us to [ctl] at once, where clauses that no worker
 * holds get their terminal. */
SYX_HELPER void syx_speaker_cancel(syx_speaker *s, uint64_t generation) {
    syx_cancel_add(&s->cancelled, generation);
    s->core->timer(s->host, 0, 0);
}

/* Forgets every clause without a word; call from session_close. */
SYX_HELPER void syx_speaker_free(syx_speaker *s) {
    while (s->head) syx_speaker_unlink_(s, s->head);
    pthread_mutex_destroy(&s->lock);
}

/* reset: back to an empty queue. A clause that a worker holds is cancelled and ends by itself. */
SYX_HELPER void syx_speaker_reset(syx_speaker *s) {
    pthread_mutex_lock(&s->lock);
    for (syx_clause *c = s->head; c; c = c->next) syx_cancel_add(&s->cancelled, c->generation);
    syx_speaker_sweep_(s);
    pthread_mutex_unlock(&s->lock);
}

#endif
