/* SPDX-License-Identifier: Apache-2.0
 *
 * As Whisper's feature extractor does it: waveform with mean 0 and variance 1, frames of 25 ms every 10 ms around their
 * middle with the edges mirrored, periodic Hann window, power, Slaney's mel bands, logarithm with 80 dB of range. */
#include "logmel.h"

#include <math.h>
#include <stdlib.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

enum { HOP = 160, EDGE = FFT_SIZE / 2, PADDED = LOGMEL_SAMPLES + 2 * EDGE };

/* ------------------------------------------------------------------------------------------------------- bands -- */

/* Slaney's scale: linear up to 1 kHz, which is 15 mel, logarithmic above. */
static double hertz(double mel) { return mel < 15 ? mel * 200 / 3 : 1000 * exp(log(6.4) / 27 * (mel - 15)); }

static double mel_of(double hz) { return hz < 1000 ? hz * 3 / 200 : 15 + 27 / log(6.4) * log(hz / 1000); }

static void make_band(logmel_band *band, double low, double middle, double high) {
    double area = 2 / (high - low);
    band->first = band->count = 0;
    for (int bin = 0; bin < LOGMEL_BINS; bin++) {
        double hz = (double)bin * LOGMEL_RATE / FFT_SIZE;
        double weight = fmin((hz - low) / (middle - low), (high - hz) / (high - middle));
        if (weight <= 0) continue;
        if (band->count == 0) band->first = bin;
        band->weight[band->count++] = weight * area;
    }
}

void logmel_init(logmel *l) {
    fft_init(&l->fft);
    for (int i = 0; i < FFT_SIZE; i++) l->window[i] = 0.5 - 0.5 * cos(2 * M_PI * i / FFT_SIZE);
    double step = mel_of(LOGMEL_RATE / 2.0) / (LOGMEL_BANDS + 1);
    for (int b = 0; b < LOGMEL_BANDS; b++)
        make_band(&l->bands[b], hertz(b * step), hertz((b + 1) * step), hertz((b + 2) * step));
}

/* ---------------------------------------------------------------------------------------------------- features -- */

/* 8 s that end with the samples, mean 0 and variance 1, mirrored at both edges. */
static void prepare(const int16_t *pcm, size_t samples, float padded[PADDED]) {
    size_t silence = LOGMEL_SAMPLES - samples;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < samples; i++) sum += pcm[i] / 32768.0;
    double mean = sum / LOGMEL_SAMPLES;
    for (size_t i = 0; i < samples; i++) squares += (pcm[i] / 32768.0 - mean) * (pcm[i] / 32768.0 - mean);
    squares += (double)silence * mean * mean;
    double scale = 1 / sqrt(squares / LOGMEL_SAMPLES + 1e-7);
    float *wave = padded + EDGE;
    for (size_t i = 0; i < LOGMEL_SAMPLES; i++)
        wave[i] = (float)(((i < silence ? 0 : pcm[i - silence] / 32768.0) - mean) * scale);
    for (int i = 1; i <= EDGE; i++) {
        wave[-i] = wave[i];
        wave[LOGMEL_SAMPLES - 1 + i] = wave[LOGMEL_SAMPLES - 1 - i];
    }
}

static float band_level(const logmel_band *band, const double power[LOGMEL_BINS]) {
    double sum = 0;
    for (int i = 0; i < band->count; i++) sum += band->weight[i] * power[band->first + i];
    return (float)log10(fmax(sum, 1e-10));
}

/* Two frames at a time: one is the real, the other the imaginary part of a transform, and symmetry parts them again. */
static void frame_pair(const logmel *l, const float *first, const float *second, int frame, float *out) {
    double complex in[FFT_SIZE], spectrum[FFT_SIZE];
    double power[2][LOGMEL_BINS];
    for (int i = 0; i < FFT_SIZE; i++) in[i] = CMPLX(l->window[i] * first[i], l->window[i] * second[i]);
    fft_run(&l->fft, in, spectrum);
    for (int k = 0; k < LOGMEL_BINS; k++) {
        double complex z = spectrum[k], mirror = conj(spectrum[(FFT_SIZE - k) % FFT_SIZE]);
        double complex a = (z + mirror) / 2, b = (z - mirror) / 2;
        power[0][k] = creal(a) * creal(a) + cimag(a) * cimag(a);
        power[1][k] = creal(b) * creal(b) + cimag(b) * cimag(b);
    }
    for (int band = 0; band < LOGMEL_BANDS; band++)
        for (int i = 0; i < 2; i++) out[band * LOGMEL_FRAMES + frame + i] = band_level(&l->bands[band], power[i]);
}

static void limit_range(float out[LOGMEL_BANDS * LOGMEL_FRAMES]) {
    float highest = out[0];
    for (int i = 1; i < LOGMEL_BANDS * LOGMEL_FRAMES; i++) highest = fmaxf(highest, out[i]);
    for (int i = 0; i < LOGMEL_BANDS * LOGMEL_FRAMES; i++) out[i] = (fmaxf(out[i], highest - 8) + 4) / 4;
}

bool logmel_features(const logmel *l, const int16_t *pcm, size_t samples, float out[LOGMEL_BANDS * LOGMEL_FRAMES]) {
    float *padded = malloc(PADDED * sizeof *padded);
    if (!padded || samples > LOGMEL_SAMPLES) return free(padded), false;
    prepare(pcm, samples, padded);
    /* Frames that lie in the silence before the audio all look the same. */
    size_t silence = LOGMEL_SAMPLES - samples;
    for (int frame = 0; frame < LOGMEL_FRAMES; frame += 2) {
        const float *at = padded + (size_t)frame * HOP;
        if (frame >= 2 && (size_t)(frame + 1) * HOP + EDGE <= silence) {
            for (int band = 0; band < LOGMEL_BANDS; band++) {
                float *row = out + band * LOGMEL_FRAMES;
                row[frame] = row[frame + 1] = row[0];
            }
        } else {
            frame_pair(l, at, at + HOP, frame, out);
        }
    }
    limit_range(out);
    free(padded);
    return true;
}
