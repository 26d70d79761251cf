/* SPDX-License-Identifier: Apache-2.0
 *
 * handle() appends audio and makes sure that a task is under way; the task decodes in blocks of 100 ms until it runs
 * dry. The lock guards the list and flags, never a call into the decoder or the pool (order: pool's lock, then ours). */
#include "session.h"

#include <pthread.h>
#include <stdlib.h>

#include "syrinx_cancel.h"
#include "utterance.h"

enum {
    BLOCK = SPHINX_RATE / 10,
    BLOCKS_PER_PARTIAL = 2,
    BUFFERED_MOST = SPHINX_RATE * 30, /* over all utterances of the session */
    UTTERANCES_MOST = 16,
    FRAME_MOST = SPHINX_RATE * 2
};

struct syx_session {
    syx_provider *provider;
    syx_hsession host;
    pthread_mutex_t lock;
    utterance *head;
    size_t count;
    uint64_t newest; /* generation; an older one that is not in the list is over */
    bool task_pending, opening, draining;
    bool waiting, woken; /* in the pool's line; the line has moved */
    waiter waiter;
    spec wanted; /* what `model` is to be compiled from */
    bool wanted_changed;
    syx_cancel_set cancelled;
    /* Below: the worker's own while a task is under way. */
    model *model;
    decoder *decoder;
    channel channel;
    uint32_t blocks;
    char partial[1024];
};

static void task(void *arg);

/* -------------------------------------------------------------------------------------------- under the lock: list -- */

static utterance *find(syx_session *s, uint64_t generation) {
    utterance *u = s->head;
    while (u && u->generation != generation) u = u->next;
    return u;
}

/* The first utterance that is not over. */
static utterance *current(syx_session *s) {
    utterance *u = s->head;
    while (u && u->terminal) u = u->next;
    return u;
}

static void unlink_utterance(syx_session *s, utterance *u) {
    utterance **link = &s->head;
    while (*link != u) link = &(*link)->next;
    *link = u->next;
    s->count--;
    utterance_free(u);
}

static syx_status emit_terminal(syx_session *s, const utterance *u) {
    const syx_core *core = s->provider->core;
    const char *text = u->text ? u->text : "";
    if (u->terminal == SYX_EV_ERROR)
        return syx_emit_error(core, s->host, u->generation, 0, u->error, SYX_ERR_RETRYABLE, text);
    return syx_emit_text(core, s->host, u->terminal, u->generation, syx_cstr(text), u->confidence);
}

/* Sends the terminals of utterances that are over; those the host has no room for wait for its next event. */
static void flush(syx_session *s) {
    for (utterance *u = s->head, *next; u; u = next) {
        next = u->next;
        if (!u->terminal) continue;
        if (emit_terminal(s, u) == SYX_EAGAIN) return;
        unlink_utterance(s, u);
    }
    if (!s->draining || s->head) return;
    syx_event ev = syx_ev(SYX_EV_DRAINED, 0, 0);
    s->draining = s->provider->core->emit(s->host, &ev) == SYX_EAGAIN;
}

/* Ends cancelled utterances that no worker holds. */
static void sweep(syx_session *s) {
    for (utterance *u = s->head; u; u = u->next)
        if (!u->terminal && !u->busy && syx_cancelled(&s->cancelled, u->generation))
            utterance_finish(u, SYX_EV_CANCELLED, "");
}

/* True when a task would find something to do. */
static bool has_work(syx_session *s) {
    if (s->wanted_changed) return true;
    utterance *u = current(s);
    if (!u) return false;
    if (u->busy && syx_cancelled(&s->cancelled, u->generation)) return true;
    return (!s->waiting || s->woken) && (u->samples >= BLOCK || u->ended);
}

static void schedule(syx_session *s) {
    if (s->task_pending || !has_work(s)) return;
    s->task_pending = s->provider->core->run(s->host, task, s, 0) == SYX_OK;
}

/* sweep, flush, schedule: what every event ends with. */
static void advance(syx_session *s) {
    sweep(s);
    flush(s);
    schedule(s);
}

/* ---------------------------------------------------------------------------------------------------- the worker -- */

