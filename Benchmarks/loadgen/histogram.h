/* SPDX-License-Identifier: Apache-2.0
 *
 * A histogram of nanoseconds in constant memory: 64 buckets per power of two, so a percentile is right to 1.6 %. */
#ifndef LOADGEN_HISTOGRAM_H
#define LOADGEN_HISTOGRAM_H
#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 6,
    HISTOGRAM_SUB = 1 << HISTOGRAM_SUB_BITS,
    HISTOGRAM_POWERS = 36, /* up to 2^42 ns, more than an hour */
    HISTOGRAM_BUCKETS = HISTOGRAM_SUB * HISTOGRAM_POWERS
};

struct histogram {
    uint64_t count;
    int64_t max;
    uint32_t bucket[HISTOGRAM_BUCKETS];
};

/* Negative values count as zero. */
void histogram_add(struct histogram *, int64_t ns);

/* The value that the fraction q of all values does not exceed; 0 when empty. */
int64_t histogram_quantile(const struct histogram *, double q);

#endif
