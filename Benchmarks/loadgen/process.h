/* SPDX-License-Identifier: Apache-2.0
 *
 * What /proc says about the server. */
#ifndef LOADGEN_PROCESS_H
#define LOADGEN_PROCESS_H
#include <stdint.h>
#include <sys/types.h>

struct process_sample {
    int64_t cpu_us; /* user and system */
    int64_t rss_kib, pss_kib;
    int threads;
};

/* All zero when pid is 0 or gone. */
struct process_sample process_sample(pid_t pid);

/* CPU time of this process, to tell a slow server from a busy load generator. */
int64_t own_cpu_us(void);

#endif
