/* SPDX-License-Identifier: Apache-2.0
 *
 * An utterance's life: its audio comes in while a worker takes it out; when it is over it holds its terminal until the
 * host takes that. Guarded by the session's lock. */
#ifndef SPHINX_UTTERANCE_H
#define SPHINX_UTTERANCE_H
#include "syrinx_c.h"

typedef struct utterance {
    struct utterance *next;
    uint64_t generation;
    int16_t *pcm; /* not yet decoded */
    size_t samples, capacity;
    bool ended;    /* END_OF_INPUT has come */
    bool busy;     /* a worker decodes it */
    bool overflow; /* audio was lost, and said so */
    uint16_t terminal; /* 0, or the event type it ended in */
    char *text;        /* of FINAL and ERROR */
    double confidence;
    syx_status error;
} utterance;

utterance *utterance_new(uint64_t generation);
void utterance_free(utterance *u);
/* pcm NULL = silence. False when out of memory. */
bool utterance_append(utterance *u, const int16_t *pcm, size_t samples);
/* Moves at most `limit` samples to `out`. */
size_t utterance_take(utterance *u, int16_t *out, size_t limit);
/* Ends it; the audio left is dropped, the text copied. */
void utterance_finish(utterance *u, uint16_t terminal, const char *text);

#endif
