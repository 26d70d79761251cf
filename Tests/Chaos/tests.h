/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_H
#define TESTS_H
#include <stddef.h>

/* Each runs in a process of its own. */
typedef struct {
    const char *name;
    void (*run)(void);
} test;
extern const test tests[];
extern const size_t test_count;
#endif
