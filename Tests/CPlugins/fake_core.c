/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_core.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SESSIONS = 256, MAX_WORKERS = 8 };

/* One lock for everything: a test host may be slow. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static fake_session *sessions[MAX_SESSIONS];
static pthread_t workers[MAX_WORKERS];
static int worker_count, breaches;
static bool stopping;

int64_t fake_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int fake_breaches(void) { return breaches; }

static void breach(const char *what) {
    breaches++;
    fprintf(stderr, "breach: %s\n", what);
}

static fake_session *find(syx_hsession handle) {
    return handle > 0 && handle <= MAX_SESSIONS ? sessions[handle - 1] : NULL;
}

/* --------------------------------------------------------------------------------------------------- core table -- */

static bool is_terminal(uint16_t type) {
    return type == SYX_EV_DONE || type == SYX_EV_CANCELLED || type == SYX_EV_ERROR || type == SYX_EV_FINAL;
}

static bool cancelled(const fake_session *s, uint64_t generation) {
    for (size_t i = 0; i < s->cancelled_count; i++)
        if (s->cancelled[i] == generation) return true;
    return false;
}

static void keep_audio(fake_session *s, const syx_frame *f) {
    if (s->samples + f->samples > s->capacity) {
        s->capacity = (s->samples + f->samples) * 2;
        s->pcm = realloc(s->pcm, s->capacity * sizeof *s->pcm);
    }
    memcpy(s->pcm + s->samples, f->data, f->bytes);
    s->samples += f->samples;
}

static void keep_event(fake_session *s, const syx_event *ev) {
    if (s->event_count == FAKE_EVENTS) return;
    fake_event *e = &s->events[s->event_count++];
    *e = (fake_event){.type = ev->type,
                      .generation = ev->generation,
                      .id = ev->id,
                      .i0 = ev->i0,
                      .i1 = ev->i1,
                      .f0 = ev->f0,
                      .at_ns = fake_now()};
    size_t n = ev->text.len < FAKE_TEXT - 1 ? ev->text.len : FAKE_TEXT - 1;
    if (n) memcpy(e->text, ev->text.ptr, n);
}

static void check_terminal(const fake_session *s, const syx_event *ev) {
    if (!is_terminal(ev->type)) return;
    for (size_t i = 0; i < s->event_count; i++) {
        const fake_event *e = &s->events[i];
        if (is_terminal(e->type) && e->generation == ev->generation && e->id == ev->id) breach("second terminal");
    }
}

static syx_status emit_locked(fake_session *s, const syx_event *ev) {
    if (ev->type == SYX_EV_AUDIO_OUT) {
        if (!ev->audio || ev->audio->bytes != ev->audio->samples * 2u) return SYX_EINVAL;
        if (cancelled(s, ev->generation)) return SYX_ESTALE;
        if (ev->audio->samples > s->credit) return s->starved = true, SYX_EAGAIN;
        s->credit -= ev->audio->samples;
        keep_audio(s, ev->audio);
    }
    check_terminal(s, ev);
    keep_event(s, ev);
    pthread_cond_broadcast(&changed);
    return SYX_OK;
}

static syx_status core_emit(syx_hsession handle, const syx_event *ev) {
    pthread_mutex_lock(&lock);
    fake_session *s = find(handle);
    if (!s) breach("emit after close");
    syx_status status = s ? emit_locked(s, ev) : SYX_ECLOSED;
    pthread_mutex_unlock(&lock);
    return status;
}

static syx_status core_emit_provider(syx_hprovider p, const syx_event *ev) {
    (void)p, (void)ev;
    return SYX_OK;
}

static const void *core_service(syx_hprovider p, const char *id) {
    (void)p, (void)id;
    return NULL;
}

static int64_t core_now(syx_hprovider p) {
    (void)p;
    return fake_now();
}

static void core_log(syx_hprovider p, syx_hsession s, uint32_t level, syx_str msg, syx_str fields) {
    (void)p, (void)s, (void)fields;
    if (getenv("VERBOSE")) fprintf(stderr, "log %u: %.*s\n", level, (int)msg.len, msg.ptr);
}

static void core_metric(syx_hprovider p, syx_hsession s, uint32_t index, double value) {
    (void)p, (void)s, (void)index, (void)value;
}

static void notify(fake_session *s, uint16_t type, uint64_t cookie) {
    if (s->done_count == FAKE_EVENTS) return;
    s->done_types[s->done_count] = type;
    s->done_cookies[s->done_count++] = cookie;
    pthread_cond_broadcast(&changed);
}

