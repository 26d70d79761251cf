/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

#define PICK(h, list) list[any(h) % (sizeof(list) / sizeof *(list))]

static const uint32_t lies[]
    = {1u << 12, 1u << 20, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffc, 0xffffffff};

/* ---- nonsense that ends it ---- */

static void publish(hostile *h, uint64_t head) {
    atomic_store(&h->out.words->head, head);
    uint64_t one = 1;
    if (write(FD_WAKE_HOST, &one, sizeof one) < 0) _exit(1);
}

static void size(hostile *h) {
    static const uint32_t wrong[] = {0, 1, 8, 15, 17, 20, 63, 72, 1u << 21, 1u << 24, 1u << 31, 0xfffffff8, 0xffffffff};
    uint64_t at = h->out.mine & (h->out.capacity - 1);
    uint32_t garbage = PICK(h, wrong);
    memcpy(h->out.bytes + at, &garbage, sizeof garbage);
    publish(h, h->out.mine + 64);
}

static void type(hostile *h) {
    uint16_t wrong = (uint16_t)any(h);
    if (wrong >= SYRINX_MSG_MODULE && wrong <= SYRINX_MSG_PREWARM) wrong = SYRINX_MSG_FRAME;
    tell(h, wrong, h->slot, h->generation, "12345678", 8);
}

static void head(hostile *h) {
    uint64_t far = h->out.capacity + 1 + any(h) % (UINT64_MAX - h->out.capacity * 2);
    publish(h, any(h) % 2 ? h->out.mine + far : h->out.mine + 1 + any(h) % 15);
}

static void tail(hostile *h) {
    atomic_store(&h->in.words->tail, any(h) % 2 ? h->in.mine + h->in.capacity + 8 + any(h) % (1ull << 62)
                                               : h->in.mine - h->in.capacity * 2);
}

static void counts(hostile *h) {
    uint32_t lie = PICK(h, lies);
    switch (any(h) % 4) {
    case 0: {
        syrinx_wire_log wire = {.strings = {.count = any(h) % 2 ? 2 : lie, .lengths = {lie, lie}}};
        tell(h, SYRINX_MSG_LOG, 0, 0, &wire, sizeof wire);
        break;
    }
    case 1: {
        syrinx_wire_event wire = {.type = SYX_EV_DELTA, .text_bytes = lie};
        tell(h, SYRINX_MSG_EMIT, h->slot, h->generation, &wire, sizeof wire);
        break;
    }
    case 2: {
        syrinx_wire_event wire = {.type = SYX_EV_AUDIO_OUT, .has_audio = 1, .audio_bytes = UINT64_MAX - any(h) % 64};
        tell(h, SYRINX_MSG_EMIT, h->slot, h->generation, &wire, sizeof wire);
        break;
    }
    default: {
        syrinx_wire_frame_done wire = {.audio_bytes = any(h) % 2 ? lie : UINT64_MAX};
        tell(h, SYRINX_MSG_FRAME_DONE, h->slot, h->generation, &wire, sizeof wire);
    }
    }
}

static void frames(hostile *h) {
    syrinx_wire_frame_done done = {.probability = 1};
    for (int i = 0; i < 300; i++) tell(h, SYRINX_MSG_FRAME_DONE, h->slot, h->generation, &done, sizeof done);
}

static void timers(hostile *h) {
    syrinx_wire_timer wire = {.timer = any(h) % 2 ? 0 : 1 + any(h) % 63, .delay_ms = 1000000};
    for (int i = 0; i < 2; i++) tell(h, SYRINX_MSG_TIMER, h->slot, h->generation, &wire, sizeof wire);
}

static void again(hostile *h) {
    if (any(h) % 2) tell_table(h, false);
    syrinx_wire_strings none = {.count = 2};
    tell(h, SYRINX_MSG_FAILED, 0, 0, &none, sizeof none);
}

static void greedy(hostile *h) {
    static unsigned char body[64 << 10];
    syrinx_wire_event wire = {.type = SYX_EV_DELTA, .text_bytes = sizeof body - sizeof wire};
    memcpy(body, &wire, sizeof wire);
    for (int i = 0; i < 100; i++) tell(h, SYRINX_MSG_EMIT, h->slot, h->generation, body, sizeof body);
}

/* ---- what may be ignored ---- */

static void replies(hostile *h) {
    syrinx_wire_reply wire;
    memset(&wire, 0x41, sizeof wire);
    for (int i = 0; i < 20; i++) tell(h, SYRINX_MSG_REPLY, (uint32_t)any(h), 1000 + (uint32_t)any(h) % 1000, &wire, sizeof wire);
}

static void stranger(hostile *h) {
    static const uint16_t types[] = {SYRINX_MSG_EMIT, SYRINX_MSG_FRAME_DONE, SYRINX_MSG_TIMER, SYRINX_MSG_TIMER_CANCEL,
        SYRINX_MSG_SESSION_CLOSED, SYRINX_MSG_EMIT_PROVIDER, SYRINX_MSG_LOG, SYRINX_MSG_METRIC,
        SYRINX_MSG_IO_BEGIN, SYRINX_MSG_IO_SEND, SYRINX_MSG_IO_READ, SYRINX_MSG_IO_CLOSE, SYRINX_MSG_PREWARM};
    unsigned char body[256] = {1};
    tell(h, PICK(h, types), any(h) % 2 ? (uint32_t)any(h) : (uint32_t)(any(h) % 300),
        any(h) % 2 ? h->generation : (uint32_t)any(h), body, sizeof body);
}

