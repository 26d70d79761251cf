/* SPDX-License-Identifier: Apache-2.0
 *
 * Modes echo and churn: every frame must come back as it was, in order. */
#ifndef LOADGEN_ECHO_H
#define LOADGEN_ECHO_H
#include <stdint.h>

#include "histogram.h"

struct echo {
    uint32_t sent;
    uint32_t received; /* or given up: the number of the next frame expected */
};

struct echo_results {
    struct histogram latency; /* steady sessions, frames sent within the window */
    struct histogram starting; /* passing sessions: connect to upgrade, plus the first frame's way */
    uint64_t lost, mismatched;
};

struct behaviour;
extern const struct behaviour echo_behaviour;

#endif
