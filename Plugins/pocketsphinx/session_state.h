/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session is made of; for session.c, session_list.c and worker.c alone.
 *
 * The lock guards the list and flags, never a call into the decoder or the pool (order: pool's lock, then ours). */
#ifndef SPHINX_SESSION_STATE_H
#define SPHINX_SESSION_STATE_H
#include <pthread.h>

#include "band.h"
#include "session.h"
#include "syrinx_cancel.h"
#include "utterance.h"

enum { BLOCK = SPHINX_RATE / 10 }; /* samples that a task decodes at a time */

struct syx_session {
    syx_provider *provider;
    syx_hsession host;
    pthread_mutex_t lock;
    utterance *head;
    size_t count;
    uint64_t newest; /* generation; an older one that is not in the list is over */
    bool task_pending, opening, draining;
    bool waiting, woken; /* in the pool's line; the line has moved */
    waiter waiter;
    spec wanted; /* what `model` is to be compiled from */
    bool wanted_changed;
    syx_cancel_set cancelled;
    /* Below: the worker's own while a task is under way. */
    model *model;
    decoder *decoder;
    channel channel;
    band band;
    uint32_t blocks;
    char partial[1024];
};

/* session_list.c, all of it under the lock. */
utterance *session_find(syx_session *s, uint64_t generation);
/* The first utterance that is not over; NULL = none. */
utterance *session_current(syx_session *s);
void session_remove(syx_session *s, utterance *u);
/* Sends the terminals of utterances that are over; those the host has no room for wait for its next event. */
void session_flush(syx_session *s);
/* Ends cancelled utterances that no worker holds. */
void session_sweep(syx_session *s);
/* Asks the host for a task when one would find something to do. */
void session_schedule(syx_session *s);
/* The session leaves the line if it was woken and has nothing to decode; false = it was not woken. */
bool session_renounce(syx_session *s);
/* sweep, flush, schedule: what every event ends with. */
void session_advance(syx_session *s);

/* worker.c */
/* [work] Decodes in blocks of 100 ms until it runs dry. */
void worker_task(void *session);
/* The line for a decoder has moved. */
bool worker_wake(waiter *w);
void worker_return_decoder(syx_session *s);

#endif