static uint64_t core_timer(syx_hsession handle, uint32_t delay_ms, uint64_t cookie) {
    (void)delay_ms;
    pthread_mutex_lock(&lock);
    fake_session *s = find(handle);
    if (s) notify(s, SYX_EV_TIMER, cookie);
    pthread_mutex_unlock(&lock);
    return s != NULL;
}

static void core_timer_cancel(syx_hsession handle, uint64_t timer) { (void)handle, (void)timer; }

static syx_status core_run(syx_hsession handle, void (*fn)(void *), void *arg, uint64_t cookie) {
    pthread_mutex_lock(&lock);
    fake_session *s = find(handle);
    syx_status status = !s || s->closed ? SYX_ECLOSED : s->task_count == FAKE_TASKS ? SYX_EAGAIN : SYX_OK;
    if (status == SYX_OK) {
        s->tasks[(s->task_first + s->task_count++) % FAKE_TASKS] = (fake_task){fn, arg, cookie};
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

static const syx_core core = {
    .struct_size = SYX_SIZEOF(syx_core, run),
    .abi_minor = SYX_ABI_MINOR,
    .host_name = "fake",
    .host_version = "1.0.0",
    .service = core_service,
    .emit = core_emit,
    .emit_provider = core_emit_provider,
    .now_ns = core_now,
    .log = core_log,
    .metric = core_metric,
    .timer = core_timer,
    .timer_cancel = core_timer_cancel,
    .run = core_run,
};

const syx_core *fake_core(void) { return &core; }

/* ------------------------------------------------------------------------------------------------------ workers -- */

static fake_session *next_ready(void) {
    static size_t start;
    for (size_t i = 0; i < MAX_SESSIONS; i++) {
        fake_session *s = sessions[(start + i) % MAX_SESSIONS];
        if (s && s->task_count > 0 && !s->running) return start = (start + i + 1) % MAX_SESSIONS, s;
    }
    return NULL;
}

static void *work(void *arg) {
    (void)arg;
    pthread_mutex_lock(&lock);
    while (!stopping) {
        fake_session *s = next_ready();
        if (!s) {
            pthread_cond_wait(&changed, &lock);
            continue;
        }
        fake_task task = s->tasks[s->task_first];
        s->task_first = (s->task_first + 1) % FAKE_TASKS;
        s->task_count--;
        s->running = true;
        pthread_mutex_unlock(&lock);
        task.fn(task.arg);
        pthread_mutex_lock(&lock);
        s->running = false;
        notify(s, SYX_EV_TASK_DONE, task.cookie);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

void fake_start(int count) {
    stopping = false;
    for (worker_count = 0; worker_count < count && worker_count < MAX_WORKERS; worker_count++)
        pthread_create(&workers[worker_count], NULL, work, NULL);
}

void fake_stop(void) {
    pthread_mutex_lock(&lock);
    stopping = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < worker_count; i++) pthread_join(workers[i], NULL);
}

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

static void clear(syx_err *err) {
    memset(err, 0, sizeof *err);
    err->struct_size = SYX_SIZEOF(syx_err, msg);
}

syx_provider *fake_provider(const syx_plugin_desc *desc, const char *config, syx_err *err) {
    syx_provider_params params = {.struct_size = SYX_SIZEOF(syx_provider_params, instance_name)};
    params.config_json = syx_cstr(config);
    syx_provider *provider = NULL;
    clear(err);
    return desc->vt->open(&core, 1, &params, &provider, err) >= 0 ? provider : NULL;
}

/* ----------------------------------------------------------------------------------------------------- sessions -- */

static fake_session *enlist(void) {
    fake_session *s = calloc(1, sizeof *s);
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MAX_SESSIONS && !s->handle; i++) {
        if (sessions[i]) continue;
        sessions[i] = s;
        s->handle = i + 1;
    }
    pthread_mutex_unlock(&lock);
    s->credit = SIZE_MAX;
    return s;
}

static void delist(fake_session *s) {
    pthread_mutex_lock(&lock);
    sessions[s->handle - 1] = NULL;
    pthread_mutex_unlock(&lock);
    free(s->pcm);
    free(s);
}

fake_session *fake_open(const syx_plugin_desc *desc, syx_provider *provider, const syx_format *format,
                        const char *options, syx_err *err) {
    fake_session *s = enlist();
    s->vt = desc->vt;
    syx_session_params params = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms)};
    params.in = params.out = *format;
    params.options_json = syx_cstr(options);
    params.credit_ms = 10000;
    clear(err);
    syx_status status = desc->vt->session_open(provider, s->handle, &params, &s->session, err);
    if (status < 0) return delist(s), NULL;
    while (status == SYX_PENDING && !fake_wait(s, SYX_EV_READY, 0, 1) && !fake_wait(s, SYX_EV_ERROR, 0, 0)) continue;
    if (status == SYX_PENDING && fake_wait(s, SYX_EV_ERROR, 0, 0)) {
        snprintf(err->msg, sizeof err->msg, "%.200s", s->event_count ? s->events[0].text : "no READY");
        fake_close(s);
        return NULL;
    }
    return s;
}

