/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a. */
static uint32_t hash(const char *word, size_t len) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)word[i]) * 16777619u;
    return h;
}

static size_t slot_of(const word_set *set, const char *word, size_t len) {
    size_t slot = hash(word, len) & (set->slot_count - 1);
    for (; set->slots[slot] >= 0; slot = (slot + 1) & (set->slot_count - 1)) {
        const char *item = set->items[set->slots[slot]];
        if (strncmp(item, word, len) == 0 && item[len] == 0) break;
    }
    return slot;
}

int word_set_find(const word_set *set, const char *word, size_t len) {
    return set->slot_count ? set->slots[slot_of(set, word, len)] : -1;
}

static bool grow(word_set *set) {
    size_t capacity = set->capacity ? set->capacity * 2 : 64;
    char **items = realloc(set->items, capacity * sizeof *items);
    if (!items) return false;
    set->items = items;
    int *slots = malloc(capacity * 2 * sizeof *slots);
    if (!slots) return false;
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    set->slot_count = capacity * 2;
    memset(slots, 0xff, set->slot_count * sizeof *slots);
    for (size_t i = 0; i < set->count; i++) slots[slot_of(set, items[i], strlen(items[i]))] = (int)i;
    return true;
}

int word_set_add(word_set *set, const char *word, size_t len) {
    int found = word_set_find(set, word, len);
    if (found >= 0) return found;
    if (len > LONGEST_WORD) return -1;
    char *copy = set->count < set->capacity || grow(set) ? strndup(word, len) : NULL;
    if (!copy) return set->failed = true, -1;
    set->items[set->count] = copy;
    set->slots[slot_of(set, word, len)] = (int)set->count;
    return (int)set->count++;
}

void word_set_free(word_set *set) {
    for (size_t i = 0; i < set->count; i++) free(set->items[i]);
    free(set->items);
    free(set->slots);
    *set = (word_set){0};
}

static bool belongs(unsigned char c) { return isalnum(c) || c == '\'' || c == '.' || c == '-' || c >= 0x80; }

bool next_word(const char **cursor, char word[LONGEST_WORD + 1], size_t *len) {
    for (;;) {
        const char *p = *cursor;
        while (*p && !belongs((unsigned char)*p)) p++;
        if (!*p) return false;
        size_t n = 0;
        for (; belongs((unsigned char)*p); p++)
            if (n < LONGEST_WORD) word[n++] = (char)tolower((unsigned char)*p);
        *cursor = p;
        /* A full stop or hyphen at the end is punctuation; the dot of an abbreviation is given back by the caller's
         * dictionary as "mr" beside "mr.". */
        while (n > 0 && (word[n - 1] == '.' || word[n - 1] == '-')) n--;
        word[n] = 0;
        *len = n;
        if (n > 0) return true;
    }
}
