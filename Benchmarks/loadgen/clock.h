/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOADGEN_CLOCK_H
#define LOADGEN_CLOCK_H
#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000LL
#define NS_PER_MS 1000000LL
#define NS_PER_S 1000000000LL
#define NEVER INT64_MAX

/* Monotonic nanoseconds: the one clock of all measurements. */
static inline int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

#endif
