/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <stdlib.h>

struct bound_block {
    struct bound_block *next;
    max_align_t memory[];
};

void *bound_keep(bound_module *m, size_t bytes) {
    struct bound_block *block = calloc(1, sizeof *block + bytes);
    if (!block) return NULL;
    block->next = m->blocks;
    m->blocks = block;
    return block->memory;
}

char *bound_keep_text(bound_module *m, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = bound_keep(m, size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

void bound_discard(bound_module *m) {
    while (m->blocks) {
        struct bound_block *block = m->blocks;
        m->blocks = block->next;
        free(block);
    }
}

/* ------------------------------------------------------------------------------------------------------ refusals -- */

static size_t write_place(const place *at, char *out, size_t size) {
    if (!at) return (size_t)snprintf(out, size, "$");
    size_t used = write_place(at->up, out, size);
    if (used >= size) return used;
    int n = at->key ? snprintf(out + used, size - used, ".%.80s", at->key)
                    : snprintf(out + used, size - used, "[%zu]", at->index);
    return used + (n > 0 ? (size_t)n : 0);
}

bool refuse(reader *r, const char *code, const place *at, const char *format, ...) {
    char path[400], message[600];
    write_place(at, path, sizeof path);
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    *r->code = code;
    if (at)
        snprintf(r->error, r->capacity, "%s:%s: %s", r->file, path, message);
    else
        snprintf(r->error, r->capacity, "%s: %s", r->file, message);
    return false;
}

bool out_of_memory(reader *r) { return refuse(r, "plugin.bind.memory", NULL, "there is no memory for the manifest"); }

/* --------------------------------------------------------------------------------------------------------- names -- */

/* Levenshtein's distance, for short names. */
static size_t distance(const char *a, const char *b) {
    size_t row[64], n = strlen(b), m = strlen(a);
    if (n >= 64 || m >= 64) return 64;
    for (size_t j = 0; j <= n; j++) row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t replace = corner + (a[i - 1] != b[j - 1]), other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            corner = row[j];
            row[j] = replace < other ? replace : other;
        }
    }
    return row[n];
}

const char *nearest(const char *name, const void *list, size_t count, name_at get) {
    const char *best = NULL;
    size_t least = strlen(name) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, get(list, i));
        if (d < least) {
            least = d;
            best = get(list, i);
        }
    }
    return best;
}

static const char *word_at(const void *list, size_t index) { return ((const char *const *)list)[index]; }

bool only_keys(reader *r, const place *at, json_t *object, const char *const *keys) {
    const char *key;
    json_t *value;
    size_t count = 0;
    while (keys[count]) count++;
    json_object_foreach(object, key, value) {
        size_t i = 0;
        while (i < count && strcmp(keys[i], key) != 0) i++;
        if (i < count) continue;
        const char *meant = nearest(key, keys, count, word_at);
        place here = place_key(at, key);
        if (meant) return INVALID(&here, "there is no key `%.80s`; did you mean `%s`?", key, meant);
        return INVALID(&here, "there is no key `%.80s`; see docs/BOUND.md", key);
    }
    return true;
}

bool is_name(const char *text) {
    size_t n = strlen(text);
    if (n == 0 || n > 40) return false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------------- members -- */

json_t *member(json_t *object, const char *key) { return json_object_get(object, key); }

bool need_object(reader *r, const place *at, json_t *value, size_t most) {
    if (!json_is_object(value)) return INVALID(at, "must be an object");
    if (json_object_size(value) > most) return INVALID(at, "has %zu members, at most %zu", json_object_size(value), most);
    return true;
}

bool need_array(reader *r, const place *at, json_t *value, size_t most) {
    if (!json_is_array(value)) return INVALID(at, "must be an array");
    if (json_array_size(value) > most) return INVALID(at, "has %zu entries, at most %zu", json_array_size(value), most);
    return true;
}

bool get_text(reader *r, const place *at, json_t *object, const char *key, bool required, const char **out) {
    json_t *value = member(object, key);
    place here = place_key(at, key);
    if (!value) return required ? INVALID(&here, "is missing") : true;
    if (!json_is_string(value) || json_string_length(value) == 0) return INVALID(&here, "must be a text");
    if (json_string_length(value) > BOUND_TEXT_BYTES) return INVALID(&here, "is longer than %d bytes", BOUND_TEXT_BYTES);
    *out = json_string_value(value);
    return true;
}

bool get_whole(reader *r, const place *at, json_t *object, const char *key, int64_t low, int64_t high, int64_t *out) {
    json_t *value = member(object, key);
    if (!value) return true;
    place here = place_key(at, key);
    if (!json_is_integer(value)) return INVALID(&here, "must be a whole number");
    json_int_t number = json_integer_value(value);
    if (number < low || number > high)
        return INVALID(&here, "is %lld; %lld to %lld are possible", (long long)number, (long long)low, (long long)high);
    *out = number;
    return true;
}

bool get_flag(reader *r, const place *at, json_t *object, const char *key, bool *out) {
    json_t *value = member(object, key);
    if (!value) return true;
    place here = place_key(at, key);
    if (!json_is_boolean(value)) return INVALID(&here, "must be true or false");
    *out = json_is_true(value);
    return true;
}

int get_choice(reader *r, const place *at, json_t *object, const char *key, const char *const *words, int fallback) {
    json_t *value = member(object, key);
    place here = place_key(at, key);
    if (!value && fallback >= 0) return fallback;
    if (!value) return INVALID(&here, "is missing"), -1;
    size_t count = 0;
    while (words[count]) count++;
    const char *text = json_string_value(value);
    for (size_t i = 0; text && i < count; i++)
        if (strcmp(words[i], text) == 0) return (int)i;
    const char *meant = text ? nearest(text, words, count, word_at) : NULL;
    char list[200] = "";
    for (size_t i = 0, used = 0; i < count && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s`%s`", i ? ", " : "", words[i]);
    if (meant) return INVALID(&here, "`%.80s` is none of %s; did you mean `%s`?", text, list, meant), -1;
    return INVALID(&here, "must be one of %s", list), -1;
}
