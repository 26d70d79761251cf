/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a load: ramp, warm-up, measured window, drain, close. */
#ifndef LOADGEN_RUN_H
#define LOADGEN_RUN_H
#include <stdbool.h>

#include "load.h"

/* Lays out the sessions. False without memory. */
bool run_prepare(struct load *);
void run(struct load *);
/* Prints the result; true when the server did nothing wrong. */
bool run_report(const struct load *);

#endif
