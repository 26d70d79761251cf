/* SPDX-License-Identifier: Apache-2.0
 *
 * A program linked to one session (or provider, or the library): every argument's address is known, and a call is one
 * ffi_call. Linking allocates; running does not. */
#ifndef BOUND_EXECUTE_H
#define BOUND_EXECUTE_H
#include "bound.h"

/* Where a program's values lie. They stay there as long as the linked program. */
typedef struct {
    const bound_module *module;
    bound_cell *variables[BOUND_SCOPES];
    bound_cell *builtins;                /* BOUND_BUILTINS of them */
    const bound_cell *config, *options;  /* by index of the option */
    bound_hook *const *hooks;            /* by index of the callback */
} bound_frame;

/* What a pointer points to is set anew before each call: the library may have written there. */
typedef struct {
    bound_cell *target, value;
} bound_reset;

typedef struct {
    const bound_op *op;
    bound_cell *result;
    void **args;
    bound_reset *resets;
    unsigned reset_count;
} bound_step;

typedef struct bound_linked {
    bound_step *steps;
    unsigned count;
    void *memory;
} bound_linked;

bool bound_link(const bound_program *program, const bound_frame *frame, bound_linked *out);
/* Takes constants and options over again, after options have changed. */
void bound_fill(bound_linked *linked, const bound_frame *frame);
void bound_unlink(bound_linked *linked);

/* Runs it; NULL, or the operation whose fail_if came true, where it stopped. session = where emissions go, or NULL. */
const bound_op *bound_run(const bound_linked *linked, syx_session *session);
/* Runs all of it, but leaves out calls on a pointer that is null: what was never opened is not closed. */
void bound_run_close(const bound_linked *linked);
/* "speex_preprocess_state_init failed", or the manifest's own words. */
const char *bound_complaint(const bound_op *op, char *out, size_t size);
#endif
