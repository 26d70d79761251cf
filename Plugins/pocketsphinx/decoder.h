/* SPDX-License-Identifier: Apache-2.0
 *
 * One PocketSphinx decoder: one utterance at a time, one thread at a time. */
#ifndef SPHINX_DECODER_H
#define SPHINX_DECODER_H
#include "model.h"

typedef struct decoder decoder;

/* The channel's mean cepstrum, which the decoder adapts to. It travels with the session rather than with the decoder:
 * else one caller's microphone would colour the next caller's words. */
enum { CEPSTRUM = 13 };
typedef struct {
    bool known;
    float mean[CEPSTRUM];
} channel;

/* [work] Loads; 0.1 s with a small dictionary, about 0.5 s with the full language model. */
syx_status decoder_create(const model_base *base, model *m, decoder **out, syx_err *err);
void decoder_free(decoder *d);
model *decoder_model(const decoder *d);

/* [work] begin, feed ..., then end or abandon. */
bool decoder_begin(decoder *d, const channel *c);
bool decoder_feed(decoder *d, const int16_t *pcm, size_t samples);
/* What was heard so far, valid until the next call; "" for nothing. */
const char *decoder_text(decoder *d);
/* Ends the utterance; `confidence` 0 ... 1. */
const char *decoder_end(decoder *d, channel *c, double *confidence);
void decoder_abandon(decoder *d);

#endif
