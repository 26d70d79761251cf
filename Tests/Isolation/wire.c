/* SPDX-License-Identifier: Apache-2.0
 *
 * Every message of a helper, cut off at every byte, and with lying numbers, to the host's own reader of them. Each
 * message is a block of its exact size: the address sanitizer sees who reads beyond it. */
#include <stdlib.h>
#include <string.h>

#include "../../Sources/CSyrinxIsolation/host.h"
#include "suites.h"
#include "test.h"

enum { SESSIONS = 4, GENERATION = 7, LONGEST = 2048 };

/* ---- a core that reads everything it is given ---- */

static volatile unsigned touched;

static void touch(const void *at, size_t length) {
    for (size_t i = 0; i < length; i++) touched += ((const unsigned char *)at)[i];
}

static syx_status emit(uint64_t handle, const syx_event *event) {
    touch(&handle, sizeof handle);
    touch(event->text.ptr, event->text.len);
    touch(event->json.ptr, event->json.len);
    if (event->audio) touch(event->audio->data, event->audio->bytes);
    return touched % 3 == 0 ? SYX_EAGAIN : SYX_OK;
}
static void write_log(syx_hprovider p, syx_hsession s, uint32_t level, syx_str text, syx_str fields) {
    (void)p, (void)s, (void)level;
    touch(text.ptr, text.len);
    touch(fields.ptr, fields.len);
}
static uint64_t timer(syx_hsession s, uint32_t ms, uint64_t cookie) { return (void)s, (void)ms, cookie + 1; }
static void timer_cancel(syx_hsession s, uint64_t id) { (void)s, (void)id; }
static void metric(syx_hprovider p, syx_hsession s, uint32_t i, double v) { (void)p, (void)s, (void)i, (void)v; }
static void frame(void *c, syx_hsession s, int64_t pts, syx_status status, float p, const void *at, uint32_t bytes) {
    (void)c, (void)s, (void)pts, (void)status, (void)p;
    if (at) touch(at, bytes);
}
static const syx_core core = {.struct_size = SYX_SIZEOF(syx_core, run), .emit = emit, .emit_provider = emit,
    .log = write_log, .metric = metric, .timer = timer, .timer_cancel = timer_cancel};

/* ---- a helper without a process ---- */

static syrinx_helper *make(enum helper_state state) {
    syrinx_helper *helper = aligned_alloc(64, (sizeof *helper + 63) & ~(size_t)63);
    memset(helper, 0, sizeof *helper);
    helper->options.sessions = SESSIONS;
    helper->core = &core;
    helper->callbacks.frame = frame;
    helper->pidfd = helper->lifeline = -1;
    helper->state = state;
    helper->shared = aligned_alloc(64, (sizeof *helper->shared + 63) & ~(size_t)63);
    memset(helper->shared, 0, sizeof *helper->shared);
    helper->sessions = calloc(SESSIONS, sizeof *helper->sessions);
    pthread_mutex_init(&helper->lock, NULL);
    pthread_cond_init(&helper->changed, NULL);
    for (uint32_t i = 0; i < SESSIONS; i++) {
        proxy_session *session = &helper->sessions[i];
        *session = (proxy_session){.helper = helper, .slot = i, .handle = i + 1, .generation = GENERATION,
            .state = i == 3 ? SLOT_CLOSING : SLOT_OPEN, .outstanding_frames = 1000};
        session->last = &session->first;
        pthread_mutex_init(&session->order, NULL);
    }
    helper->outstanding_frames = SESSIONS * 1000;
    helper->providers[1] = (proxy_provider){.helper = helper, .used = true, .slot = 1, .handle = 9};
    return helper;
}

static void unmake(syrinx_helper *helper) {
    for (uint32_t i = 0; i < SESSIONS; i++) host_drop_backlog(&helper->sessions[i]);
    host_free_table(helper);
    free(helper->sessions);
    free(helper->shared);
    free(helper);
}

/* ---- sound messages, one of each type ---- */

typedef struct {
    _Alignas(8) unsigned char bytes[LONGEST];
    size_t size;
} sample;

static void add(sample *s, const void *from, size_t length) {
    memcpy(s->bytes + s->size, from, length);
    s->size += length;
}

static void add_strings(sample *s, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) add(s, "abc", 3);
}

static syrinx_wire_strings strings(uint32_t count) {
    syrinx_wire_strings lengths = {.count = count};
    for (uint32_t i = 0; i < count; i++) lengths.lengths[i] = 3;
    return lengths;
}

static void add_event(sample *s) {
    syrinx_wire_event wire = {.type = SYX_EV_AUDIO_OUT, .text_bytes = 5, .json_bytes = 2, .has_audio = 1,
        .format = SYX_FMT_S16, .rate = 8000, .channels = 1, .samples = 8, .audio_bytes = 16};
    add(s, &wire, sizeof wire);
    add(s, "0123456789abcdefhello{}", 23);
}

