/* SPDX-License-Identifier: Apache-2.0
 *
 * The test's side: modules, providers, sessions, and what they are sent. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_internal.h"
#include "fake_net.h"

/* ---------------------------------------------------------------------------------------- modules and providers -- */

const syx_module *fake_load(const char *plugins, const char *id, char *path, size_t path_size) {
    snprintf(path, path_size, "%s/%s/plugin.so", plugins, id);
    void *image = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const syx_module *(*entry)(void) = NULL;
    if (image) *(void **)&entry = dlsym(image, "syrinx_plugin_entry_1");
    if (!entry) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return entry();
}

const syx_plugin_desc *fake_find(const syx_module *module, const char *id) {
    for (uint32_t i = 0; i < module->n_plugins; i++)
        if (strcmp(module->plugins[i]->id, id) == 0) return module->plugins[i];
    fprintf(stderr, "no provider %s\n", id);
    exit(1);
}

/* Which call is under way, for who looks at a process that died in it. */
static void enter(const char *call, unsigned detail) {
    if (fake_set.crumb) snprintf(fake_set.crumb, 64, detail ? "%s %u" : "%s", call, detail);
}

static void leave(void) {
    if (fake_set.crumb) fake_set.crumb[0] = 0;
}

static void clear(syx_err *err) {
    memset(err, 0, sizeof *err);
    err->struct_size = SYX_SIZEOF(syx_err, msg);
}

syx_provider *fake_provider_at(const syx_plugin_desc *desc, const char *config, const char *data_dir,
                               syx_status *answered, syx_err *err) {
    syx_provider_params params = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor), .descriptor = desc};
    params.tenant = syx_cstr("tenant");
    params.config_json = syx_cstr(config);
    params.data_dir = syx_cstr(data_dir ? data_dir : "");
    params.instance_name = syx_cstr("fake");
    syx_provider *provider = NULL;
    clear(err);
    syx_hprovider handle = fake_provider_handle();
    enter("open()", 0);
    syx_status status = desc->vt->open(fake_core(), handle, &params, &provider, err);
    leave();
    if (answered) *answered = status;
    if (status < 0) return fake_provider_dead(handle), NULL;
    fake_provider_bind(handle, provider);
    return provider;
}

syx_provider *fake_provider(const syx_plugin_desc *desc, const char *config, syx_err *err) {
    return fake_provider_at(desc, config, NULL, NULL, err);
}

void fake_provider_close(const syx_plugin_desc *desc, syx_provider *provider) {
    enter("close()", 0);
    desc->vt->close(provider);
    leave();
    fake_provider_end(provider);
}

/* ----------------------------------------------------------------------------------------------------- sessions -- */

static fake_session *enlist(void) {
    static uint64_t serial;
    fake_session *s = calloc(1, sizeof *s);
    if (!s) abort();
    pthread_mutex_lock(&fake_lock);
    serial++;
    for (size_t i = 0; i < FAKE_SESSIONS && !s->handle; i++) {
        if (fake_sessions[i]) continue;
        s->handle = serial * FAKE_SESSIONS + i;
        fake_sessions[i] = s;
    }
    pthread_mutex_unlock(&fake_lock);
    s->credit = s->room = SIZE_MAX;
    return s;
}

static void delist(fake_session *s) {
    pthread_mutex_lock(&fake_lock);
    fake_sessions[s->handle % FAKE_SESSIONS] = NULL;
    pthread_mutex_unlock(&fake_lock);
    free(s->pcm);
    free(s);
}

fake_session *fake_open_begin(const syx_plugin_desc *desc, syx_provider *provider, const syx_format *format,
                              const char *options, syx_status *status, syx_err *err) {
    fake_session *s = enlist();
    s->vt = desc->vt;
    s->kind = desc->kind;
    s->out = *format;
    syx_session_params params = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms)};
    params.in = params.out = *format;
    params.tenant = syx_cstr("tenant");
    params.session = syx_cstr("session");
    params.options_json = syx_cstr(options);
    params.max_frame_samples = format->rate / 1000 * 60;
    params.credit_ms = 10000;
    clear(err);
    enter("session_open()", 0);
    *status = desc->vt->session_open(provider, s->handle, &params, &s->session, err);
    leave();
    return *status < 0 ? delist(s), NULL : s;
}

fake_session *fake_open(const syx_plugin_desc *desc, syx_provider *provider, const syx_format *format,
                        const char *options, syx_err *err) {
    syx_status status;
    fake_session *s = fake_open_begin(desc, provider, format, options, &status, err);
    if (!s || status != SYX_PENDING) return s;
    int64_t start = fake_real();
    while (!fake_count(s, SYX_EV_READY, 0) && !fake_count(s, SYX_EV_ERROR, 0) && fake_real() - start < 60000000000) {
        fake_wait(s, SYX_EV_READY, 0, 1);
        if (s->exchanges_begun > 0 && fake_real() - start > 50000000) break;
    }
    /* Its vendor cannot be reached from here: such a session is used as the host uses one, which does not wait. */
    if (fake_count(s, SYX_EV_READY, 0) || s->exchanges_begun > 0) return s;
    snprintf(err->msg, sizeof err->msg, "%.200s", s->event_count ? s->events[0].text : "no READY within 60 s");
    fake_close(s);
    return NULL;
}

