/* SPDX-License-Identifier: Apache-2.0
 *
 * One conversation's utterances: a bounded buffer that handle() fills and a run() task that decodes. */
#ifndef SPHINX_SESSION_H
#define SPHINX_SESSION_H
#include "pool.h"

enum { SPHINX_RATE = 16000 };

struct syx_provider {
    const syx_core *core;
    syx_hprovider host;
    model_base base;
    spec spec; /* for sessions that bring none of their own */
    pool *pool;
};

syx_status sphinx_session_open(syx_provider *, syx_hsession, const syx_session_params *, syx_session **, syx_err *);
void sphinx_session_close(syx_session *);
syx_status sphinx_session_handle(syx_session *, const syx_event *);
void sphinx_session_cancel(syx_session *, uint64_t generation);
void sphinx_session_reset(syx_session *);

#endif
