/* SPDX-License-Identifier: Apache-2.0
 *
 * Ten thousand damaged manifests: each is read or refused, none crashes the reader. What is read says so. */
#include "bound_test.h"

static uint64_t state = 88172645463325252u;

static uint32_t random_below(uint32_t limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % limit;
}

static size_t read_package(const char *id, char *out, size_t size) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s/bind.json", plugins_dir, id);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(out, 1, size - 1, f) : 0;
    if (f) fclose(f);
    out[n] = 0;
    return n;
}

/* A piece of the file in another place: well-formed JSON is more likely to come out than from single bytes. */
static size_t move_piece(char *text, size_t n, size_t size) {
    size_t from = random_below((uint32_t)n), length = random_below(40), to = random_below((uint32_t)n);
    char piece[40];
    if (from + length > n) length = n - from;
    memcpy(piece, text + from, length);
    if (n + length + 1 > size) return n;
    memmove(text + to + length, text + to, n - to);
    memcpy(text + to, piece, length);
    return n + length;
}

static size_t replace_word(char *text, size_t n, size_t size) {
    static const char *const words[] = {"0",     "-1",    "null",  "true", "{}",  "[]",  "\"\"",   "\"$self\"", "\"@chunk\"", "1e308",
                                        "\"ptr\"", "\"f64\"", "\"i8\"", "\"void\"", "99999999999999999999", "\"$in\"", "\"$0\""};
    const char *word = words[random_below(sizeof words / sizeof *words)];
    size_t at = random_below((uint32_t)n), length = strlen(word);
    char *start = strpbrk(text + at, "\"0123456789");
    if (!start) return n;
    char *end = *start == '"' ? strchr(start + 1, '"') : start + strspn(start, "0123456789");
    if (!end) return n;
    if (*start == '"') end++;
    if (n + length + 1 > size) return n;
    size_t rest = (size_t)(text + n - end);
    memmove(start + length, end, rest);
    memcpy(start, word, length);
    return (size_t)(start - text) + length + rest;
}

static size_t mutate(char *text, size_t n, size_t size) {
    switch (random_below(5)) {
        case 0: text[random_below((uint32_t)n)] = (char)random_below(256); return n;
        case 1: return random_below((uint32_t)n);
        case 2: return move_piece(text, n, size);
        default: return replace_word(text, n, size);
    }
}

void test_mutations(void) {
    static const struct {
        const char *id, *kind;
    } seeds[] = {{"bound-speexdsp", "filter"}, {"bound-webrtc-vad", "vad"}, {"bound-espeak-ng", "tts"}};
    static char original[3][16384], text[16384];
    size_t sizes[3], accepted = 0, unnamed = 0;
    for (int i = 0; i < 3; i++) sizes[i] = read_package(seeds[i].id, original[i], sizeof original[i]);
    for (int round = 0; round < 10000; round++) {
        int seed = round % 3;
        size_t n = sizes[seed];
        memcpy(text, original[seed], n + 1);
        for (uint32_t k = random_below(3) + 1; k > 0 && n > 0; k--) {
            n = mutate(text, n, sizeof text);
            text[n] = 0;
        }
        /* plugin.json names "toy", so that a manifest is read to its end only with that id. */
        char *id = strstr(text, seeds[seed].id);
        if (id && random_below(10)) {
            size_t length = strlen(seeds[seed].id);
            memcpy(id, "toy\"", 4);
            memset(id + 4, ' ', length + 1 - 4);
        }
        load_result r = bound_load_text(seeds[seed].kind, text);
        accepted += r.module != NULL;
        unnamed += !r.module && (strncmp(r.code, "plugin.bind.", 12) != 0 || !r.error[0]);
    }
    CHECK(unnamed == 0, "every refusal has a code and a sentence (%zu have none)", unnamed);
    CHECK(accepted > 10 && accepted < 9000, "some manifests live through it (%zu of 10000)", accepted);
}
