/* SPDX-License-Identifier: Apache-2.0
 *
 * The pronouncing dictionary, mapped into memory. */
#ifndef SPHINX_DICTIONARY_H
#define SPHINX_DICTIONARY_H
#include "buffer.h"
#include "words.h"

typedef struct {
    const char *text;
    size_t size;
} dictionary;

bool dictionary_open(dictionary *d, const char *path);
void dictionary_close(dictionary *d);

/* Copies the pronunciations of the given words, alternatives such as "a(2)" included, and notes in known[] which words
 * have one. One pass over 3 MB: a few milliseconds. */
void dictionary_select(const dictionary *d, const word_set *words, bool *known, buffer *out);

#endif
