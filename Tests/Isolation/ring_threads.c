/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer and a reader that sleep and wake each other: a wake-up that is lost stops the test for ever, so an alarm
 * ends it. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <syrinx_ring.h>
#include <unistd.h>

#include "suites.h"
#include "test.h"

enum { CAPACITY = 4096 };

static struct {
    _Alignas(64) syrinx_ring_words words;
    unsigned char bytes[CAPACITY];
    int wake;
    unsigned messages, sleeps;
} shared;

static void *read_all(void *unused) {
    (void)unused;
    syrinx_ring ring = {.words = &shared.words, .bytes = shared.bytes, .capacity = CAPACITY};
    _Alignas(8) unsigned char into[CAPACITY / 2];
    for (unsigned next = 0; next < shared.messages;) {
        int got = syrinx_ring_read(&ring, into);
        if (got == 1) {
            const syrinx_head *head = (const void *)into;
            EXPECT(head->serial == next);
            next++;
        } else if (got < 0) {
            EXPECT(!"corrupt");
            return NULL;
        } else if (syrinx_ring_may_sleep(&ring)) {
            uint64_t count;
            shared.sleeps++;
            if (read(shared.wake, &count, sizeof count) < 0) abort();
            syrinx_ring_awake(&ring);
        }
    }
    return NULL;
}

void test_ring_threads(unsigned messages) {
    alarm(120);
    shared.messages = messages;
    shared.wake = eventfd(0, EFD_CLOEXEC);
    pthread_t reader;
    if (pthread_create(&reader, NULL, read_all, NULL) != 0) abort();
    syrinx_ring ring = {.words = &shared.words, .bytes = shared.bytes, .capacity = CAPACITY};
    unsigned long long r = seeded(1);
    unsigned char body[200] = {0};
    for (unsigned serial = 0; serial < messages;) {
        syrinx_head head = {.type = 1, .serial = serial};
        struct iovec part = {body, next_random(&r) % sizeof body};
        syrinx_ring_status status = syrinx_ring_write(&ring, &head, &part, 1);
        if (status == SYRINX_RING_OK) serial++;
        EXPECT(status == SYRINX_RING_OK || status == SYRINX_RING_FULL);
        uint64_t one = 1;
        if (syrinx_ring_must_wake(&ring) && write(shared.wake, &one, sizeof one) < 0) abort();
        /* Full: let the reader work. And now and then let it fall asleep, which is what is tested. */
        if (status == SYRINX_RING_FULL || serial % 64 == 0) sched_yield();
    }
    pthread_join(reader, NULL);
    close(shared.wake);
    alarm(0);
    printf("%u messages in order, the reader slept %u times\n", messages, shared.sleeps);
}
