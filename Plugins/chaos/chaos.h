/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the chaos plugin: a provider of each kind that works, and the faults that it can be told to have. */
#ifndef CHAOS_H
#define CHAOS_H
#include <pthread.h>
#include <stdatomic.h>

#include "options.h"

enum { CHAOS_CLAUSES = 32 };

struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
    syx_kind kind;
    chaos_options options;
    _Atomic uint64_t calls, strikes; /* at the place of the fault */
};

/* What a request is answered by; its text is not needed. */
typedef struct {
    uint16_t type;
    uint64_t generation, id;
} chaos_request;

typedef struct {
    chaos_request request;
    uint32_t samples_left; /* of speech; 0: only the end is missing */
} chaos_clause;

struct syx_session {
    syx_provider *provider;
    syx_hsession host;
    syx_format in, out;
    pthread_mutex_t lock; /* the clauses: a task and [ctl] calls both speak */
    chaos_clause clauses[CHAOS_CLAUSES];
    uint32_t clause_count;
    int64_t pts;
    chaos_request late[CHAOS_CLAUSES]; /* requests that a timer answers */
    uint32_t late_next;
    bool spoil; /* what process() is about to answer */
};

/* ----------------------------------------------------------------------------------------- answers.c: what is right */

syx_event chaos_event(uint16_t type, const chaos_request *request);
syx_status chaos_emit(syx_session *, const syx_event *);
syx_status chaos_emit_text(syx_session *, uint16_t type, const chaos_request *, const char *text);
/* 20 ms of a tone. */
syx_status chaos_emit_audio(syx_session *, const chaos_request *);
/* One piece of an answer, as this kind gives it, and the answer's end. */
syx_status chaos_piece(syx_session *, const chaos_request *);
syx_status chaos_finish(syx_session *, const chaos_request *);
/* The whole answer. What finds no room goes on when there is some again: chaos_speak. */
syx_status chaos_behave(syx_session *, const chaos_request *);
void chaos_speak(syx_session *);

/* -------------------------------------------------------------------------------------------- strike.c: what is not */

/* The fault is over, or there was none: behave. Any other value is the call's own answer. */
#define CHAOS_GO_ON INT32_MAX
/* Comes at every place; session and request may be NULL. */
syx_status chaos_strike(syx_provider *, syx_session *, chaos_place, const chaos_request *, syx_err *);

void chaos_crash(const chaos_options *);
void chaos_hang(const chaos_options *);
void chaos_exhaust(syx_provider *, syx_session *);
syx_status chaos_lie(syx_session *, const chaos_request *);
void chaos_send_garbage(syx_session *, const chaos_request *);
#endif
