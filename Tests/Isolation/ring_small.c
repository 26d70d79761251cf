/* SPDX-License-Identifier: Apache-2.0
 *
 * Small rings, every case. The ring's bytes and the reader's copy are blocks of their exact size, so that the
 * address sanitizer sees each byte too many. */
#include <stdlib.h>
#include <string.h>
#include <syrinx_ring.h>

#include "suites.h"
#include "test.h"

enum { CAPACITY = 64, LIMIT = CAPACITY / 2 };

typedef struct {
    syrinx_ring_words words;
    unsigned char *bytes, *into;
    syrinx_ring writer, reader;
} pair;

static pair *make_pair(uint64_t capacity, uint64_t at) {
    pair *p = aligned_alloc(64, sizeof *p);
    memset(p, 0, sizeof *p);
    p->bytes = calloc(1, capacity);
    p->into = malloc(capacity / 2);
    p->writer = p->reader = (syrinx_ring){.words = &p->words, .bytes = p->bytes, .capacity = capacity, .mine = at};
    atomic_store(&p->words.head, at);
    atomic_store(&p->words.tail, at);
    return p;
}

static void free_pair(pair *p) {
    free(p->bytes);
    free(p->into);
    free(p);
}

static syrinx_ring_status put(pair *p, uint32_t serial, const void *body, size_t length) {
    syrinx_head head = {.type = 1, .serial = serial};
    struct iovec part = {(void *)(uintptr_t)body, length};
    return syrinx_ring_write(&p->writer, &head, &part, 1);
}

/* Every length at every place, the wrap of the index itself too: what went in comes out. */
static void whole_messages(void) {
    const uint64_t starts[] = {0, CAPACITY * 1000, UINT64_MAX - 63};
    for (size_t s = 0; s < 3; s++)
        for (uint64_t at = 0; at < CAPACITY; at += 8)
            for (size_t length = 0; length <= LIMIT - sizeof(syrinx_head); length++) {
                pair *p = make_pair(CAPACITY, starts[s] + at);
                unsigned char body[LIMIT];
                for (size_t i = 0; i < length; i++) body[i] = (unsigned char)(i * 7 + length);
                EXPECT(syrinx_ring_read(&p->reader, p->into) == 0 && syrinx_ring_is_empty(&p->reader));
                EXPECT(put(p, 5, body, length) == SYRINX_RING_OK);
                EXPECT(syrinx_ring_read(&p->reader, p->into) == 1);
                const syrinx_head *head = (const void *)p->into;
                EXPECT(head->serial == 5 && head->size == ((sizeof *head + length + 7) & ~(size_t)7));
                EXPECT(memcmp(p->into + sizeof *head, body, length) == 0);
                EXPECT(syrinx_ring_read(&p->reader, p->into) == 0);
                free_pair(p);
            }
}

static void full_and_too_large(void) {
    pair *p = make_pair(CAPACITY, 24);
    unsigned char body[CAPACITY * 2] = {0};
    for (size_t length = LIMIT - sizeof(syrinx_head) + 1; length < sizeof body; length++)
        EXPECT(put(p, 0, body, length) == SYRINX_RING_TOO_LARGE);
    struct iovec endless[2] = {{body, 16}, {body, SIZE_MAX}};
    syrinx_head head = {.type = 1};
    EXPECT(syrinx_ring_write(&p->writer, &head, endless, 2) == SYRINX_RING_TOO_LARGE);
    EXPECT(put(p, 1, body, 16) == SYRINX_RING_OK && put(p, 2, body, 16) == SYRINX_RING_OK);
    EXPECT(put(p, 3, body, 0) == SYRINX_RING_FULL && put(p, 3, body, 16) == SYRINX_RING_FULL);
    EXPECT(syrinx_ring_read(&p->reader, p->into) == 1);
    EXPECT(put(p, 3, body, 16) == SYRINX_RING_OK && put(p, 4, body, 0) == SYRINX_RING_FULL);
    for (uint32_t serial = 2; serial <= 3; serial++) {
        EXPECT(syrinx_ring_read(&p->reader, p->into) == 1);
        EXPECT(((const syrinx_head *)(const void *)p->into)->serial == serial);
    }
    EXPECT(syrinx_ring_read(&p->reader, p->into) == 0);
    free_pair(p);
}