static void on_wake(waiter *w) {
    syx_session *s = (syx_session *)((char *)w - offsetof(syx_session, waiter));
    pthread_mutex_lock(&s->lock);
    s->woken = true;
    schedule(s);
    pthread_mutex_unlock(&s->lock);
}

static void finish(syx_session *s, utterance *u, uint16_t terminal, const char *text, double confidence) {
    pthread_mutex_lock(&s->lock);
    utterance_finish(u, terminal, text);
    u->confidence = confidence;
    flush(s);
    pthread_mutex_unlock(&s->lock);
}

static void return_decoder(syx_session *s) {
    decoder *d = s->decoder;
    s->decoder = NULL;
    if (d) pool_give(s->provider->pool, d);
}

static void fail(syx_session *s, utterance *u, syx_status status, const char *message) {
    if (s->decoder) decoder_abandon(s->decoder);
    return_decoder(s);
    pthread_mutex_lock(&s->lock);
    u->error = status;
    pthread_mutex_unlock(&s->lock);
    finish(s, u, SYX_EV_ERROR, message, 0);
}

/* Borrows a decoder and begins the utterance. False: it waits in line, or the utterance has failed. */
static bool begin(syx_session *s, utterance *u) {
    syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    syx_status status = pool_take(s->provider->pool, s->model, &s->waiter, &s->decoder, &err);
    pthread_mutex_lock(&s->lock);
    s->waiting = status == SYX_PENDING;
    if (s->waiting) u->busy = false;
    pthread_mutex_unlock(&s->lock);
    if (status == SYX_PENDING) return false;
    if (status < 0) return fail(s, u, status, err.msg), false;
    s->partial[0] = 0;
    s->blocks = 0;
    if (decoder_begin(s->decoder, &s->channel)) return true;
    return fail(s, u, SYX_EINTERNAL, "pocketsphinx: the utterance could not be begun"), false;
}

/* A partial is a courtesy: when the host has no room for it, the next one will do. */
static void send_partial(syx_session *s, const utterance *u) {
    if (++s->blocks % BLOCKS_PER_PARTIAL != 0) return;
    const char *text = decoder_text(s->decoder);
    if (!text[0] || strncmp(text, s->partial, sizeof s->partial - 1) == 0) return;
    snprintf(s->partial, sizeof s->partial, "%s", text);
    syx_emit_text(s->provider->core, s->host, SYX_EV_PARTIAL, u->generation, syx_cstr(text), 0);
}

static void end(syx_session *s, utterance *u) {
    double confidence;
    const char *text = decoder_end(s->decoder, &s->channel, &confidence);
    finish(s, u, SYX_EV_FINAL, text, confidence);
    return_decoder(s);
}

static void abandon(syx_session *s, utterance *u) {
    decoder_abandon(s->decoder);
    return_decoder(s);
    finish(s, u, SYX_EV_CANCELLED, "", 0);
}

static void prepare(syx_session *s);

typedef enum { STEP_REST, STEP_PREPARE, STEP_BEGIN, STEP_EMPTY, STEP_FEED, STEP_END, STEP_CANCEL } step;

/* Decides under the lock what to do next with the utterance, and takes the audio for it. */
static step utterance_step(syx_session *s, utterance *u, int16_t *pcm, size_t *samples) {
    if (s->decoder && syx_cancelled(&s->cancelled, u->generation)) return STEP_CANCEL;
    if (u->samples < BLOCK && !u->ended) return STEP_REST;
    if (!s->decoder && u->samples == 0) return STEP_EMPTY;
    if (!s->decoder) return s->waiting && !s->woken ? STEP_REST : STEP_BEGIN;
    *samples = utterance_take(u, pcm, BLOCK);
    return *samples > 0 ? STEP_FEED : STEP_END;
}

static step next_step(syx_session *s, utterance **out, int16_t *pcm, size_t *samples) {
    utterance *u = *out = current(s);
    if (s->wanted_changed && !s->decoder) return STEP_PREPARE;
    step what = u ? utterance_step(s, u, pcm, samples) : STEP_REST;
    if (what != STEP_REST) u->busy = true; /* ours until begin() stands in line or it is over */
    if (what == STEP_BEGIN) s->woken = false;
    if (what == STEP_REST) s->task_pending = false;
    return what;
}

