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

bool fake_is_terminal(uint16_t type) {
    return type == SYX_EV_DONE || type == SYX_EV_CANCELLED || type == SYX_EV_ERROR || type == SYX_EV_FINAL;
}

bool fake_was_cancelled(const fake_session *s, uint64_t generation) {
    size_t n = s->cancelled_count < 64 ? s->cancelled_count : 64;
    for (size_t i = 0; i < n; i++)
        if (s->cancelled[i] == generation) return true;
    return false;
}

bool fake_is_utf8(const char *text, size_t length) {
    const unsigned char *p = (const unsigned char *)text, *end = p + length;
    while (p < end) {
        unsigned char c = *p++;
        if (c < 0x80) continue;
        int more = c >= 0xC2 && c < 0xE0 ? 1 : (c & 0xF0) == 0xE0 ? 2 : c >= 0xF0 && c < 0xF5 ? 3 : 0;
        if (more == 0 || end - p < more) return false;
        if ((c == 0xE0 && p[0] < 0xA0) || (c == 0xED && p[0] > 0x9F)) return false;
        if ((c == 0xF0 && p[0] < 0x90) || (c == 0xF4 && p[0] > 0x8F)) return false;
        while (more-- > 0)
            if ((*p++ & 0xC0) != 0x80) return false;
    }
    return true;
}

static uint64_t digest(uint64_t h, syx_str s) {
    for (size_t i = 0; i < s.len; i++) h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
    return (h ^ 0xff) * 1099511628211u;
}

static void keep_audio(fake_session *s, const syx_frame *f) {
    if (s->samples + f->samples > s->capacity) {
        s->capacity = (s->samples + f->samples) * 2;
        s->pcm = realloc(s->pcm, s->capacity * sizeof *s->pcm);
        if (!s->pcm) abort();
    }
    if (f->format == SYX_FMT_S16) {
        memcpy(s->pcm + s->samples, f->data, f->samples * sizeof *s->pcm);
    } else {
        const float *in = f->data;
        for (uint32_t i = 0; i < f->samples; i++) {
            float x = in[i] * 32767.0f;
            s->pcm[s->samples + i] = (int16_t)(x > 32767 ? 32767 : x < -32768 ? -32768 : x == x ? x : 0);
        }
    }
    s->samples += f->samples;
}

static void keep_event(fake_session *s, const syx_event *ev) {
    if (s->event_count == FAKE_EVENTS) return;
    fake_event *e = &s->events[s->event_count];
    *e = (fake_event){.type = ev->type,
                      .generation = ev->generation,
                      .id = ev->id,
                      .i0 = ev->i0,
                      .i1 = ev->i1,
                      .f0 = ev->f0,
                      .at_ns = fake_real(),
                      .digest = digest(digest(14695981039346656037u, ev->text), ev->json),
                      .text_len = ev->text.len};
    size_t n = ev->text.len < FAKE_TEXT - 1 ? ev->text.len : FAKE_TEXT - 1;
    if (n) memcpy(e->text, ev->text.ptr, n);
    s->event_count++;
}

static fake_request *request_of(fake_session *s, const syx_event *ev) {
    fake_request *found = NULL;
    for (size_t i = 0; i < s->request_count; i++) {
        fake_request *r = &s->requests[i];
        if (r->generation != ev->generation || (r->type == SYX_EV_SPEAK && r->id != ev->id)) continue;
        if (!found || found->terminals > 0) found = r;
    }
    return found;
}

static void note_terminal(fake_session *s, const syx_event *ev) {
    if (!fake_is_terminal(ev->type) || (ev->type == SYX_EV_ERROR && ev->generation == 0)) return;
    fake_request *r = request_of(s, ev);
    if (!r) {
        /* A recogniser may end an utterance by itself, and a cancel may be answered though nothing was asked. */
        if (ev->type == SYX_EV_DONE)
            fake_note(FAKE_STRAY_TERMINAL, "DONE for generation %llu id %llu, which was never asked for",
                      (unsigned long long)ev->generation, (unsigned long long)ev->id);
        return;
    }
    if (r->status < 0) fake_note(FAKE_STRAY_TERMINAL, "event %u ends a request that handle() had refused", ev->type);
    if (r->terminals++ > 0)
        fake_note(FAKE_SECOND_TERMINAL, "second terminal (event %u) for generation %llu id %llu", ev->type,
                  (unsigned long long)ev->generation, (unsigned long long)ev->id);
}

static bool sends(const fake_session *s, uint16_t type) {
    switch (type) {
    case SYX_EV_READY: case SYX_EV_ERROR: case SYX_EV_CANCELLED: case SYX_EV_USAGE: case SYX_EV_STATE:
    case SYX_EV_HEALTH: case SYX_EV_DRAINED: return true;
    case SYX_EV_AUDIO_OUT: case SYX_EV_MARK: return s->kind == SYX_TTS || s->kind == SYX_S2S;
    case SYX_EV_PARTIAL: case SYX_EV_FINAL: case SYX_EV_SPEECH_START: case SYX_EV_SPEECH_STOP:
        return s->kind == SYX_STT || s->kind == SYX_S2S;
    case SYX_EV_TURN_END: return s->kind == SYX_STT || s->kind == SYX_TURN || s->kind == SYX_S2S;
    case SYX_EV_DELTA: case SYX_EV_TOOL_CALL: return s->kind == SYX_AGENT || s->kind == SYX_S2S;
    case SYX_EV_DONE: return s->kind == SYX_AGENT || s->kind == SYX_TTS || s->kind == SYX_S2S;
    case SYX_EV_DTMF_OUT: case SYX_EV_PEER: return s->kind == SYX_TRANSPORT || s->kind == SYX_S2S;
    default: return false;
    }
}

