/* SPDX-License-Identifier: Apache-2.0 */
#include "speech.h"

#include <math.h>
#include <stdlib.h>

static const double rms_target = 3276.8; /* -20 dBFS */
static int16_t *table;
static uint8_t *zeros;
static size_t frame_samples;

/* A fixed seed: each run hears the same voice. */
static double noise(void) {
    static uint32_t state = 0x5eed5eed;
    state = state * 1664525u + 1013904223u;
    return (double)state / 2147483648.0 - 1.0;
}

static double voice(double t, double *phase, int rate) {
    double pitch = 140 + 40 * sin(2 * M_PI * 0.7 * t);
    *phase += 2 * M_PI * pitch / rate;
    double sum = 0;
    for (int k = 1; k <= 12; k++) sum += sin(k * *phase) / k;
    /* Four syllables a second, starting at full strength. */
    double envelope = 0.7 + 0.3 * cos(2 * M_PI * 4 * t);
    return envelope * (sum + 0.4 * noise());
}

static double *synthesize(size_t samples, int rate) {
    double *wave = malloc(samples * sizeof *wave), phase = 0, energy = 0;
    if (!wave) return NULL;
    for (size_t i = 0; i < samples; i++) {
        wave[i] = voice((double)i / rate, &phase, rate);
        energy += wave[i] * wave[i];
    }
    double gain = rms_target / sqrt(energy / (double)samples);
    for (size_t i = 0; i < samples; i++) wave[i] *= gain;
    return wave;
}

int speech_init(int rate) {
    frame_samples = (size_t)rate / 50;
    size_t samples = frame_samples * SPEECH_FRAMES;
    table = malloc(samples * sizeof *table);
    zeros = calloc(frame_samples, sizeof *table);
    double *wave = synthesize(samples, rate);
    if (!table || !zeros || !wave) return -1;
    for (size_t i = 0; i < samples; i++) table[i] = (int16_t)fmax(-32768, fmin(32767, wave[i]));
    free(wave);
    return 0;
}

const uint8_t *speech_frame(uint32_t index) {
    return (const uint8_t *)(table + (index % SPEECH_FRAMES) * frame_samples);
}

const uint8_t *silence_frame(void) {
    return zeros;
}
