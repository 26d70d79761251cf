/* SPDX-License-Identifier: Apache-2.0
 *
 *   isolation HELPER CHAOS.SO PROBE.SO HOSTILE [SEEDS]      absolute paths */
#include <stdlib.h>
#include <string.h>

#include "network.h"

const char *helper_program, *chaos_module, *probe_module, *hostile_program;
int expectations, failures;

int main(int argc, char **argv) {
    if (argc < 5) return fprintf(stderr, "usage: isolation HELPER CHAOS.SO PROBE.SO HOSTILE [SEEDS]\n"), 2;
    helper_program = argv[1];
    chaos_module = argv[2];
    probe_module = argv[3];
    hostile_program = argv[4];
    if (argc > 5 && strcmp(argv[5], "host") == 0) return host_that_is_killed();
    test_sessions();
    test_closing();
    test_network();
    test_deaths();
    test_life(argv[0]);
    test_hostile(argc > 5 ? (unsigned)atoi(argv[5]) : 12);
    printf("isolation: %d expectations, %d failed\n", expectations, failures);
    return failures ? 1 : 0;
}