static sample make_sample(uint16_t type) {
    sample s = {.size = sizeof(syrinx_head)};
    syrinx_head head = {.type = type, .slot = type == SYRINX_MSG_SESSION_CLOSED ? 3 : 1, .serial = GENERATION};
    switch (type) {
    case SYRINX_MSG_MODULE: {
        syrinx_wire_descriptor wire = {.kind = SYX_VAD, .strings = strings(9)};
        add(&s, &wire, sizeof wire);
        add_strings(&s, 9);
        break;
    }
    case SYRINX_MSG_FAILED: {
        syrinx_wire_strings lengths = strings(2);
        add(&s, &lengths, sizeof lengths);
        add_strings(&s, 2);
        break;
    }
    case SYRINX_MSG_LOG: {
        syrinx_wire_log wire = {.strings = strings(2)};
        add(&s, &wire, sizeof wire);
        add_strings(&s, 2);
        break;
    }
    case SYRINX_MSG_EMIT:
    case SYRINX_MSG_EMIT_PROVIDER: add_event(&s); break;
    case SYRINX_MSG_FRAME_DONE: {
        syrinx_wire_frame_done done = {.audio_bytes = 16};
        add(&s, &done, sizeof done);
        add(&s, "0123456789abcdef", 16);
        break;
    }
    case SYRINX_MSG_REPLY: add(&s, &(syrinx_wire_reply){.status = -1}, sizeof(syrinx_wire_reply)); break;
    case SYRINX_MSG_METRIC: add(&s, &(syrinx_wire_metric){.value = 1}, sizeof(syrinx_wire_metric)); break;
    case SYRINX_MSG_TIMER:
    case SYRINX_MSG_TIMER_CANCEL: add(&s, &(syrinx_wire_timer){.timer = 65}, sizeof(syrinx_wire_timer)); break;
    default: break;
    }
    head.size = (uint32_t)s.size;
    memcpy(s.bytes, &head, sizeof head);
    return s;
}

/* A module's first message, in a block of its own, so that descriptors can follow. */
static void begin_module(syrinx_helper *helper) {
    sample s = {.size = sizeof(syrinx_head)};
    syrinx_wire_module wire = {.abi_major = 1, .count = 2, .strings = strings(2)};
    add(&s, &wire, sizeof wire);
    add_strings(&s, 2);
    memcpy(s.bytes, &(syrinx_head){.size = (uint32_t)s.size, .type = SYRINX_MSG_MODULE}, sizeof(syrinx_head));
    EXPECT(host_handle_message(helper, s.bytes));
}

static bool offer(const sample *s, size_t size) {
    const syrinx_head *head = (const void *)s->bytes;
    bool loading = head->type == SYRINX_MSG_MODULE || head->type == SYRINX_MSG_FAILED;
    syrinx_helper *helper = make(loading ? HELPER_LOADING : HELPER_ALIVE);
    if (loading) begin_module(helper);
    unsigned char *exact = malloc(size);
    memcpy(exact, s->bytes, size);
    ((syrinx_head *)(void *)exact)->size = (uint32_t)size;
    bool sound = host_handle_message(helper, exact);
    free(exact);
    unmake(helper);
    return sound;
}

static bool is_type(uint16_t type) { return type >= SYRINX_MSG_MODULE && type <= SYRINX_MSG_SESSION_CLOSED; }

/* A fixed struct that is cut off is nonsense; SESSION_CLOSED has none. */
static void cut_off(uint16_t type) {
    sample whole = make_sample(type);
    EXPECT(offer(&whole, whole.size) == is_type(type));
    for (size_t size = sizeof(syrinx_head); size < whole.size; size++) EXPECT(!offer(&whole, size));
}

static void mutated(uint16_t type, unsigned long long seed) {
    static const uint32_t lies[] = {0, 1, 7, 63, 64, 255, 256, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
    unsigned long long r = seeded(seed * 100 + type);
    for (int i = 0; i < 100; i++) {
        sample s = make_sample(type);
        for (unsigned changes = 1 + next_random(&r) % 4; changes > 0; changes--) {
            uint32_t lie = lies[next_random(&r) % (sizeof lies / sizeof *lies)];
            size_t at = 8 + next_random(&r) % (s.size - 11);
            if (next_random(&r) % 2) at &= ~(size_t)3;
            memcpy(s.bytes + at, &lie, sizeof lie);
        }
        offer(&s, s.size);
    }
}

void test_wire(unsigned seeds) {
    for (uint16_t type = 0; type < 100; type++) {
        cut_off(type);
        for (unsigned seed = 1; is_type(type) && seed <= seeds; seed++) mutated(type, seed);
    }
}
