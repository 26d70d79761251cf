/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's calls of a session. handle() appends audio and makes sure that a task is under way (worker.c). */
#include "session_state.h"

#include <stdlib.h>

enum {
    BUFFERED_MOST = SPHINX_RATE * 30, /* over all utterances of the session */
    UTTERANCES_MOST = 16,
    FRAME_MOST = SPHINX_RATE * 2
};

static bool format_ok(const syx_format *in) {
    return in->format == SYX_FMT_S16 && in->rate == SPHINX_RATE && in->channels == 1;
}

/* A model of the provider's own is ready; another is compiled by the first task. */
static syx_status choose_model(syx_session *s) {
    s->model = pool_cached(s->provider->pool, &s->wanted);
    if (s->model) return SYX_OK;
    s->opening = s->wanted_changed = true;
    pthread_mutex_lock(&s->lock);
    session_schedule(s);
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
    s->waiter.wake = worker_wake;
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
    if (session_renounce(s)) pool_pass_on(s->provider->pool);
    if (s->decoder) decoder_abandon(s->decoder);
    worker_return_decoder(s);
    while (s->head) session_remove(s, s->head);
    model_release(s->model);
    spec_free(&s->wanted);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* The utterance of this generation, begun now if it is a new one; NULL when it is over or the list is full. A new
 * utterance ends the ones before. */
static utterance *open_utterance(syx_session *s, uint64_t generation) {
    utterance *u = session_find(s, generation);
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
    session_advance(s);
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
    session_advance(s);
    pthread_mutex_unlock(&s->lock);
}
