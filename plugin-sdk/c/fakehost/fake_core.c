/* SPDX-License-Identifier: Apache-2.0
 *
 * The table that plugins get. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_internal.h"
#include "fake_net.h"

pthread_mutex_t fake_lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t fake_changed = PTHREAD_COND_INITIALIZER;
fake_session *fake_sessions[FAKE_SESSIONS];
fake_settings fake_set;

static char first_breach[FAKE_BREACH_KINDS][160];
static int breach_count;

int64_t fake_real(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t fake_now(void) {
    return fake_set.virtual_clock ? __atomic_load_n(&fake_set.clock_ns, __ATOMIC_RELAXED) : fake_real();
}

int fake_breaches(void) { return breach_count; }

const char *fake_breach(fake_breach_kind kind) { return first_breach[kind][0] ? first_breach[kind] : NULL; }

void fake_note(fake_breach_kind kind, const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    breach_count++;
    if (!first_breach[kind][0]) memcpy(first_breach[kind], text, sizeof text);
    fprintf(stderr, "breach: %s\n", text);
}

fake_session *fake_find_session(syx_hsession handle) {
    fake_session *s = fake_sessions[handle % FAKE_SESSIONS];
    return s && s->handle == handle ? s : NULL;
}

/* --------------------------------------------------------------------------------------------------- providers -- */

static const syx_provider *providers[FAKE_PROVIDERS]; /* by handle; NULL = opening or dead */
static bool provider_lives[FAKE_PROVIDERS];
static syx_hprovider provider_last = 0;

syx_hprovider fake_provider_handle(void) {
    pthread_mutex_lock(&fake_lock);
    syx_hprovider h = ++provider_last;
    provider_lives[h % FAKE_PROVIDERS] = true;
    providers[h % FAKE_PROVIDERS] = NULL;
    pthread_mutex_unlock(&fake_lock);
    return h;
}

void fake_provider_bind(syx_hprovider h, const syx_provider *p) { providers[h % FAKE_PROVIDERS] = p; }

void fake_provider_dead(syx_hprovider h) { provider_lives[h % FAKE_PROVIDERS] = false; }

void fake_provider_end(const syx_provider *p) {
    for (size_t i = 0; i < FAKE_PROVIDERS; i++)
        if (provider_lives[i] && providers[i] == p) provider_lives[i] = false;
}

/* Handle 0 is nobody's: what init() may use. */
bool fake_provider_lives(syx_hprovider h) { return h == 0 || (h <= provider_last && provider_lives[h % FAKE_PROVIDERS]); }

static void check_provider(syx_hprovider h, const char *call) {
    if (!fake_provider_lives(h)) fake_note(FAKE_AFTER_CLOSE, "%s for a provider that is not open", call);
}

/* ------------------------------------------------------------------------------------------------------- events -- */

static syx_status core_emit(syx_hsession handle, const syx_event *ev) {
    pthread_mutex_lock(&fake_lock);
    fake_session *s = fake_find_session(handle);
    if (!s) fake_note(FAKE_AFTER_CLOSE, "emit of event %u for a session that is not open", ev ? ev->type : 0);
    syx_status status = s ? fake_take(s, ev) : SYX_ECLOSED;
    pthread_mutex_unlock(&fake_lock);
    return status;
}

static uint64_t health_ids[64];
static size_t health_count;

static syx_status core_emit_provider(syx_hprovider p, const syx_event *ev) {
    pthread_mutex_lock(&fake_lock);
    check_provider(p, "emit_provider");
    bool known = ev && SYX_HAS(ev, syx_event, audio) && (ev->type == SYX_EV_HEALTH || ev->type == SYX_EV_STATE);
    if (!known) fake_note(FAKE_BAD_EVENT, "emit_provider of event %u", ev ? ev->type : 0);
    if (known && ev->type == SYX_EV_HEALTH) health_ids[health_count++ % 64] = ev->id;
    if (known && fake_set.logged) fake_set.logged(ev->text), fake_set.logged(ev->json);
    pthread_cond_broadcast(&fake_changed);
    pthread_mutex_unlock(&fake_lock);
    return known ? SYX_OK : SYX_EINVAL;
}

static int64_t core_now(syx_hprovider p) {
    pthread_mutex_lock(&fake_lock);
    check_provider(p, "now_ns");
    pthread_mutex_unlock(&fake_lock);
    return fake_now();
}

static void core_log(syx_hprovider p, syx_hsession s, uint32_t level, syx_str msg, syx_str fields) {
    pthread_mutex_lock(&fake_lock);
    check_provider(p, "log");
    if (s && !fake_find_session(s)) fake_note(FAKE_AFTER_CLOSE, "log for a session that is not open");
    if (fake_set.logged) fake_set.logged(msg), fake_set.logged(fields);
    pthread_mutex_unlock(&fake_lock);
    if (getenv("VERBOSE")) fprintf(stderr, "log %u: %.*s\n", level, (int)msg.len, msg.ptr);
}

static void core_metric(syx_hprovider p, syx_hsession s, uint32_t index, double value) {
    (void)index, (void)value;
    pthread_mutex_lock(&fake_lock);
    check_provider(p, "metric");
    if (s && !fake_find_session(s)) fake_note(FAKE_AFTER_CLOSE, "metric for a session that is not open");
    pthread_mutex_unlock(&fake_lock);
}

/* ------------------------------------------------------------------------------------------------------ buffers -- */

struct syx_buf {
    int references;
    size_t bytes;
    max_align_t data[];
};

static syx_buf *core_buf_alloc(syx_hprovider p, size_t bytes) {
    (void)p;
    if (fake_set.no_buffers || bytes > (64u << 20)) return NULL;
    syx_buf *b = malloc(sizeof *b + bytes);
    if (b) b->references = 1, b->bytes = bytes;
    return b;
}

static void *core_buf_data(syx_buf *b, size_t *capacity) {
    if (capacity) *capacity = b->bytes;
    return b->data;
}

static void core_buf_retain(syx_buf *b) { __atomic_add_fetch(&b->references, 1, __ATOMIC_RELAXED); }

static void core_buf_release(syx_buf *b) {
    if (__atomic_sub_fetch(&b->references, 1, __ATOMIC_ACQ_REL) == 0) free(b);
}

static const void *core_service(syx_hprovider p, const char *id) {
    (void)p;
    if (fake_set.no_services || !id) return NULL;
    return strcmp(id, SYX_SERVICE_AUDIO_1) == 0 ? &fake_audio_service : fake_net_service(id);
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
    .buf_alloc = core_buf_alloc,
    .buf_data = core_buf_data,
    .buf_retain = core_buf_retain,
    .buf_release = core_buf_release,
    .timer = fake_core_timer,
    .timer_cancel = fake_core_timer_cancel,
    .run = fake_core_run,
};

const syx_core *fake_core(void) { return &core; }

bool fake_health_came(uint64_t id) {
    pthread_mutex_lock(&fake_lock);
    bool came = false;
    for (size_t i = 0; i < health_count && i < 64; i++) came = came || health_ids[i] == id;
    pthread_mutex_unlock(&fake_lock);
    return came;
}