void fake_close(fake_session *s) {
    pthread_mutex_lock(&fake_lock);
    s->closed = true;
    while (s->running || s->task_count > 0) pthread_cond_wait(&fake_changed, &fake_lock);
    pthread_mutex_unlock(&fake_lock);
    enter("session_close()", 0);
    s->vt->session_close(s->session);
    leave();
    /* In another process it has only been told by now, and may say goodbye to those it is connected to. */
    if (fake_set.settle) fake_set.settle();
    delist(s);
}

/* ------------------------------------------------------------------------------------------------------- events -- */

static bool is_request(uint16_t type) {
    return type == SYX_EV_SPEAK || type == SYX_EV_PROMPT || type == SYX_EV_END_OF_INPUT;
}

/* Terminals may come before handle() returns: the request is on record first. */
syx_status fake_handle(fake_session *s, const syx_event *ev) {
    fake_request *r = NULL;
    pthread_mutex_lock(&fake_lock);
    if (SYX_HAS(ev, syx_event, audio) && ev->space == 0 && is_request(ev->type) && s->request_count < FAKE_REQUESTS) {
        r = &s->requests[s->request_count++];
        *r = (fake_request){.type = ev->type, .generation = ev->generation, .id = ev->id};
    }
    pthread_mutex_unlock(&fake_lock);
    enter("handle() of event", ev->type);
    syx_status status = s->vt->handle ? s->vt->handle(s->session, ev) : SYX_SKIP;
    leave();
    pthread_mutex_lock(&fake_lock);
    if (r) r->status = status;
    if (r && status < 0 && r->terminals > 0)
        fake_note(FAKE_STRAY_TERMINAL, "handle() refused a request (%d) that had its terminal already", status);
    pthread_mutex_unlock(&fake_lock);
    return status;
}

syx_status fake_send(fake_session *s, uint16_t type, uint64_t generation, uint64_t id, const char *text,
                     const char *json) {
    syx_event ev = syx_ev(type, generation, id);
    ev.text = syx_cstr(text);
    ev.json = syx_cstr(json);
    ev.t_ns = fake_now();
    return fake_handle(s, &ev);
}

syx_status fake_audio(fake_session *s, uint64_t generation, const int16_t *pcm, uint32_t samples, uint32_t rate) {
    syx_frame frame = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = rate, .channels = 1};
    frame.samples = samples;
    frame.bytes = samples * 2u;
    frame.generation = generation;
    frame.data = (void *)(uintptr_t)pcm;
    syx_event ev = syx_ev(SYX_EV_AUDIO_IN, generation, 0);
    ev.audio = &frame;
    return fake_handle(s, &ev);
}

void fake_cancel(fake_session *s, uint64_t generation) {
    pthread_mutex_lock(&fake_lock);
    s->cancelled[s->cancelled_count++ % 64] = generation;
    s->samples_at_cancel = s->samples;
    pthread_mutex_unlock(&fake_lock);
    if (s->vt->cancel) s->vt->cancel(s->session, generation);
    pthread_mutex_lock(&fake_lock);
    fake_net_cancel(s, generation);
    pthread_mutex_unlock(&fake_lock);
}

/* ------------------------------------------------------------------------------------------------------- frames -- */

void fake_frame_back(syx_hsession handle, syx_status status, float probability, const void *samples, size_t bytes) {
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    if (s) {
        s->frame_back = true;
        s->frame_status = status;
        s->frame_probability = probability;
        s->frame_bytes = bytes;
        if (samples && s->frame_into && bytes <= s->frame_capacity) memcpy(s->frame_into, samples, bytes);
        pthread_cond_broadcast(&fake_changed);
    }
    pthread_mutex_unlock(&fake_lock);
}

