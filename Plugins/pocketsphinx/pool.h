/* SPDX-License-Identifier: Apache-2.0
 *
 * The provider's decoders and compiled models. Decoders are few (each takes 7 to 94 MB) and are lent for one utterance
 * at a time; who finds none is woken when one comes back. */
#ifndef SPHINX_POOL_H
#define SPHINX_POOL_H
#include "decoder.h"

typedef struct pool pool;

/* A place in the line, inside the borrower's own structure. `wake` is called under the pool's lock: it may schedule a
 * task, not call the pool. False: the borrower has no use for a decoder any more, and the next one is woken. */
typedef struct waiter {
    struct waiter *next;
    bool queued;
    bool (*wake)(struct waiter *);
} waiter;

pool *pool_create(const model_base *base, uint32_t limit);
/* All decoders are back. */
void pool_free(pool *p);

/* The compiled model for a spec, with a reference for the caller: from the cache, or NULL. */
model *pool_cached(pool *p, const spec *s);
/* [work] ... or compiled now. */
syx_status pool_model(pool *p, const spec *s, model **out, syx_err *err);

/* [work] A decoder for the model; SYX_PENDING = the waiter stands in line. */
syx_status pool_take(pool *p, model *m, waiter *w, decoder **out, syx_err *err);
void pool_give(pool *p, decoder *d);
/* [work] Makes a decoder ready before the first word, if there is room. */
syx_status pool_warm(pool *p, model *m, syx_err *err);
/* Who was woken does not come after all: the next one is woken, if there is something to have. */
void pool_pass_on(pool *p);
/* Leaves the line. */
void pool_forget(pool *p, waiter *w);

#endif
