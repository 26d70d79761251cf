/* SPDX-License-Identifier: Apache-2.0 */
#include "syrinx_signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int others = -1;
static int hangups = -1;

static void make_counters(void) {
    others = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    hangups = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
}

int syrinx_signals_fd(int number) {
    pthread_once(&once, make_counters);
    return number == SIGHUP ? hangups : others;
}

void syrinx_signals_count(int number) {
    int before = errno;
    uint64_t one = 1;
    /* Full: there are enough. */
    if (write(number == SIGHUP ? hangups : others, &one, sizeof one) < 0) errno = before;
}
