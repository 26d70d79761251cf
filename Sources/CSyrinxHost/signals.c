/* SPDX-License-Identifier: Apache-2.0 */
#include "syrinx_signals.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int counter = -1;

static void make_counter(void) { counter = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE); }

int syrinx_signals_fd(void) {
    pthread_once(&once, make_counter);
    return counter;
}

void syrinx_signals_count(int number) {
    (void)number;
    int before = errno;
    uint64_t one = 1;
    /* Full: there are enough. */
    if (write(counter, &one, sizeof one) < 0) errno = before;
}
