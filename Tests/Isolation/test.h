/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_H
#define TEST_H
#include <stdio.h>

extern int expectations, failures;

#define EXPECT(condition)                                                                                             \
    do {                                                                                                              \
        __atomic_add_fetch(&expectations, 1, __ATOMIC_RELAXED);                                                       \
        if (!(condition)) {                                                                                           \
            if (__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED) < 50)                                              \
                printf("FAILED %s:%d: %s\n", __FILE__, __LINE__, #condition);                                         \
        }                                                                                                             \
    } while (0)

/* xorshift64*: the same numbers for the same seed everywhere. */
static inline unsigned long long next_random(unsigned long long *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}
static inline unsigned long long seeded(unsigned long long seed) { return seed * 0x9e3779b97f4a7c15ull + 1; }
#endif