static void events(hostile *h) {
    unsigned char body[512];
    for (size_t i = 0; i < sizeof body; i += 8) memcpy(body + i, &(unsigned long long){any(h)}, 8);
    syrinx_wire_event *wire = (void *)body;
    wire->text_bytes = (uint32_t)(any(h) % 100);
    wire->json_bytes = (uint32_t)(any(h) % 100);
    wire->audio_bytes = any(h) % 100;
    tell(h, any(h) % 2 ? SYRINX_MSG_EMIT : SYRINX_MSG_EMIT_PROVIDER, h->slot, h->generation, body, sizeof body);
}

static void flood(hostile *h) {
    syrinx_wire_event event = {.type = SYX_EV_DELTA};
    syrinx_wire_log log = {.strings = {.count = 2}};
    syrinx_wire_metric metric = {.value = 1};
    for (int i = 0; i < 20000; i++) {
        tell(h, SYRINX_MSG_EMIT, h->slot, h->generation, &event, sizeof event);
        tell(h, SYRINX_MSG_LOG, 0, 0, &log, sizeof log);
        tell(h, SYRINX_MSG_METRIC, 0, 0, &metric, sizeof metric);
    }
}

static void large(hostile *h) {
    size_t most = syrinx_ring_limit(&h->out) - sizeof(syrinx_head);
    static unsigned char *body;
    if (!body) body = calloc(1, most);
    syrinx_wire_event wire = {.type = SYX_EV_DELTA, .text_bytes = (uint32_t)(most - sizeof wire)};
    memcpy(body, &wire, sizeof wire);
    for (int i = 0; i < 200; i++) tell(h, SYRINX_MSG_EMIT_PROVIDER, 0, 0, body, most);
}

static void chatter(hostile *h) {
    static char words[4096];
    memset(words, 'x', sizeof words);
    for (int i = 0; i < 5000; i++)
        if (write(1, words, sizeof words) < 0) any(h);
}

static void table(hostile *h) { (void)h; }

/* ---- threads beside an honest helper ---- */

static void start(hostile *h, void *(*body)(void *)) {
    static bool started;
    pthread_t thread;
    if (!started) pthread_create(&thread, NULL, body, h);
    started = true;
    syrinx_wire_event event = {.type = SYX_EV_DELTA};
    tell(h, SYRINX_MSG_EMIT, h->slot, h->generation, &event, sizeof event);
}

static void *scribbling(void *context) {
    hostile *h = context;
    unsigned long long r = h->random ^ 0x5555;
    for (;;) {
        r = r * 6364136223846793005ull + 1442695040888963407ull;
        uint64_t at = (atomic_load(&h->out.words->tail) + (r >> 33) % 512) & (h->out.capacity - 1);
        h->out.bytes[at] = (unsigned char)(r >> 56);
    }
    return NULL;
}
static void scribble(hostile *h) { start(h, scribbling); }

static void *changing_words(void *context) {
    hostile *h = context;
    unsigned long long r = h->random ^ 0x3333;
    for (;;) {
        r = r * 6364136223846793005ull + 1442695040888963407ull;
        ((volatile unsigned char *)h->shared)[(r >> 33) % sizeof *h->shared] = (unsigned char)(r >> 56);
        if ((r >> 20) % 64 == 0) usleep(50);
    }
    return NULL;
}
static void words(hostile *h) { start(h, changing_words); }

static void *changing_flags(void *context) {
    hostile *h = context;
    for (uint32_t i = 0;; i++) {
        atomic_store(&h->shared->to_helper.asleep, i % 3);
        atomic_store(&h->shared->to_host.asleep, i % 5);
        if (i % 16 == 0) usleep(20);
    }
    return NULL;
}
static void asleep(hostile *h) { start(h, changing_flags); }

static void block(hostile *h) {
    uint64_t count, most = UINT64_MAX - 1;
    fcntl(FD_WAKE_HOST, F_SETFL, O_NONBLOCK);
    if (read(FD_WAKE_HOST, &count, sizeof count) < 0 || write(FD_WAKE_HOST, &most, sizeof most) < 0) any(h);
    fcntl(FD_WAKE_HOST, F_SETFL, 0);
    fcntl(FD_LINE, F_SETFL, 0);
    for (;;) {
        atomic_store(&h->shared->to_helper.asleep, 1);
        atomic_store(&h->shared->done, atomic_load(&h->shared->done) + 1);
    }
}

static void vanish(hostile *h) {
    memset(h->out.bytes + (h->out.mine & (h->out.capacity - 1)), 0x7f, 8);
    if (any(h) % 2) publish(h, h->out.mine + 8);
    raise(any(h) % 2 ? SIGSEGV : SIGKILL);
}

attack find_attack(const char *name) {
#define ENTRY(it, end) {#it, it},
    static const struct {
        const char *name;
        attack run;
    } all[] = {ATTACKS(ENTRY)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0) return all[i].run;
    return NULL;
}
