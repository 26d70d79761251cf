/* SPDX-License-Identifier: Apache-2.0 */
#include <features.h>
/* The system's types belong to the system's module, whichever module Swift loads first. */
#ifdef __GLIBC__
#pragma clang module import SwiftGlibc
#else
#pragma clang module import SwiftMusl
#endif
#include <usrsctp.h>

/* Swift does not import a function whose argument is a function with "...". */
static inline void cusrsctp_init(int (*output)(void *, void *, size_t, uint8_t, uint8_t)) {
    usrsctp_init_nothreads(0, output, 0);
}