/* False: the task rests. */
static bool run_step(syx_session *s, step what, utterance *u, const int16_t *pcm, size_t samples) {
    switch (what) {
        case STEP_PREPARE:
            prepare(s);
            return true;
        case STEP_BEGIN:
            begin(s, u);
            return true;
        case STEP_FEED:
            if (!decoder_feed(s->decoder, pcm, samples))
                fail(s, u, SYX_EINTERNAL, "pocketsphinx: decoding failed");
            else
                send_partial(s, u);
            return true;
        case STEP_END:
            end(s, u);
            return true;
        case STEP_EMPTY:
            finish(s, u, SYX_EV_FINAL, "", 0);
            return true;
        case STEP_CANCEL:
            abandon(s, u);
            return true;
        default:
            return false;
    }
}

/* [work] */
static void task(void *arg) {
    syx_session *s = arg;
    int16_t pcm[BLOCK];
    for (;;) {
        utterance *u;
        size_t samples = 0;
        pthread_mutex_lock(&s->lock);
        sweep(s);
        flush(s);
        step what = next_step(s, &u, pcm, &samples);
        pthread_mutex_unlock(&s->lock);
        if (!run_step(s, what, u, pcm, samples)) return;
    }
}

/* ------------------------------------------------------------------------------------------------------- models -- */

static void announce(syx_session *s, syx_status status, const syx_err *err) {
    const syx_core *core = s->provider->core;
    syx_event ready = syx_ev(SYX_EV_READY, 0, 0);
    if (status == SYX_OK)
        core->emit(s->host, &ready);
    else
        syx_emit_error(core, s->host, 0, 0, status, 0, err->msg);
}

/* [work] Compiles what is wanted. A failed change of options leaves the model that was. */
static void prepare(syx_session *s) {
    syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    pthread_mutex_lock(&s->lock);
    s->wanted_changed = false;
    bool opening = s->opening;
    s->opening = false;
    spec wanted;
    bool copied = spec_copy(&s->wanted, &wanted);
    pthread_mutex_unlock(&s->lock);

    model *m = NULL;
    syx_status status = copied ? pool_model(s->provider->pool, &wanted, &m, &err) : SYX_ENOMEM;
    if (status == SYX_OK) status = pool_warm(s->provider->pool, m, &err);
    spec_free(&wanted);
    if (status == SYX_OK) {
        model_release(s->model);
        s->model = m;
    } else {
        model_release(m);
        syx_logf(s->provider->core, s->provider->host, s->host, SYX_LOG_WARNING, "%s", err.msg);
    }
    if (opening) announce(s, status, &err);
}

/* ---------------------------------------------------------------------------------------------- the host's calls -- */

static bool format_ok(const syx_format *in) {
    return in->format == SYX_FMT_S16 && in->rate == SPHINX_RATE && in->channels == 1;
}

/* A model of the provider's own is ready; another is compiled by the first task. */
static syx_status choose_model(syx_session *s) {
    s->model = pool_cached(s->provider->pool, &s->wanted);
    if (s->model) return SYX_OK;
    s->opening = s->wanted_changed = true;
    pthread_mutex_lock(&s->lock);
    schedule(s);
    bool scheduled = s->task_pending;
    pthread_mutex_unlock(&s->lock);
    return scheduled ? SYX_PENDING : SYX_EUNAVAILABLE;
}

syx_status sphinx_session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    if (!format_ok(&params->in)) return syx_fail(err, SYX_EUNSUPPORTED, "pocketsphinx: hears s16 mono at 16 kHz only");
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "pocketsphinx: out of memory");
    s->provider = p;
    s->host = host;
    s->waiter.wake = on_wake;
    pthread_mutex_init(&s->lock, NULL);
    syx_cancel_init(&s->cancelled);
    syx_status status = spec_read(params->options_json, &p->spec, &s->wanted, err);
    /* From here on a task may run and use *s; the host calls nothing of this session before it has *out. */
    *out = s;
    if (status == SYX_OK) status = choose_model(s);
    if (status == SYX_EUNAVAILABLE) syx_fail(err, status, "pocketsphinx: the host refused a task");
    if (status >= 0) return status;
    *out = NULL;
    sphinx_session_close(s);
    return status;
}

