/* SPDX-License-Identifier: Apache-2.0
 *
 * What the model sees of the audio: Whisper's log-mel spectrogram of the last 8 s at 16 kHz. */
#ifndef LOGMEL_H
#define LOGMEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fft.h"

enum {
    LOGMEL_RATE = 16000,
    LOGMEL_SAMPLES = 8 * LOGMEL_RATE,
    LOGMEL_BANDS = 80,
    LOGMEL_FRAMES = 800,
    LOGMEL_BINS = FFT_SIZE / 2 + 1
};

/* A triangle over the bins of a spectrum. */
typedef struct {
    int first, count;
    double weight[LOGMEL_BINS];
} logmel_band;

typedef struct {
    fft_table fft;
    double window[FFT_SIZE];
    logmel_band bands[LOGMEL_BANDS];
} logmel;

/* About 140 KiB; read-only afterwards, so it may be shared by threads. */
void logmel_init(logmel *l);
/* The features of up to LOGMEL_SAMPLES samples, taken for the end of 8 s that begin with silence, band by band. False
 * when memory is short. */
bool logmel_features(const logmel *l, const int16_t *pcm, size_t samples, float out[LOGMEL_BANDS * LOGMEL_FRAMES]);
#endif
