/* SPDX-License-Identifier: Apache-2.0
 *
 * The task of a session: compiles the model that is wanted, borrows a decoder, decodes, ends utterances. One at a time. */
#include "session_state.h"

enum { BLOCKS_PER_PARTIAL = 2 };

bool worker_wake(waiter *w) {
    syx_session *s = (syx_session *)((char *)w - offsetof(syx_session, waiter));
    pthread_mutex_lock(&s->lock);
    s->woken = true;
    session_schedule(s);
    bool comes = s->task_pending;
    if (!comes) session_renounce(s);
    pthread_mutex_unlock(&s->lock);
    return comes;
}

static void finish(syx_session *s, utterance *u, uint16_t terminal, const char *text, double confidence) {
    pthread_mutex_lock(&s->lock);
    utterance_finish(u, terminal, text);
    u->confidence = confidence;
    session_flush(s);
    pthread_mutex_unlock(&s->lock);
}

void worker_return_decoder(syx_session *s) {
    decoder *d = s->decoder;
    s->decoder = NULL;
    if (d) pool_give(s->provider->pool, d);
}

static void fail(syx_session *s, utterance *u, syx_status status, const char *message) {
    if (s->decoder) decoder_abandon(s->decoder);
    worker_return_decoder(s);
    pthread_mutex_lock(&s->lock);
    u->error = status;
    pthread_mutex_unlock(&s->lock);
    finish(s, u, SYX_EV_ERROR, message, 0);
}

/* Borrows a decoder and begins the utterance. False: it waits in line, or the utterance has failed. */
static bool begin(syx_session *s, utterance *u) {
    if (!s->model) return fail(s, u, SYX_EUNAVAILABLE, "pocketsphinx: the session has no model"), false;
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
    worker_return_decoder(s);
}

static void abandon(syx_session *s, utterance *u) {
    decoder_abandon(s->decoder);
    worker_return_decoder(s);
    finish(s, u, SYX_EV_CANCELLED, "", 0);
}

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
    utterance *u = *out = session_current(s);
    if (s->wanted_changed && !s->decoder) return STEP_PREPARE;
    step what = u ? utterance_step(s, u, pcm, samples) : STEP_REST;
    if (what != STEP_REST) u->busy = true; /* ours until begin() stands in line or it is over */
    if (what == STEP_BEGIN) s->woken = false;
    if (what == STEP_REST) s->task_pending = false;
    return what;
}

/* False: the task rests. */
static bool run_step(syx_session *s, step what, utterance *u, int16_t *pcm, size_t samples) {
    switch (what) {
        case STEP_PREPARE:
            prepare(s);
            return true;
        case STEP_BEGIN:
            begin(s, u);
            return true;
        case STEP_FEED:
            band_fill(&s->band, pcm, samples);
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

void worker_task(void *arg) {
    syx_session *s = arg;
    int16_t pcm[BLOCK];
    for (;;) {
        utterance *u;
        size_t samples = 0;
        pthread_mutex_lock(&s->lock);
        session_sweep(s);
        session_flush(s);
        step what = next_step(s, &u, pcm, &samples);
        bool passes = what == STEP_REST && session_renounce(s);
        pthread_mutex_unlock(&s->lock);
        if (passes) pool_pass_on(s->provider->pool);
        if (!run_step(s, what, u, pcm, samples)) return;
    }
}
