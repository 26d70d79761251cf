/* SPDX-License-Identifier: Apache-2.0
 *
 * A small library to bind: a gain, a detector, a talker with user data. It counts what it has open. */
#ifndef TOY_H
#define TOY_H
#include <stddef.h>
#include <stdint.h>

typedef struct toy toy;

/* A gain over float frames of exactly `samples`, in and out apart. 0 = ok. */
int toy_gain_create(toy **out, int samples, float gain);
int toy_gain_run(toy *t, const float *in, float *out);
void toy_destroy(toy *t);

/* A detector that writes a percentage through a pointer. */
toy *toy_vad_create(const char *name);
int toy_vad_run(toy *t, short *pcm, int samples, int *percent);

/* Speaks `bytes` chunks of 100 samples; stops when the callback answers something else than 0. */
typedef int (*toy_sink)(void *user, const float *pcm, size_t samples);
typedef int (*toy_plain_sink)(const short *pcm, int samples);
typedef void (*toy_word)(int byte, int sample);
toy *toy_talker_create(toy_sink sink, void *user, const char *voice);
int toy_talk(toy *t, const char *text);
int toy_talk_for_ever(toy *t);
/* How often that came to its end. */
int toy_stops(void);
/* The same without user data: one sink for each talker, and one for words. */
toy *toy_plain_create(toy_plain_sink sink, toy_word word);
int toy_plain_talk(toy *t, const char *text);

/* Nothing to do, for measuring. */
int toy_nothing(toy *t, short *pcm);
int toy_call(int (*f)(void *, int, void *), int times);

extern int toy_live;
int toy_count(void);
#endif