void fake_close(fake_session *s) {
    pthread_mutex_lock(&lock);
    s->closed = true;
    while (s->running || s->task_count > 0) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    s->vt->session_close(s->session);
    delist(s);
}

static syx_status handle(fake_session *s, const syx_event *ev) { return s->vt->handle(s->session, ev); }

syx_status fake_send(fake_session *s, uint16_t type, uint64_t generation, uint64_t id, const char *text,
                     const char *json) {
    syx_event ev = syx_ev(type, generation, id);
    ev.text = syx_cstr(text);
    ev.json = syx_cstr(json);
    ev.t_ns = fake_now();
    return handle(s, &ev);
}

syx_status fake_audio(fake_session *s, uint64_t generation, const int16_t *pcm, uint32_t samples, uint32_t rate) {
    syx_frame frame = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = rate, .channels = 1};
    frame.samples = samples;
    frame.bytes = samples * 2u;
    frame.generation = generation;
    frame.data = (void *)(uintptr_t)pcm;
    syx_event ev = syx_ev(SYX_EV_AUDIO_IN, generation, 0);
    ev.audio = &frame;
    return handle(s, &ev);
}

void fake_cancel(fake_session *s, uint64_t generation) {
    pthread_mutex_lock(&lock);
    s->cancelled[s->cancelled_count++ % 64] = generation;
    s->samples_at_cancel = s->samples;
    pthread_mutex_unlock(&lock);
    if (s->vt->cancel) s->vt->cancel(s->session, generation);
}

void fake_limit(fake_session *s, size_t samples) {
    pthread_mutex_lock(&lock);
    s->credit = samples;
    pthread_mutex_unlock(&lock);
}

size_t fake_samples(fake_session *s) {
    pthread_mutex_lock(&lock);
    size_t samples = s->samples;
    pthread_mutex_unlock(&lock);
    return samples;
}

void fake_grant(fake_session *s, size_t samples) {
    pthread_mutex_lock(&lock);
    s->credit += samples;
    bool starved = s->starved;
    s->starved = false;
    pthread_mutex_unlock(&lock);
    if (starved) fake_send(s, SYX_EV_WRITABLE, 0, 0, "", "");
}

void fake_pump(fake_session *s) {
    for (;;) {
        pthread_mutex_lock(&lock);
        bool some = s->done_count > 0;
        uint16_t type = s->done_types[0];
        uint64_t cookie = s->done_cookies[0];
        if (some) {
            s->done_count--;
            memmove(s->done_types, s->done_types + 1, s->done_count * sizeof *s->done_types);
            memmove(s->done_cookies, s->done_cookies + 1, s->done_count * sizeof *s->done_cookies);
        }
        pthread_mutex_unlock(&lock);
        if (!some) return;
        fake_send(s, type, 0, cookie, "", "");
    }
}

static const fake_event *search(fake_session *s, uint16_t type, uint64_t generation, const uint64_t *id) {
    const fake_event *found = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < s->event_count && !found; i++) {
        const fake_event *e = &s->events[i];
        if (e->type == type && e->generation == generation && (!id || e->id == *id)) found = e;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static const fake_event *wait_for(fake_session *s, uint16_t type, uint64_t generation, const uint64_t *id, int ms) {
    int64_t end = fake_now() + (int64_t)ms * 1000000;
    for (;;) {
        if (s->session) fake_pump(s);
        const fake_event *e = search(s, type, generation, id);
        if (e || fake_now() > end) return e;
        usleep(200);
    }
}

const fake_event *fake_wait(fake_session *s, uint16_t type, uint64_t generation, int ms) {
    return wait_for(s, type, generation, NULL, ms);
}

const fake_event *fake_wait_id(fake_session *s, uint16_t type, uint64_t generation, uint64_t id, int ms) {
    return wait_for(s, type, generation, &id, ms);
}

void fake_run(fake_session *s, int ms) {
    int64_t end = fake_now() + (int64_t)ms * 1000000;
    do {
        fake_pump(s);
        usleep(500);
    } while (fake_now() < end);
}

size_t fake_count(fake_session *s, uint16_t type, uint64_t generation) {
    size_t n = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < s->event_count; i++) n += s->events[i].type == type && s->events[i].generation == generation;
    pthread_mutex_unlock(&lock);
    return n;
}
