/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <stdio.h>

static void entry(struct report *r, const char *name, const char *value, const char *quote) {
    if (r->json)
        printf("%s\"%s\": %s%s%s", r->entries ? ", " : "{", name, quote, value, quote);
    else
        printf("%-24s %s\n", name, value);
    r->entries++;
}

void report_text(struct report *r, const char *name, const char *value) {
    entry(r, name, value, "\"");
}

void report_number(struct report *r, const char *name, double value) {
    char text[64];
    bool whole = value == (double)(long long)value;
    snprintf(text, sizeof text, whole ? "%.0f" : "%.3f", value);
    entry(r, name, text, "");
}

static void report_ms(struct report *r, const char *name, const char *suffix, int64_t ns) {
    char full[64];
    snprintf(full, sizeof full, "%s_%s_ms", name, suffix);
    report_number(r, full, (double)ns / 1e6);
}

void report_times(struct report *r, const char *name, const struct histogram *h) {
    char count[64];
    report_ms(r, name, "p50", histogram_quantile(h, 0.5));
    report_ms(r, name, "p99", histogram_quantile(h, 0.99));
    report_ms(r, name, "p999", histogram_quantile(h, 0.999));
    report_ms(r, name, "max", h->max);
    snprintf(count, sizeof count, "%s_count", name);
    report_number(r, count, (double)h->count);
}

void report_end(struct report *r) {
    if (r->json) printf("}\n");
}
