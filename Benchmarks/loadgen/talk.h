/* SPDX-License-Identifier: Apache-2.0
 *
 * Mode converse: each session is a caller who speaks, is silent, hears the reply out or speaks into it. */
#ifndef LOADGEN_TALK_H
#define LOADGEN_TALK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

enum talk_step { TALK_PAUSE, TALK_SPEAK, TALK_WAIT, TALK_LISTEN };

struct talk {
    enum talk_step step;
    uint32_t turn, random;
    uint32_t spoken, burst;  /* frames of this turn's speech: sent, in all */
    bool cutting;            /* this speech began into a reply */
    bool committed;          /* the server has taken this turn: what comes now is its reply */
    int64_t pause_ends;
    int64_t onset;           /* first frame of speech was sent */
    int64_t speech_end;      /* last frame of speech was sent, plus its 20 ms */
    int64_t first_audio, last_audio;
    size_t reply_bytes;
};

struct talk_results {
    struct histogram response; /* end of speech to first frame of the reply */
    struct histogram stop;     /* onset of a barge-in to the last frame of the reply */
    struct histogram late;     /* of a reply's frame against its first frame's clock */
    uint64_t turns, whole, cut;
    uint64_t missing, wrong_length, uncut, stray;
    uint64_t over_lead; /* frames more than the allowed lead ahead */
    uint64_t events, committed, ended, interruptions, clears;
};

struct behaviour;
extern const struct behaviour talk_behaviour;

#endif
