/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session wants recognised: everything, phrases like the hints, a grammar, or key phrases. */
#ifndef SPHINX_SPEC_H
#define SPHINX_SPEC_H
#include "syrinx_json.h"

typedef enum { SPEC_GENERAL, SPEC_HINTS, SPEC_GRAMMAR, SPEC_KEYPHRASES } spec_kind;

typedef struct {
    spec_kind kind;
    char *json; /* the option's value as given; equal text is an equal spec. NULL for SPEC_GENERAL */
} spec;

enum { SPEC_BYTES = 65536, SPEC_PHRASES = 2000, SPEC_KEYPHRASES_MOST = 100 };

/* Reads an options object. Without any of the three options, *out is a copy of `fallback`. */
syx_status spec_read(syx_str options, const spec *fallback, spec *out, syx_err *err);
bool spec_equal(const spec *a, const spec *b);
bool spec_copy(const spec *from, spec *to);
void spec_free(spec *s);

#endif
