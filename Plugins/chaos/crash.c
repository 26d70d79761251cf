/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends and stops of the whole process. */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "chaos.h"

static void sleep_ms(uint32_t ms) {
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0) continue;
}

static void segfault(void) {
    volatile int *volatile nowhere = NULL; /* read anew: what is known to be NULL is compiled away */
    *nowhere = 1;
}

/* A limit that is never reached, which no compiler can know. */
static volatile int bottom = INT32_MAX;
static int overflow_stack(int depth) {
    volatile char memory[4096];
    memory[0] = (char)depth;
    return depth < bottom ? overflow_stack(depth + 1) + memory[0] : 0;
}

static void double_free(void) {
    void *volatile block = malloc(24);
    void *volatile again = block;
    free(block);
    free(again);
}

static void deadlock(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_lock(&lock);
}

void chaos_crash(const chaos_options *options) {
    switch (options->fault) {
    case FAULT_segfault: segfault(); break;
    case FAULT_abort: abort();
    case FAULT_trap: __builtin_trap();
    case FAULT_stack_overflow: overflow_stack(0); break;
    case FAULT_double_free: double_free(); break;
    case FAULT_exit: exit(3);
    case FAULT__exit: _exit(4);
    case FAULT_kill_self: kill(getpid(), SIGKILL); break;
    case FAULT_stop_self: kill(getpid(), SIGSTOP); break;
    default: break;
    }
}

void chaos_hang(const chaos_options *options) {
    static volatile uint64_t spins;
    switch (options->fault) {
    case FAULT_hang_spin:
        for (;;) spins++;
    case FAULT_hang_sleep:
        for (;;) sleep_ms(1000);
    case FAULT_deadlock: deadlock(); break;
    case FAULT_slow: sleep_ms(options->ms); break;
    default: break;
    }
}
