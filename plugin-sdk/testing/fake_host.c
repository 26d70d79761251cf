/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_host.h"

#include <stdlib.h>
#include <time.h>

int fake_breaches;

/* Held while anything below is touched: a plugin may emit from its own threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static fake_session *live;
static int64_t now_ns;
static uint64_t last_timer;

enum { SESSION = 7, PROVIDER = 3 };

static void breach(const char *what) {
    fake_breaches++;
    fprintf(stderr, "breach: %s\n", what);
}

bool fake_is_terminal(uint16_t type) {
    return type == SYX_EV_DONE || type == SYX_EV_FINAL || type == SYX_EV_CANCELLED || type == SYX_EV_ERROR;
}

/* ------------------------------------------------------------------------------------------------- what was sent -- */

static bool is_cancelled(const fake_session *s, uint64_t generation) {
    for (size_t i = 0; i < s->cancelled_count; i++)
        if (s->cancelled[i] == generation) return true;
    return false;
}

static void check_terminal(const fake_session *s, const syx_event *ev) {
    for (size_t i = 0; i < s->count; i++) {
        const fake_event *e = &s->events[i];
        if (fake_is_terminal(e->type) && e->generation == ev->generation && e->id == ev->id)
            breach("a request has a second terminal");
    }
}

static syx_status check_audio(const syx_event *ev) {
    const syx_frame *f = ev->audio;
    if (!f || !SYX_HAS(f, syx_frame, buf) || !f->data || f->samples == 0) return SYX_EINVAL;
    size_t width = f->format == SYX_FMT_S16 ? 2 : f->format == SYX_FMT_F32 ? 4 : 0;
    return width && f->bytes == width * f->samples * f->channels ? SYX_OK : SYX_EINVAL;
}

static syx_status take(fake_session *s, const syx_event *ev) {
    if (!ev || !SYX_HAS(ev, syx_event, audio) || ev->space != 0 || ev->type < SYX_EV_READY) return SYX_EINVAL;
    if (ev->type == SYX_EV_AUDIO_OUT && check_audio(ev) < 0) return SYX_EINVAL;
    if (is_cancelled(s, ev->generation) && !fake_is_terminal(ev->type)) return SYX_ESTALE;
    if (s->room == 0 || s->count == FAKE_EVENTS) return s->starved = true, SYX_EAGAIN;
    s->room--;
    if (fake_is_terminal(ev->type)) check_terminal(s, ev);
    fake_event *e = &s->events[s->count++];
    *e = (fake_event){.type = ev->type, .flags = ev->flags, .generation = ev->generation, .id = ev->id};
    e->i0 = ev->i0, e->i1 = ev->i1, e->f0 = ev->f0;
    if (ev->type == SYX_EV_AUDIO_OUT) e->samples = ev->audio->samples, e->rate = ev->audio->rate;
    size_t n = syx_utf8_prefix(ev->text.ptr, ev->text.len, FAKE_TEXT - 1);
    if (n) memcpy(e->text, ev->text.ptr, n);
    return SYX_OK;
}

static syx_status core_emit(syx_hsession session, const syx_event *ev) {
    pthread_mutex_lock(&lock);
    syx_status status = SYX_ECLOSED;
    if (session != SESSION || !live)
        breach("an event after session_close, or of no session");
    else if ((status = take(live, ev)) == SYX_EINVAL)
        breach("an event that no plugin may send, or malformed audio");
    pthread_mutex_unlock(&lock);
    return status;
}

static syx_status core_emit_provider(syx_hprovider provider, const syx_event *ev) {
    (void)ev;
    return provider == PROVIDER ? SYX_OK : SYX_ECLOSED;
}

/* ------------------------------------------------------------------------------------------------ timers and tasks -- */

static bool await(fake_pending pending) {
    pthread_mutex_lock(&lock);
    bool ok = live && live->pending_count < FAKE_PENDING;
    if (!live) breach("a host call after session_close");
    if (ok) live->pending[live->pending_count++] = pending;
    pthread_mutex_unlock(&lock);
    return ok;
}

