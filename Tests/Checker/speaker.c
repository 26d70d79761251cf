/* SPDX-License-Identifier: Apache-2.0
 *
 * A speaker whose voice is a tone, a tenth of a second for each ten letters; with one fault. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "fault.h"
#include "syrinx_cancel.h"
#include "syrinx_json.h"

enum { RATE = 16000, CLAUSES = 64, FRAME = RATE / 50 };

typedef struct {
    uint64_t generation, id;
    size_t samples, sent;
    bool marked, started, stuck;
} clause;

struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
};
struct syx_session {
    syx_provider *provider;
    syx_hsession host;
    pthread_mutex_t lock;
    pthread_t thread;
    clause clauses[CLAUSES];
    size_t first, count;
    bool draining, pumping;
    syx_cancel_set cancelled;
};

static syx_hsession last_closed;

static syx_status provider_open(const syx_core *core, syx_hprovider host, const syx_provider_params *params,
                                syx_provider **out, syx_err *err) {
    if (!syx_options_ok(params->config_json)) return syx_fail(err, SYX_EINVAL, "configuration is not a JSON object");
    syx_provider *p = calloc(1, sizeof *p);
    if (!p) return syx_fail(err, SYX_ENOMEM, "out of memory");
    p->core = core;
    p->host = host;
    *out = p;
    return SYX_OK;
}

static void provider_close(syx_provider *p) { free(p); }

static void *wait_for_ever(void *arg) {
    (void)arg;
    for (;;) pause();
    return NULL;
}

static syx_status session_open(syx_provider *p, syx_hsession host, const syx_session_params *params, syx_session **out,
                               syx_err *err) {
    if (params->out.format != SYX_FMT_S16 || params->out.channels != 1 || params->out.rate != RATE)
        return syx_fail(err, SYX_EUNSUPPORTED, "speaks s16 mono at 16 kHz");
    syx_session *s = calloc(1, sizeof *s);
    if (!s) return syx_fail(err, SYX_ENOMEM, "out of memory");
    s->provider = p;
    s->host = host;
    pthread_mutex_init(&s->lock, NULL);
    syx_cancel_init(&s->cancelled);
    if (FAULT_IS(per_session_thread)) pthread_create(&s->thread, NULL, wait_for_ever, NULL);
    if (FAULT_IS(after_close) && last_closed) {
        syx_event ev = syx_ev(SYX_EV_STATE, 0, 0);
        p->core->emit(last_closed, &ev);
    }
    *out = s;
    return SYX_OK;
}

static void session_close(syx_session *s) {
    last_closed = s->host;
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---------------------------------------------------------------------------------------------- under the lock -- */

static clause *head(syx_session *s) { return s->count ? &s->clauses[s->first % CLAUSES] : NULL; }

static syx_status emit(syx_session *s, const syx_event *ev) { return s->provider->core->emit(s->host, ev); }

static bool end(syx_session *s, clause *c, uint16_t type) {
    syx_event ev = syx_ev(type, c->generation, c->id);
    syx_status status = FAULT_IS(no_terminal) ? SYX_OK : emit(s, &ev);
    if (FAULT_IS(two_terminals)) emit(s, &ev);
    if (FAULT_IS(stray_terminal)) ev.generation += 1000, emit(s, &ev);
    if (status == SYX_EAGAIN && !FAULT_IS(loses_terminal)) return false;
    uint64_t generation = c->generation;
    s->first++, s->count--;
    if (FAULT_IS(late_audio) && type == SYX_EV_CANCELLED)
        for (int i = 0; i < 200; i++) {
            int16_t pcm[FRAME] = {0};
            syx_frame f = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = RATE, .channels = 1, .samples = FRAME};
            f.bytes = sizeof pcm, f.data = pcm, f.generation = generation;
            syx_event late = syx_ev(SYX_EV_AUDIO_OUT, generation, 0);
            late.audio = &f;
            emit(s, &late);
        }
    return true;
}

static void extras(syx_session *s, clause *c) {
    if (c->started) return;
    c->started = true;
    syx_event ev = syx_ev(FAULT_IS(wrong_event) ? SYX_EV_DELTA : SYX_EV_STATE, c->generation, c->id);
    if (FAULT_IS(not_utf8)) ev.text = syx_span("caf\xC3", 4);
    if (FAULT_IS(wrong_event) || FAULT_IS(not_utf8)) emit(s, &ev);
}

static bool mark(syx_session *s, clause *c) {
    syx_event ev = syx_ev(SYX_EV_MARK, c->generation, c->id);
    if (FAULT_IS(marks)) ev.i0 = 4; /* the second byte of an accented letter in the checker's sentence */
    return c->marked = emit(s, &ev) != SYX_EAGAIN;
}