static bool audio_ok(const fake_session *s, const syx_event *ev) {
    const syx_frame *f = ev->audio;
    if (!f || !SYX_HAS(f, syx_frame, buf) || !f->data || f->samples == 0 || f->channels != 1) return false;
    size_t width = f->format == SYX_FMT_S16 ? 2 : f->format == SYX_FMT_F32 ? 4 : 0;
    return width && f->bytes == f->samples * width && (s->out.rate == 0 || f->rate == s->out.rate);
}

static bool text_ok(const syx_event *ev) {
    if ((ev->text.len && !ev->text.ptr) || (ev->json.len && !ev->json.ptr)) return false;
    return fake_is_utf8(ev->text.ptr, ev->text.len) && fake_is_utf8(ev->json.ptr, ev->json.len) &&
           (ev->json.len == 0 || ev->json.ptr[0] == '{');
}

syx_status fake_take(fake_session *s, const syx_event *ev) {
    s->emits++;
    if (fake_set.emit_faults > 0) return fake_set.emit_faults--, fake_set.emit_fault;
    if (!ev || !SYX_HAS(ev, syx_event, audio) || ev->space != 0 || !sends(s, ev->type) ||
        (ev->type == SYX_EV_AUDIO_OUT && !audio_ok(s, ev))) {
        fake_note(FAKE_BAD_EVENT, "emit of event %u: malformed, or not one that this kind may send", ev ? ev->type : 0);
        return SYX_EINVAL;
    }
    if (!text_ok(ev)) return fake_note(FAKE_BAD_TEXT, "event %u: its text is not UTF-8 or its json no object", ev->type), SYX_EINVAL;
    if (fake_set.logged) fake_set.logged(ev->text), fake_set.logged(ev->json);
    bool passing = fake_is_terminal(ev->type) || ev->type == SYX_EV_USAGE || ev->type == SYX_EV_STATE;
    if (!passing && ev->generation != 0 && fake_was_cancelled(s, ev->generation)) return s->stale++, SYX_ESTALE;
    bool audio = ev->type == SYX_EV_AUDIO_OUT;
    if (s->room == 0 || (audio && ev->audio->samples > s->credit)) return s->starved = true, s->refused++, SYX_EAGAIN;
    if (s->room != SIZE_MAX) s->room--;
    if (audio) {
        if (s->credit != SIZE_MAX) s->credit -= ev->audio->samples;
        keep_audio(s, ev->audio);
    }
    note_terminal(s, ev);
    keep_event(s, ev);
    pthread_cond_broadcast(&fake_changed);
    return SYX_OK;
}

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

/* --------------------------------------------------------------------------------------------------- audio/1 -- */

enum { CONVERTERS = 256 };
static struct { syx_format from, to; bool used; } converters[CONVERTERS];

static bool convertible(const syx_format *f) {
    return (f->format == SYX_FMT_S16 || f->format == SYX_FMT_F32) && f->channels == 1 && f->rate >= 1000 && f->rate <= 192000;
}

static uint64_t audio_converter(syx_hsession s, const syx_format *from, const syx_format *to) {
    (void)s;
    uint64_t found = 0;
    if (!from || !to || !convertible(from) || !convertible(to)) return 0;
    pthread_mutex_lock(&fake_lock);
    for (uint64_t i = 0; i < CONVERTERS && !found; i++) {
        if (converters[i].used) continue;
        converters[i].used = true;
        converters[i].from = *from;
        converters[i].to = *to;
        found = i + 1;
    }
    pthread_mutex_unlock(&fake_lock);
    return found;
}

static double sample(const syx_frame *f, uint32_t i) {
    if (i >= f->samples) i = f->samples - 1;
    return f->format == SYX_FMT_S16 ? ((const int16_t *)f->data)[i] / 32768.0 : (double)((const float *)f->data)[i];
}

/* Linear interpolation within the frame: right in length and level, which is all that a test needs. */
static syx_status audio_convert(syx_hsession s, uint64_t converter, const syx_frame *in, syx_frame *out) {
    (void)s;
    if (converter == 0 || converter > CONVERTERS || !converters[converter - 1].used || !in || !out) return SYX_EINVAL;
    syx_format from = converters[converter - 1].from, to = converters[converter - 1].to;
    if (in->format != from.format || in->rate != from.rate || in->samples == 0 || !in->data) return SYX_EINVAL;
    uint32_t n = (uint32_t)((uint64_t)in->samples * to.rate / from.rate);
    size_t width = to.format == SYX_FMT_S16 ? 2 : 4;
    if (out->bytes < n * width || !out->data) return SYX_EINVAL;
    for (uint32_t i = 0; i < n; i++) {
        double at = (double)i * from.rate / to.rate, part = at - (uint32_t)at;
        double x = sample(in, (uint32_t)at) * (1 - part) + sample(in, (uint32_t)at + 1) * part;
        if (width == 2) ((int16_t *)out->data)[i] = (int16_t)(x >= 1 ? 32767 : x < -1 ? -32768 : x * 32768);
        if (width == 4) ((float *)out->data)[i] = (float)x;
    }
    out->format = to.format, out->rate = to.rate, out->channels = 1, out->samples = n, out->bytes = n * width;
    return SYX_OK;
}

static void audio_free(syx_hsession s, uint64_t converter) {
    (void)s;
    if (converter > 0 && converter <= CONVERTERS) converters[converter - 1].used = false;
}

static const syx_audio_v1 audio = {SYX_SIZEOF(syx_audio_v1, converter_free), 0, audio_converter, audio_convert, audio_free};

static const void *core_service(syx_hprovider p, const char *id) {
    (void)p;
    if (fake_set.no_services || !id) return NULL;
    return strcmp(id, SYX_SERVICE_AUDIO_1) == 0 ? &audio : fake_net_service(id);
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
