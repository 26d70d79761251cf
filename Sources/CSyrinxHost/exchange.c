/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "include/syrinx_exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int syrinx_exchange(const char *one, const char *other) {
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0 ? 0 : errno;
}

int syrinx_rename_new(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
}
