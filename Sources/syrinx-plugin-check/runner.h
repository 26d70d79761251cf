/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs each check in a child: limits of time and memory, its output kept, its process group killed and reaped. */
#ifndef RUNNER_H
#define RUNNER_H
#include "check.h"

enum { RUNNER_PROVIDERS = 64 };

typedef struct {
    ck_verdict verdict;
    char message[600];
    int64_t ms;
    bool timed_out, leaves_by_exit;
} run_result;

/* What the module offers, learned by a child. */
typedef struct {
    bool loaded;
    char why_not[400];
    uint32_t count;
    struct {
        uint32_t kind, flags;
        char id[65];
    } providers[RUNNER_PROVIDERS];
} run_module;

void runner_probe(const ck *base, int mode, run_module *out);
/* Runs every selected check in the wanted modes and hands each result on, in the table's order. */
typedef void (*run_report)(void *context, const ck_check *, int mode, const run_result *);
void runner_all(const ck *base, run_report report, void *context);
bool runner_selected(const ck_options *, const ck_check *);
#endif
