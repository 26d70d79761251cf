/* SPDX-License-Identifier: Apache-2.0
 *
 * The caller's audio of the turn, at most its last 8 s. */
#ifndef HEARING_H
#define HEARING_H
#include "logmel.h"

typedef struct {
    int16_t *ring;  /* LOGMEL_SAMPLES long */
    uint64_t heard; /* samples so far; the newest is at (heard - 1) % LOGMEL_SAMPLES */
    uint64_t begin; /* the turn's first sample */
    uint64_t voiced;/* behind the last sample of an utterance */
} hearing;

bool hearing_open(hearing *h);
void hearing_close(hearing *h);
void hearing_reset(hearing *h);
/* Takes samples, NULL = silence; `speech` = they belong to an utterance. */
void hearing_take(hearing *h, const int16_t *pcm, uint32_t samples, bool speech);
/* Copies the turn's audio to `out`; how many samples. */
size_t hearing_turn(const hearing *h, int16_t out[LOGMEL_SAMPLES]);
#endif
