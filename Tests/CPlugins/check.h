/* SPDX-License-Identifier: Apache-2.0
 *
 * Assertions that count, and the list of test groups. */
#ifndef CHECK_H
#define CHECK_H
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_core.h"

extern int checks_passed, checks_failed;
extern const char *plugins_dir;
/* Under a sanitizer timings say nothing and long runs are cut. */
extern bool sanitized;

void check_(bool ok, const char *file, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* CHECK(condition, "what is promised, with values", ...) */
#define CHECK(condition, ...) check_((condition), __FILE__, __LINE__, __VA_ARGS__)

void test_json(void);
void test_modules(void);
void test_energy(void);
void test_filters(void);
void test_flite(void);
void test_espeak(void);
void test_pocketsphinx(void);
void test_onnx(void);
void test_hostile(void);
void test_lifecycle(void);

/* A configuration of a provider with the toy runtime and one of its models (toy/ort.c); good until the next call. */
const char *toy_config(const char *kind);

/* Signals, s16 mono. */
typedef struct {
    int16_t *pcm;
    size_t samples;
} clip;

clip clip_new(size_t samples);
void clip_free(clip *c);
void clip_tone(clip c, size_t from, size_t count, double hz, double dbfs, uint32_t rate);
void clip_noise(clip c, size_t from, size_t count, double dbfs, unsigned seed);
double clip_level(const int16_t *pcm, size_t samples);
/* True when two recordings rise and fall together: lengths within 2 %, levels of 20 ms within 6 dB on average
 * (two sentences differ by 11). The engines' noise and intonation carry state from clause to clause, which shifts a word
 * by some milliseconds, so samples differ even when all is well. */
bool clip_alike(const int16_t *a, size_t a_samples, const int16_t *b, size_t b_samples, uint32_t rate);
/* Linear interpolation: good enough to feed one engine's voice to another. */
clip clip_resample(clip c, uint32_t from, uint32_t to);
/* A sentence spoken by a TTS provider, at its own rate. */
clip clip_spoken(const char *plugin, const char *voice, uint32_t rate, const char *text);

#endif
