/* SPDX-License-Identifier: Apache-2.0
 *
 * Telephone audio for an acoustic model that was trained on more: it has nothing above 4 kHz, where the model expects
 * something, and hardly a word is understood. What is missing is stood in for by the mirror image of what is there. */
#ifndef SPHINX_BAND_H
#define SPHINX_BAND_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BAND_SECTIONS = 4 };

/* Of one caller, all zero at first. */
typedef struct {
    bool wide; /* something was heard above 6 kHz: nothing is missing, and never will be */
    bool odd;  /* the next sample's turn */
    double state[2 * BAND_SECTIONS];
} band;

/* Looks at a block at 16 kHz, and fills it while the caller's band is narrow. */
void band_fill(band *b, int16_t *pcm, size_t samples);

#endif
