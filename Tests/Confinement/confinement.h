/* SPDX-License-Identifier: Apache-2.0
 *
 * What a confined process tries. Each returns true when the outcome is the one wanted: denied, or still working. */
#ifndef CONFINEMENT_H
#define CONFINEMENT_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct {
    const char *name;
    bool (*run)(void);
} attempt;

/* Made by main before the confinement. */
typedef struct {
    pid_t parent;
    const char *data_dir;  /* readable; holds `words` */
    const char *other_dir; /* not readable; holds `secret` */
    int port;              /* a TCP listener on loopback, in the parent */
    const char *socket_path;
} surroundings;
extern surroundings world;

extern const attempt forbidden[], allowed[], network_forbidden[], network_allowed[];
extern const size_t forbidden_count, allowed_count, network_forbidden_count, network_allowed_count;
#endif