/* False when the host wants no more for now. */
static bool send(syx_session *s, clause *c) {
    int16_t pcm[FRAME];
    extras(s, c);
    if (!c->marked && !mark(s, c)) return false;
    while (c->sent < c->samples) {
        if (syx_cancelled(&s->cancelled, c->generation) && !FAULT_IS(cancel_ignored)) return true;
        for (size_t i = 0; i < FRAME; i++) pcm[i] = (int16_t)(8000 * (((c->sent + i) / 20) % 2 ? 1 : -1));
        syx_frame f = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = RATE, .channels = 1, .samples = FRAME};
        f.bytes = sizeof pcm, f.data = pcm, f.generation = c->generation;
        syx_event ev = syx_ev(SYX_EV_AUDIO_OUT, c->generation, c->id);
        ev.audio = &f;
        syx_status status = emit(s, &ev);
        if (status == SYX_EAGAIN && !FAULT_IS(loses_audio)) return false;
        if (status < 0 && status != SYX_EAGAIN) return true;
        c->sent += FRAME;
    }
    return true;
}

static void pump(syx_session *s) {
    for (clause *c; (c = head(s)) != NULL;) {
        if (c->stuck) return;
        if (!send(s, c)) {
            if (FAULT_IS(spins)) s->provider->core->timer(s->host, 0, 0);
            return;
        }
        bool stale = syx_cancelled(&s->cancelled, c->generation);
        if (stale && FAULT_IS(cancel_ignored)) return;
        if (!end(s, c, stale ? SYX_EV_CANCELLED : SYX_EV_DONE)) return;
    }
    if (!s->draining) return;
    syx_event ev = syx_ev(SYX_EV_DRAINED, 0, 0);
    if (!FAULT_IS(no_drained)) s->draining = emit(s, &ev) == SYX_EAGAIN;
}

static void task(void *arg) {
    syx_session *s = arg;
    if (FAULT_IS(blocks)) {
        pthread_mutex_lock(&s->lock);
        usleep(400000);
        pthread_mutex_unlock(&s->lock);
    }
}

static syx_status speak(syx_session *s, const syx_event *ev) {
    if (ev->text.len > 4096 || (ev->text.len && !ev->text.ptr) || s->count == CLAUSES) return SYX_EINVAL;
    if (!FAULT_IS(json_crash) && !syx_options_ok(ev->json)) return SYX_EINVAL;
    if (FAULT_IS(json_crash) && ev->json.len > 1 && ev->json.ptr[ev->json.len - 1] != '}') fault_crash();
    if (syx_cancelled(&s->cancelled, ev->generation)) return SYX_ESTALE;
    clause *c = &s->clauses[(s->first + s->count++) % CLAUSES];
    *c = (clause){.generation = ev->generation, .id = ev->id, .samples = (ev->text.len / 10 + 1) * RATE / 10};
    if (ev->text.len == 0) c->samples = 0;
    c->stuck = FAULT_IS(empty) && ev->text.len == 0;
    /* The work needs no worker here; the faults do. */
    if (FAULT_IS(run_lost) && s->provider->core->run(s->host, task, s, 0) < 0) c->stuck = true;
    if (FAULT_IS(blocks)) s->provider->core->run(s->host, task, s, 0);
    pump(s);
    return SYX_OK;
}

static syx_status session_handle(syx_session *s, const syx_event *ev) {
    if (!syx_event_readable(ev)) return SYX_SKIP;
    syx_status status = SYX_OK;
    pthread_mutex_lock(&s->lock);
    switch (ev->type) {
    case SYX_EV_SPEAK: status = speak(s, ev); break;
    case SYX_EV_DRAIN: s->draining = true; pump(s); break;
    case SYX_EV_WRITABLE: case SYX_EV_TIMER: case SYX_EV_TASK_DONE: pump(s); break;
    default: status = SYX_SKIP;
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

static void session_cancel(syx_session *s, uint64_t generation) {
    if (FAULT_IS(cancel_crash) && s->count == 0 && generation > 1000) fault_crash();
    syx_cancel_add(&s->cancelled, generation);
    if (FAULT_IS(cancels_all))
        for (uint64_t g = 1; g < 10; g++) syx_cancel_add(&s->cancelled, g);
    s->provider->core->timer(s->host, 0, 0);
}

static const syx_plugin_vt vt = {
    .struct_size = SYX_SIZEOF(syx_plugin_vt, extension),
    .open = provider_open,
    .close = provider_close,
    .session_open = session_open,
    .session_close = session_close,
    .handle = session_handle,
    .cancel = session_cancel,
};

static const syx_plugin_desc desc = {
    .struct_size = SYX_SIZEOF(syx_plugin_desc, vt),
    .kind = SYX_TTS,
    .id = "case",
    .version = "1.0.0",
    .name = "Case",
    .vendor = "Tests",
    .license = "Apache-2.0",
    .config_schema = "{\"type\":\"object\",\"additionalProperties\":false}",
    .caps_json = "{\"formats\":[{\"format\":\"s16\",\"rates\":[16000],\"channels\":[1]}]}",
    .vt = &vt,
};

SYX_MODULE(&desc)