/* What the reader should say to this index and this size. */
static int expected(uint64_t available, uint32_t size) {
    if (available == 0) return 0;
    if (available > CAPACITY || available < sizeof(syrinx_head)) return -1;
    bool sound = size >= sizeof(syrinx_head) && size % 8 == 0 && size <= available && size <= LIMIT;
    return sound ? 1 : -1;
}

static void lying_writer(void) {
    static const uint64_t far[] = {1ull << 32, 1ull << 63, UINT64_MAX, UINT64_MAX - 7, UINT64_MAX / 2};
    static const uint32_t large[] = {1u << 16, 1u << 31, UINT32_MAX, UINT32_MAX - 7, 0xffff0000};
    for (uint64_t at = 0; at < CAPACITY; at += 8)
        for (uint64_t a = 0; a < 2 * CAPACITY + 5; a++)
            for (uint32_t s = 0; s < CAPACITY + 16 + 5; s++) {
                uint64_t available = a < 2 * CAPACITY ? a : far[a - 2 * CAPACITY];
                uint32_t size = s < CAPACITY + 16 ? s : large[s - CAPACITY - 16];
                pair *p = make_pair(CAPACITY, at);
                memcpy(p->bytes + at, &size, sizeof size);
                atomic_store(&p->words.head, at + available);
                EXPECT(syrinx_ring_read(&p->reader, p->into) == expected(available, size));
                free_pair(p);
            }
}

static void lying_reader(void) {
    unsigned char body[16] = {0};
    for (uint64_t at = 0; at < CAPACITY; at += 8)
        for (int64_t offset = -2 * CAPACITY; offset <= 2 * CAPACITY; offset++) {
            pair *p = make_pair(CAPACITY, CAPACITY * 10 + at);
            atomic_store(&p->words.tail, CAPACITY * 10 + at + (uint64_t)offset);
            syrinx_ring_status wanted = offset > 0 || offset < -CAPACITY ? SYRINX_RING_CORRUPT
                : offset < -(CAPACITY - 32)                               ? SYRINX_RING_FULL
                                                                          : SYRINX_RING_OK;
            EXPECT(put(p, 1, body, sizeof body) == wanted);
            free_pair(p);
        }
}

void test_ring_small(void) {
    whole_messages();
    full_and_too_large();
    lying_writer();
    lying_reader();
}

/* ---- the same at random: an honest writer, then one whose bytes and index change at will ---- */

static void random_traffic(unsigned long long seed, bool honest) {
    unsigned long long r = seeded(seed);
    uint64_t capacity = 64u << next_random(&r) % 7;
    pair *p = make_pair(capacity, next_random(&r) & ~7ull);
    uint32_t sent = 0, received = 0;
    unsigned char *body = calloc(1, capacity);
    for (int i = 0; i < 20000; i++) {
        unsigned choice = next_random(&r) % 8;
        if (!honest && choice == 0) p->bytes[next_random(&r) % capacity] = (unsigned char)next_random(&r);
        if (!honest && choice == 1) atomic_store(&p->words.head, p->reader.mine + next_random(&r) % (capacity * 2));
        if (!honest && choice == 2) atomic_store(&p->words.tail, next_random(&r));
        if (choice < 5) {
            size_t length = next_random(&r) % (capacity / 2 - sizeof(syrinx_head) + 1);
            memset(body, (int)(sent & 0xff), length);
            if (put(p, sent, body, length) == SYRINX_RING_OK) sent++;
            continue;
        }
        int got = syrinx_ring_read(&p->reader, p->into);
        const syrinx_head *head = (const void *)p->into;
        if (got == 1 && honest) EXPECT(head->serial == received++);
        if (got == 1 && honest && head->size > sizeof *head) EXPECT(p->into[sizeof *head] == (head->serial & 0xff));
        if (got == 1) EXPECT(head->size >= sizeof *head && head->size <= capacity / 2);
        if (got >= 0) continue;
        EXPECT(!honest);
        p->reader.mine = p->writer.mine; /* as a new ring would begin */
    }
    free(body);
    free_pair(p);
}

void test_ring_fuzz(unsigned seeds) {
    for (unsigned seed = 1; seed <= seeds; seed++) {
        random_traffic(seed, true);
        random_traffic(seed, false);
    }
}
