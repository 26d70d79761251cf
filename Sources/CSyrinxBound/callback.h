/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions that a library is given to call: one for a session, or one for the whole library. */
#ifndef BOUND_CALLBACK_H
#define BOUND_CALLBACK_H
#include "bound.h"

struct bound_hook {
    const bound_callback *callback;
    bound_module *module;
    syx_session *session; /* NULL = the library's: the session is found by "self", or is the one that speaks */
    void *code;
    ffi_closure *closure; /* NULL when the code is a ready-made trampoline */
    _Atomic(bound_hook *) *slot;
};

/* NULL when there is no memory. */
bound_hook *bound_hook_open(bound_module *module, const bound_callback *callback, syx_session *session);
/* Only after the library has been told to stop calling. */
void bound_hook_close(bound_hook *hook);
static inline void *bound_hook_code(const bound_hook *hook) { return hook ? hook->code : NULL; }

/* The library called. The result is extended to 64 bits; 0 for void. */
int64_t bound_hook_enter(bound_hook *hook, const bound_cell *args);

/* ---- trampolines.c: compiled functions for the most frequent signatures, so that no code is made at run time ------ */

/* Gives the hook a function of its signature; false when there is none, or all are taken. */
bool bound_trampoline_take(bound_hook *hook);
#endif