static uint64_t core_timer(syx_hsession session, uint32_t delay_ms, uint64_t cookie) {
    (void)session;
    pthread_mutex_lock(&lock);
    uint64_t handle = ++last_timer;
    int64_t due = now_ns + (int64_t)delay_ms * 1000000;
    pthread_mutex_unlock(&lock);
    return await((fake_pending){.is_timer = true, .due_ns = due, .cookie = cookie, .handle = handle}) ? handle : 0;
}

static void drop(fake_session *s, size_t index) {
    s->pending_count--;
    for (size_t i = index; i < s->pending_count; i++) s->pending[i] = s->pending[i + 1];
}

static void core_timer_cancel(syx_hsession session, uint64_t timer) {
    (void)session;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; live && i < live->pending_count; i++)
        if (live->pending[i].is_timer && live->pending[i].handle == timer) drop(live, i);
    pthread_mutex_unlock(&lock);
}

static syx_status core_run(syx_hsession session, void (*fn)(void *), void *arg, uint64_t cookie) {
    (void)session;
    return await((fake_pending){.cookie = cookie, .fn = fn, .arg = arg}) ? SYX_OK : SYX_EAGAIN;
}

/* The next that is due: tasks in their order, timers by their time. */
static bool next_due(fake_session *s, int64_t until, fake_pending *out) {
    pthread_mutex_lock(&lock);
    size_t best = FAKE_PENDING;
    for (size_t i = 0; i < s->pending_count; i++) {
        int64_t due = s->pending[i].is_timer ? s->pending[i].due_ns : now_ns;
        int64_t earliest = best == FAKE_PENDING || !s->pending[best].is_timer ? now_ns : s->pending[best].due_ns;
        if (due <= until && (best == FAKE_PENDING || due < earliest)) best = i;
    }
    if (best != FAKE_PENDING) {
        *out = s->pending[best];
        drop(s, best);
        if (out->is_timer && out->due_ns > now_ns) now_ns = out->due_ns;
    }
    pthread_mutex_unlock(&lock);
    return best != FAKE_PENDING;
}

void fake_advance(fake_session *s, int ms) {
    int64_t until = now_ns + (int64_t)ms * 1000000;
    fake_pending due;
    for (int i = 0; i < 10000 && next_due(s, until, &due); i++) {
        if (due.fn) due.fn(due.arg);
        syx_event ev = syx_ev(due.is_timer ? SYX_EV_TIMER : SYX_EV_TASK_DONE, 0, due.cookie);
        fake_send(s, &ev);
    }
    pthread_mutex_lock(&lock);
    if (now_ns < until) now_ns = until;
    pthread_mutex_unlock(&lock);
}

/* ---------------------------------------------------------------------------------------------- the other services -- */

static const void *core_service(syx_hprovider p, const char *id) {
    (void)p, (void)id;
    return NULL;
}

static int64_t core_now(syx_hprovider p) {
    (void)p;
    pthread_mutex_lock(&lock);
    int64_t now = now_ns;
    pthread_mutex_unlock(&lock);
    return now;
}

static void core_log(syx_hprovider p, syx_hsession s, uint32_t level, syx_str msg, syx_str fields) {
    (void)p, (void)s, (void)fields;
    if (getenv("VERBOSE")) fprintf(stderr, "log %u: %.*s\n", level, (int)msg.len, msg.len ? msg.ptr : "");
}

static void core_metric(syx_hprovider p, syx_hsession s, uint32_t index, double value) {
    (void)p, (void)s, (void)index, (void)value;
}

/* No quota of buffers is granted: a plugin must live without. */
static syx_buf *core_buf_alloc(syx_hprovider p, size_t bytes) {
    (void)p, (void)bytes;
    return NULL;
}

static void *core_buf_data(syx_buf *b, size_t *capacity) {
    (void)b;
    if (capacity) *capacity = 0;
    return NULL;
}

static void core_buf_count(syx_buf *b) { (void)b; }

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
    .buf_alloc = core_buf_alloc,
    .buf_data = core_buf_data,
    .buf_retain = core_buf_count,
    .buf_release = core_buf_count,
    .timer = core_timer,
    .timer_cancel = core_timer_cancel,
    .run = core_run,
};

