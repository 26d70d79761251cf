/* SPDX-License-Identifier: Apache-2.0 */
#include "histogram.h"

/* Values below HISTOGRAM_SUB have a bucket each; above, the highest bit chooses a row and the next bits a bucket. */
static uint32_t bucket_of(uint64_t value) {
    if (value < HISTOGRAM_SUB) return (uint32_t)value;
    uint32_t shift = 63 - (uint32_t)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
    uint32_t index = (shift + 1) * HISTOGRAM_SUB + (uint32_t)(value >> shift) - HISTOGRAM_SUB;
    return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that falls into a bucket. */
static int64_t bucket_top(uint32_t index) {
    if (index < HISTOGRAM_SUB) return index;
    uint32_t shift = index / HISTOGRAM_SUB - 1;
    uint64_t mantissa = index % HISTOGRAM_SUB + HISTOGRAM_SUB;
    return (int64_t)(((mantissa + 1) << shift) - 1);
}

void histogram_add(struct histogram *h, int64_t ns) {
    if (ns < 0) ns = 0;
    if (ns > h->max) h->max = ns;
    h->count++;
    h->bucket[bucket_of((uint64_t)ns)]++;
}

int64_t histogram_quantile(const struct histogram *h, double q) {
    if (h->count == 0) return 0;
    uint64_t rank = (uint64_t)(q * (double)h->count);
    if (rank >= h->count) rank = h->count - 1;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen > rank) return bucket_top(i) < h->max ? bucket_top(i) : h->max;
    }
    return h->max;
}
