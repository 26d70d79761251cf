/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session of each kind is put through: a fixed sequence of steps, so that it can be stopped at any point, mixed with
 * others, and compared. */
#ifndef SCENARIO_H
#define SCENARIO_H
#include "check.h"

enum { SCENARIO_FRAMES = 60, SCENARIO_WAIT_MS = 20000 };

/* What came out: enough to tell two runs apart. */
typedef struct {
    float probability[SCENARIO_FRAMES * 2];
    size_t frames;
    int16_t *pcm;
    size_t samples;
    uint32_t rate;
    uint64_t digest; /* of the texts that are final */
    size_t ends, refused, events;
    bool complete;   /* every request ended */
} outcome;

size_t scenario_steps(const ck *);
/* One step; the outcome may be NULL. */
void scenario_step(ck *, fake_session *, size_t step, outcome *);
/* All steps, and the events of a session put into the outcome. */
void scenario_run(ck *, fake_session *, outcome *);
void scenario_collect(ck *, fake_session *, outcome *);
/* All steps in a session of its own, from a provider's open() to its close(). False: it does not open, which is told. */
bool scenario_whole(ck *);
/* NULL when both runs say the same; else what differs. */
const char *scenario_differs(const ck *, const outcome *a, const outcome *b);

/* One request and its end. False when it was refused or did not end. */
bool scenario_request(ck *, fake_session *, uint64_t generation, const char *text);
/* Only asks: the answer of handle(). */
syx_status scenario_ask(ck *, fake_session *, uint64_t generation, const char *text);
uint16_t scenario_request_type(const ck *);

/* Speech-like sound: a vowel that comes and goes over a noise floor; the same for the same `at`. */
void sound_speech(int16_t *pcm, size_t samples, size_t at, uint32_t rate);
/* A frame of the session's format around `data`. */
syx_frame sound_frame(const ck *, void *data, uint32_t samples);
uint32_t sound_frame_samples(const ck *); /* of 20 ms */
extern const char scenario_sentence[];
#endif
