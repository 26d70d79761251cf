/* SPDX-License-Identifier: Apache-2.0
 *
 * The result: one "name value" line each, or one JSON object with the same names. */
#ifndef LOADGEN_REPORT_H
#define LOADGEN_REPORT_H
#include <stdbool.h>

#include "histogram.h"

struct report {
    bool json;
    int entries;
};

void report_text(struct report *, const char *name, const char *value);
void report_number(struct report *, const char *name, double value);
/* NAME_p50_ms, NAME_p99_ms, NAME_p999_ms, NAME_max_ms and NAME_count. */
void report_times(struct report *, const char *name, const struct histogram *);
void report_end(struct report *);

#endif
