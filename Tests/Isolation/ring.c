/* SPDX-License-Identifier: Apache-2.0
 *
 * The rings, and the messages out of them.   ring [SEEDS] */
#include <stdlib.h>

#include "suites.h"
#include "test.h"

int expectations, failures;

int main(int argc, char **argv) {
    unsigned seeds = argc > 1 ? (unsigned)atoi(argv[1]) : 20;
    test_ring_small();
    test_ring_fuzz(seeds);
    test_ring_threads(1000000);
    test_wire(seeds);
    printf("rings and messages: %d expectations, %d failed\n", expectations, failures);
    return failures ? 1 : 0;
}
