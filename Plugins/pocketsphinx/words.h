/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of words, each with a number in the order of arrival. */
#ifndef SPHINX_WORDS_H
#define SPHINX_WORDS_H
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char **items;
    size_t count, capacity;
    int *slots; /* open addressing; -1 = free; a power of two, at least twice `capacity` */
    size_t slot_count;
    bool failed;
} word_set;

enum { LONGEST_WORD = 64 };

/* The word's number, added if it is new; -1 when out of memory or longer than LONGEST_WORD. */
int word_set_add(word_set *set, const char *word, size_t len);
/* -1 when absent. */
int word_set_find(const word_set *set, const char *word, size_t len);
void word_set_free(word_set *set);

/* Steps through the words of a phrase as the dictionary spells them: lower case, letters, digits, apostrophes, inner
 * dots and hyphens. Returns false at the end. Start with *cursor = phrase. */
bool next_word(const char **cursor, char word[LONGEST_WORD + 1], size_t *len);

#endif
