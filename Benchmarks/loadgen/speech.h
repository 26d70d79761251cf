/* SPDX-License-Identifier: Apache-2.0
 *
 * A sound that any voice detector takes for speech: harmonics of a gliding voice and noise under a syllable-like
 * envelope, -20 dBFS, never quieter than -8 dB below its peak, so there is no gap inside. */
#ifndef LOADGEN_SPEECH_H
#define LOADGEN_SPEECH_H
#include <stddef.h>
#include <stdint.h>

enum { SPEECH_FRAMES = 200 };

/* Fills the table: SPEECH_FRAMES frames of 20 ms at this rate. Returns 0, or -1 without memory. */
int speech_init(int rate);

/* 20 ms of s16 samples; index wraps. */
const uint8_t *speech_frame(uint32_t index);

/* 20 ms of true zeros. */
const uint8_t *silence_frame(void);

#endif
