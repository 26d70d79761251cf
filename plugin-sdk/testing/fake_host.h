/* SPDX-License-Identifier: Apache-2.0
 *
 * A host for trying a plugin out, in virtual time: timers, tasks and credit move only when the test says so. It keeps
 * the host's side of the contract and counts what a plugin must not do. One thread drives it; a plugin may emit from
 * threads of its own. */
#ifndef SYRINX_FAKE_HOST_H
#define SYRINX_FAKE_HOST_H
#include <pthread.h>

#include "syrinx_c.h"

enum { FAKE_EVENTS = 4096, FAKE_PENDING = 64, FAKE_TEXT = 512 };

typedef struct {
    uint16_t type;
    uint32_t flags;
    uint64_t generation, id;
    int64_t i0, i1;
    double f0;
    uint32_t samples, rate; /* of AUDIO_OUT */
    char text[FAKE_TEXT];
} fake_event;

typedef struct {
    bool is_timer;
    int64_t due_ns;
    uint64_t cookie, handle;
    void (*fn)(void *);
    void *arg;
} fake_pending;

/* One session at a time: what the plugin sent, and what it waits for. */
typedef struct {
    const syx_plugin_desc *desc;
    syx_provider *provider;
    syx_session *session;
    syx_format format;
    fake_event events[FAKE_EVENTS];
    size_t count;
    size_t room; /* events that may still be sent before SYX_EAGAIN */
    bool starved;
    fake_pending pending[FAKE_PENDING];
    size_t pending_count;
    uint64_t cancelled[FAKE_PENDING];
    size_t cancelled_count;
} fake_session;

/* Breaches of the contract so far; each was printed. */
extern int fake_breaches;

const syx_core *fake_core(void);

/* NULL and *err filled on refusal. */
syx_provider *fake_provider(const syx_plugin_desc *desc, const char *config, const char *data_dir, syx_err *err);
syx_status fake_open(fake_session *s, const syx_plugin_desc *desc, syx_provider *provider, syx_format format,
                     syx_err *err);
void fake_close(fake_session *s);

syx_status fake_send(fake_session *s, const syx_event *event);
void fake_cancel(fake_session *s, uint64_t generation);
/* Runs the tasks and fires the timers that are due after this many milliseconds, one of them after the other. */
void fake_advance(fake_session *s, int ms);
/* Makes room for so many events and says WRITABLE if the plugin had met the end of it. */
void fake_grant(fake_session *s, size_t events);
/* Advances, and makes room when it is wanted, until the request has its terminal; for plugins with threads it waits up
 * to five seconds of real time. NULL when none came. */
const fake_event *fake_settle(fake_session *s, uint64_t generation, uint64_t id, size_t room);
size_t fake_count(const fake_session *s, uint16_t type, uint64_t generation);
bool fake_is_terminal(uint16_t type);

#endif
