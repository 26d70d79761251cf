/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed memory: a file without a name whose bytes nobody can change any more, this process included. */
#ifndef SYRINX_SEALED_H
#define SYRINX_SEALED_H
#include <stddef.h>

/* A memfd that holds `count` bytes, sealed against writing, growing, shrinking and further seals; close-on-exec.
 * `name` is shown in /proc/PID/maps. The descriptor, or -errno. */
int syrinx_sealed_memory(const char *name, const void *bytes, size_t count);
#endif
