/* SPDX-License-Identifier: Apache-2.0
 *
 * What confine.c is put together from. Each function answers the layers that it put in force, 0 = none. */
#ifndef SYRINX_CONFINE_PARTS_H
#define SYRINX_CONFINE_PARTS_H
#include "confine.h"

unsigned syrinx_confine_landlock(const syrinx_confinement *want, const char *data_dir, const char *module);
unsigned syrinx_confine_seccomp(const syrinx_confinement *want);
#endif
