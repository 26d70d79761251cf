/* SPDX-License-Identifier: Apache-2.0 */
#include "utterance.h"

#include <stdlib.h>

utterance *utterance_new(uint64_t generation) {
    utterance *u = calloc(1, sizeof *u);
    if (u) u->generation = generation;
    return u;
}

void utterance_free(utterance *u) {
    free(u->pcm);
    free(u->text);
    free(u);
}

bool utterance_append(utterance *u, const int16_t *pcm, size_t samples) {
    if (u->samples + samples > u->capacity) {
        size_t capacity = (u->samples + samples) * 2;
        int16_t *grown = realloc(u->pcm, capacity * sizeof *grown);
        if (!grown) return false;
        u->pcm = grown;
        u->capacity = capacity;
    }
    if (pcm)
        memcpy(u->pcm + u->samples, pcm, samples * sizeof *pcm);
    else
        memset(u->pcm + u->samples, 0, samples * sizeof *u->pcm);
    u->samples += samples;
    return true;
}

size_t utterance_take(utterance *u, int16_t *out, size_t limit) {
    size_t n = u->samples < limit ? u->samples : limit;
    if (n == 0) return 0;
    memcpy(out, u->pcm, n * sizeof *out);
    u->samples -= n;
    memmove(u->pcm, u->pcm + n, u->samples * sizeof *u->pcm);
    return n;
}

void utterance_finish(utterance *u, uint16_t terminal, const char *text) {
    u->terminal = terminal;
    u->text = strdup(text);
    u->samples = 0;
    u->busy = false;
}
