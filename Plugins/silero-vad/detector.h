/* SPDX-License-Identifier: Apache-2.0
 *
 * Silero's detector of one conversation. The network looks at windows of 32 ms, each with the last 4 ms of the one before,
 * and hands a state on from window to window. Frames of any length are cut into windows; what is left waits. */
#ifndef DETECTOR_H
#define DETECTOR_H
#include "ort.h"

enum {
    SILERO_WINDOW_16K = 512,
    SILERO_CONTEXT_16K = 64,
    SILERO_INPUT_MAX = SILERO_WINDOW_16K + SILERO_CONTEXT_16K,
    SILERO_STATE = 2 * 128
};

typedef struct {
    const ort_model *model;
    uint32_t window, context, filled; /* samples; filled: of the window that is being collected */
    float probability;                /* of the last whole window */
    float input[SILERO_INPUT_MAX];    /* the context, then the window */
    float state[2][SILERO_STATE];     /* one is read while the other is written */
    int current;                      /* the one to read */
    int64_t rate;
    float output;
    ort_tensor in_audio, in_rate, in_state[2], out_probability, out_state[2];
} detector;

/* False when tensors cannot be made. A detector must not be moved afterwards. */
bool detector_open(detector *d, const ort_model *model, uint32_t rate);
void detector_close(detector *d);
void detector_reset(detector *d);
/* Takes samples, NULL = silence, and updates `probability`. On failure `why` has the runtime's message. */
bool detector_hear(detector *d, const int16_t *pcm, uint32_t samples, char *why, size_t why_size);
#endif