void sphinx_session_close(syx_session *s) {
    pool_forget(s->provider->pool, &s->waiter);
    if (s->decoder) decoder_abandon(s->decoder);
    return_decoder(s);
    while (s->head) unlink_utterance(s, s->head);
    model_release(s->model);
    spec_free(&s->wanted);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* The utterance of this generation, begun now if it is a new one; NULL when it is over or the list is full. A new
 * utterance ends the ones before. */
static utterance *open_utterance(syx_session *s, uint64_t generation) {
    utterance *u = find(s, generation);
    if (u) return u->ended || u->terminal ? NULL : u;
    if (generation <= s->newest || s->count >= UTTERANCES_MOST || !(u = utterance_new(generation))) return NULL;
    utterance **link = &s->head;
    for (; *link; link = &(*link)->next) (*link)->ended = true;
    *link = u;
    s->count++;
    s->newest = generation;
    return u;
}

static size_t buffered(const syx_session *s) {
    size_t n = 0;
    for (const utterance *u = s->head; u; u = u->next) n += u->samples;
    return n;
}

static syx_status append(syx_session *s, utterance *u, const syx_frame *f) {
    if (buffered(s) + f->samples <= BUFFERED_MOST)
        return utterance_append(u, f->data, f->samples) ? SYX_OK : SYX_ENOMEM;
    if (!u->overflow)
        syx_logf(s->provider->core, s->provider->host, s->host, SYX_LOG_WARNING,
                 "pocketsphinx: 30 s of audio wait for a decoder; audio is dropped");
    u->overflow = true;
    return SYX_EQUOTA;
}

static syx_status take_audio(syx_session *s, const syx_event *ev) {
    if (!syx_frame_is_pcm(ev->audio, SPHINX_RATE) || ev->audio->samples > FRAME_MOST) return SYX_EINVAL;
    if (ev->generation == 0 || (ev->audio->flags & SYX_FR_ECHO_REF)) return SYX_SKIP;
    if (syx_cancelled(&s->cancelled, ev->generation)) return SYX_ESTALE;
    utterance *u = open_utterance(s, ev->generation);
    return u ? append(s, u, ev->audio) : SYX_SKIP;
}

static syx_status end_of_input(syx_session *s, const syx_event *ev) {
    if (ev->generation == 0) return SYX_EINVAL;
    if (syx_cancelled(&s->cancelled, ev->generation)) return SYX_ESTALE;
    utterance *u = open_utterance(s, ev->generation);
    if (u) u->ended = true;
    return u ? SYX_OK : SYX_SKIP;
}

static syx_status change_options(syx_session *s, const syx_event *ev) {
    spec changed;
    syx_status status = spec_read(ev->json, &s->wanted, &changed, NULL);
    if (status < 0) return status;
    s->wanted_changed = s->wanted_changed || !spec_equal(&changed, &s->wanted);
    spec_free(&s->wanted);
    s->wanted = changed;
    return SYX_OK;
}

static syx_status handle_locked(syx_session *s, const syx_event *ev) {
    switch (ev->type) {
        case SYX_EV_AUDIO_IN:
            return take_audio(s, ev);
        case SYX_EV_END_OF_INPUT:
            return end_of_input(s, ev);
        case SYX_EV_CONFIG:
            return change_options(s, ev);
        case SYX_EV_DRAIN:
            s->draining = true;
            return SYX_OK;
        case SYX_EV_WRITABLE:
        case SYX_EV_TIMER:
        case SYX_EV_TASK_DONE:
            return SYX_OK;
        default:
            return SYX_SKIP;
    }
}

syx_status sphinx_session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    pthread_mutex_lock(&s->lock);
    syx_status status = handle_locked(s, ev);
    advance(s);
    pthread_mutex_unlock(&s->lock);
    return status;
}

void sphinx_session_cancel(syx_session *s, uint64_t generation) {
    syx_cancel_add(&s->cancelled, generation);
    s->provider->core->timer(s->host, 0, 0);
}

void sphinx_session_reset(syx_session *s) {
    pthread_mutex_lock(&s->lock);
    for (utterance *u = s->head; u; u = u->next) syx_cancel_add(&s->cancelled, u->generation);
    advance(s);
    pthread_mutex_unlock(&s->lock);
}
