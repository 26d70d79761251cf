/* SPDX-License-Identifier: Apache-2.0 */
#include "hearing.h"

#include <stdlib.h>
#include <string.h>

/* A turn does not go on after a longer pause: by then the host has taken it, whatever it was told. */
#define PAUSE_SAMPLES ((uint64_t)(2.5 * LOGMEL_RATE))
/* The host finds out about speech a little later; the model was trained on turns with half a second before them. */
#define PREFIX_SAMPLES ((uint64_t)(0.5 * LOGMEL_RATE))

bool hearing_open(hearing *h) {
    memset(h, 0, sizeof *h);
    h->ring = calloc(LOGMEL_SAMPLES, sizeof *h->ring);
    return h->ring != NULL;
}

void hearing_close(hearing *h) { free(h->ring); }

void hearing_reset(hearing *h) { h->heard = h->begin = h->voiced = 0; }

static void note_speech(hearing *h, uint32_t samples) {
    if (h->voiced == 0 || h->heard - h->voiced > PAUSE_SAMPLES)
        h->begin = h->heard > PREFIX_SAMPLES ? h->heard - PREFIX_SAMPLES : 0;
    h->voiced = h->heard + samples;
}

void hearing_take(hearing *h, const int16_t *pcm, uint32_t samples, bool speech) {
    if (speech) note_speech(h, samples);
    for (uint32_t i = 0; i < samples; i++) h->ring[h->heard++ % LOGMEL_SAMPLES] = pcm ? pcm[i] : 0;
}

size_t hearing_turn(const hearing *h, int16_t out[LOGMEL_SAMPLES]) {
    uint64_t oldest = h->heard > LOGMEL_SAMPLES ? h->heard - LOGMEL_SAMPLES : 0;
    uint64_t from = h->begin > oldest ? h->begin : oldest;
    for (uint64_t i = from; i < h->heard; i++) out[i - from] = h->ring[i % LOGMEL_SAMPLES];
    return (size_t)(h->heard - from);
}