const syx_core *fake_core(void) { return &core; }

/* ------------------------------------------------------------------------------------------ providers and sessions -- */

static void clear(syx_err *err) {
    memset(err, 0, sizeof *err);
    err->struct_size = SYX_SIZEOF(syx_err, msg);
}

syx_provider *fake_provider(const syx_plugin_desc *desc, const char *config, const char *data_dir, syx_err *err) {
    syx_provider_params params = {.struct_size = SYX_SIZEOF(syx_provider_params, descriptor)};
    params.config_json = syx_cstr(config);
    params.data_dir = syx_cstr(data_dir);
    params.descriptor = desc;
    syx_provider *provider = NULL;
    clear(err);
    err->code = desc->vt->open(&core, PROVIDER, &params, &provider, err);
    return err->code >= 0 ? provider : NULL;
}

syx_status fake_open(fake_session *s, const syx_plugin_desc *desc, syx_provider *provider, syx_format format,
                     syx_err *err) {
    memset(s, 0, sizeof *s);
    s->desc = desc;
    s->provider = provider;
    s->format = format;
    s->room = FAKE_EVENTS;
    live = s;
    syx_session_params params = {.struct_size = SYX_SIZEOF(syx_session_params, deadline_ms)};
    params.session = syx_cstr("ses_test");
    params.locale = syx_cstr("en");
    params.options_json = syx_cstr("{}");
    params.in = params.out = format;
    params.max_frame_samples = format.rate / 50;
    params.credit_ms = 400;
    clear(err);
    syx_status status = desc->vt->session_open(provider, SESSION, &params, &s->session, err);
    if (status < 0) live = NULL;
    return status;
}

void fake_close(fake_session *s) {
    for (fake_pending due; next_due(s, now_ns, &due);)
        if (due.fn) due.fn(due.arg);
    s->desc->vt->session_close(s->session);
    pthread_mutex_lock(&lock);
    live = NULL;
    pthread_mutex_unlock(&lock);
}

/* ---------------------------------------------------------------------------------------------------- conversation -- */

syx_status fake_send(fake_session *s, const syx_event *event) { return s->desc->vt->handle(s->session, event); }

void fake_cancel(fake_session *s, uint64_t generation) {
    pthread_mutex_lock(&lock);
    if (s->cancelled_count < FAKE_PENDING) s->cancelled[s->cancelled_count++] = generation;
    pthread_mutex_unlock(&lock);
    if (s->desc->vt->cancel) s->desc->vt->cancel(s->session, generation);
}

void fake_grant(fake_session *s, size_t events) {
    pthread_mutex_lock(&lock);
    bool starved = s->starved;
    s->room = events;
    s->starved = false;
    pthread_mutex_unlock(&lock);
    syx_event ev = syx_ev(SYX_EV_WRITABLE, 0, 0);
    if (starved) fake_send(s, &ev);
}

static const fake_event *terminal(fake_session *s, uint64_t generation, uint64_t id) {
    const fake_event *found = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < s->count && !found; i++) {
        const fake_event *e = &s->events[i];
        if (fake_is_terminal(e->type) && e->generation == generation && e->id == id) found = e;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

const fake_event *fake_settle(fake_session *s, uint64_t generation, uint64_t id, size_t room) {
    for (int i = 0; i < 20000; i++) {
        const fake_event *found = terminal(s, generation, id);
        if (found) return found;
        fake_advance(s, 20);
        fake_grant(s, room);
        /* Only plugins with threads of their own need real time; the others are done within a few rounds. */
        if (i > 200) nanosleep(&(struct timespec){.tv_nsec = 250000}, NULL);
    }
    return NULL;
}

size_t fake_count(const fake_session *s, uint16_t type, uint64_t generation) {
    size_t n = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < s->count; i++) n += s->events[i].type == type && s->events[i].generation == generation;
    pthread_mutex_unlock(&lock);
    return n;
}
