/* SPDX-License-Identifier: Apache-2.0
 *
 * A function's signature as a compiler wrote it down, and its comparison with what bind.json says. */
#ifndef BIND_CHECK_SIGNATURE_H
#define BIND_CHECK_SIGNATURE_H
#include <stdbool.h>
#include <stddef.h>

#include "syrinx_bound.h"

enum { SIGNATURE_ARGS = 32, PROBLEM_BYTES = 200 };

typedef enum { CLASS_VOID, CLASS_INTEGER, CLASS_FLOAT, CLASS_POINTER, CLASS_OTHER } type_class;

/* As far as calling conventions tell types apart: signedness does not matter, structs by value cannot be bound. */
typedef struct {
    type_class class;
    unsigned bytes;
} class_of_type;

typedef struct signature {
    bool found, variadic, unprototyped;
    class_of_type returns, args[SIGNATURE_ARGS];
    unsigned count;
    struct signature *callbacks[SIGNATURE_ARGS]; /* of arguments that point to functions */
} signature;

void signatures_free(signature *list, unsigned count);

/* True when bind.json agrees; else one sentence. */
bool signature_agrees(const syrinx_bound_function *bound, const signature *real, char problem[PROBLEM_BYTES]);

/* Fills signatures[i] of functions that the debug information of `file` (or its separate debug file) has. */
void read_debug_information(const char *file, const syrinx_bound_function *functions, unsigned count,
                            signature *signatures);

/* The same for an object made from headers: variables syrinx_bind_<i> that point to the functions. */
void read_object(const char *file, unsigned count, signature *signatures);

/* Compiles declarations of the functions from the headers with $CC (cc), and reads them. `note` gets what the compiler
 * said when it could not. */
void read_headers(const syrinx_bound_description *description, signature *signatures, char note[PROBLEM_BYTES]);
#endif
