/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BOUND_TYPES_H
#define BOUND_TYPES_H
#include "bound.h"

const char *bound_base_name(bound_base base);
/* BOUND_BASES when it is no type's name. */
bound_base bound_base_named(const char *name);
ffi_type *bound_ffi_type(bound_base base);

bool bound_is_integer(bound_base base);
bool bound_is_signed(bound_base base);
bool bound_is_float(bound_base base);
bool bound_is_pointer(bound_base base);
/* The smallest and largest integer that the type holds, as far as int64_t reaches. */
int64_t bound_lowest(bound_base base);
int64_t bound_highest(bound_base base);

/* True when a value of `from` may stand where `to` is wanted, unchanged: the same type, a wider integer, a pointer. */
bool bound_fits(bound_type from, bound_type to);

/* Extends what a library wrote into the low bytes of a cell to the whole cell. */
bound_cell bound_widen(bound_cell cell, bound_base base);
/* Reads a value of this type from memory. */
bound_cell bound_load(const void *memory, bound_base base);
double bound_number(bound_cell cell, bound_base base);
#endif