syx_status fake_process(fake_session *s, const syx_frame *in, syx_frame *out, syx_result *result) {
    s->frame_back = false;
    s->frame_into = out ? out->data : NULL;
    s->frame_capacity = out ? out->bytes : 0;
    enter("process()", 0);
    syx_status status = s->vt->process(s->session, in, out, result);
    leave();
    if (status != SYX_PENDING) return status;
    if (in->flags & SYX_FR_ECHO_REF) { /* only to be learned from: nothing comes back */
        if (fake_set.settle) fake_set.settle();
        return status;
    }
    int64_t end = fake_real() + 5000000000;
    pthread_mutex_lock(&fake_lock);
    while (!s->frame_back && fake_real() < end) fake_rest(5);
    s->frame_into = NULL;
    status = s->frame_back ? s->frame_status : SYX_EDEADLINE;
    if (result && SYX_HAS(result, syx_result, pts)) result->probability = s->frame_probability, result->pts = in->pts;
    pthread_mutex_unlock(&fake_lock);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- credit -- */

void fake_limit(fake_session *s, size_t samples) {
    pthread_mutex_lock(&fake_lock);
    s->credit = samples;
    pthread_mutex_unlock(&fake_lock);
}

void fake_limit_events(fake_session *s, size_t events) {
    pthread_mutex_lock(&fake_lock);
    s->room = events;
    pthread_mutex_unlock(&fake_lock);
}

size_t fake_samples(fake_session *s) {
    pthread_mutex_lock(&fake_lock);
    size_t samples = s->samples;
    pthread_mutex_unlock(&fake_lock);
    return samples;
}

static void give(fake_session *s, size_t *what, size_t amount) {
    pthread_mutex_lock(&fake_lock);
    *what = amount > SIZE_MAX - *what ? SIZE_MAX : *what + amount;
    bool starved = s->starved;
    s->starved = false;
    pthread_mutex_unlock(&fake_lock);
    if (starved) fake_send(s, SYX_EV_WRITABLE, 0, 0, "", "");
}

void fake_grant(fake_session *s, size_t samples) { give(s, &s->credit, samples); }

void fake_grant_events(fake_session *s, size_t events) { give(s, &s->room, events); }

/* ------------------------------------------------------------------------------------------------------ waiting -- */

static bool next_due(fake_session *s, syx_event *ev) {
    if (s->done_count > 0) {
        *ev = syx_ev(SYX_EV_TASK_DONE, 0, s->done_cookies[0]);
        s->done_count--;
        memmove(s->done_cookies, s->done_cookies + 1, s->done_count * sizeof *s->done_cookies);
        return true;
    }
    fake_timer *first = NULL;
    for (size_t i = 0; i < FAKE_TIMERS; i++) {
        fake_timer *t = &s->timers[i];
        if (t->timer && t->due_ns <= fake_now() && (!first || t->due_ns < first->due_ns)) first = t;
    }
    if (!first) return fake_net_due(s, ev);
    *ev = syx_ev(SYX_EV_TIMER, 0, first->cookie);
    first->timer = 0;
    return true;
}

size_t fake_pump(fake_session *s) {
    if (fake_set.settle) fake_set.settle();
    for (size_t n = 0;; n++) {
        syx_event ev;
        pthread_mutex_lock(&fake_lock);
        bool some = n < 256 && next_due(s, &ev);
        pthread_mutex_unlock(&fake_lock);
        if (!some) return n;
        ev.t_ns = fake_now();
        fake_handle(s, &ev);
    }
}

static const fake_event *search(fake_session *s, uint16_t type, uint64_t generation, const uint64_t *id) {
    for (size_t i = 0; i < s->event_count; i++) {
        const fake_event *e = &s->events[i];
        if (e->type == type && e->generation == generation && (!id || e->id == *id)) return e;
    }
    return NULL;
}

static const fake_event *wait_for(fake_session *s, uint16_t type, uint64_t generation, const uint64_t *id, int ms) {
    int64_t end = fake_real() + (int64_t)ms * 1000000;
    for (;;) {
        if (s->session) fake_pump(s);
        pthread_mutex_lock(&fake_lock);
        const fake_event *e = search(s, type, generation, id);
        bool over = fake_real() > end;
        if (!e && !over && s->done_count == 0) fake_rest(1);
        pthread_mutex_unlock(&fake_lock);
        if (e || over) return e;
    }
}

const fake_event *fake_wait(fake_session *s, uint16_t type, uint64_t generation, int ms) {
    return wait_for(s, type, generation, NULL, ms);
}

const fake_event *fake_wait_id(fake_session *s, uint16_t type, uint64_t generation, uint64_t id, int ms) {
    return wait_for(s, type, generation, &id, ms);
}

static bool all_ended(const fake_session *s) {
    for (size_t i = 0; i < s->request_count; i++)
        if (s->requests[i].terminals == 0 && s->requests[i].status >= 0 && s->requests[i].status != SYX_SKIP) return false;
    return true;
}

bool fake_wait_ends(fake_session *s, int ms) {
    int64_t end = fake_real() + (int64_t)ms * 1000000;
    for (;;) {
        fake_pump(s);
        pthread_mutex_lock(&fake_lock);
        bool ended = all_ended(s), over = fake_real() > end;
        if (!ended && !over && s->done_count == 0) fake_rest(1);
        pthread_mutex_unlock(&fake_lock);
        if (ended || over) return ended;
    }
}

void fake_run(fake_session *s, int ms) {
    int64_t end = fake_real() + (int64_t)ms * 1000000;
    do {
        fake_pump(s);
        pthread_mutex_lock(&fake_lock);
        fake_rest(1);
        pthread_mutex_unlock(&fake_lock);
    } while (fake_real() < end);
}

size_t fake_count(fake_session *s, uint16_t type, uint64_t generation) {
    size_t n = 0;
    pthread_mutex_lock(&fake_lock);
    for (size_t i = 0; i < s->event_count; i++) n += s->events[i].type == type && s->events[i].generation == generation;
    pthread_mutex_unlock(&fake_lock);
    return n;
}
