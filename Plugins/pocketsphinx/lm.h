/* SPDX-License-Identifier: Apache-2.0
 *
 * A trigram language model from a list of phrases, in ARPA format. */
#ifndef SPHINX_LM_H
#define SPHINX_LM_H
#include "buffer.h"
#include "words.h"

/* Phrases as word numbers, each closed by LM_END_OF_PHRASE. */
enum { LM_END_OF_PHRASE = -1 };

typedef struct {
    int *tokens;
    size_t count, capacity;
    bool failed;
} phrase_list;

void phrase_list_add(phrase_list *list, int token);
void phrase_list_free(phrase_list *list);

/* False when out of memory or when no phrase has a word. */
bool lm_build(const phrase_list *phrases, const word_set *words, buffer *out);

#endif
