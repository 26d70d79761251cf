/* SPDX-License-Identifier: Apache-2.0
 *
 * A fake host for driving a plugin from a test: [ctl] and [rt] calls come from the test's thread, run() goes to worker
 * threads with one FIFO a session, timers and TASK_DONE wait until the test pumps. It keeps the host's side of the
 * contract and counts what a plugin must not do. */
#ifndef FAKE_CORE_H
#define FAKE_CORE_H
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "syrinx_c.h"

enum { FAKE_EVENTS = 16384, FAKE_TASKS = 64, FAKE_TEXT = 256 };

typedef struct {
    uint16_t type;
    uint64_t generation, id;
    int64_t i0, i1;
    double f0;
    int64_t at_ns;
    char text[FAKE_TEXT];
} fake_event;

typedef struct {
    void (*fn)(void *);
    void *arg;
    uint64_t cookie;
} fake_task;

typedef struct fake_session {
    const syx_plugin_vt *vt;
    syx_session *session;
    syx_hsession handle;
    fake_event events[FAKE_EVENTS];
    size_t event_count;
    int16_t *pcm; /* all AUDIO_OUT, in order */
    size_t samples, capacity;
    size_t credit; /* samples that may still be emitted */
    bool starved, running, closed;
    fake_task tasks[FAKE_TASKS];
    size_t task_first, task_count;
    uint64_t done_cookies[FAKE_EVENTS]; /* TASK_DONE and TIMER not yet delivered */
    uint16_t done_types[FAKE_EVENTS];
    size_t done_count;
    uint64_t cancelled[64];
    size_t cancelled_count;
    size_t samples_at_cancel;
} fake_session;

/* Starts and joins the workers. */
void fake_start(int workers);
void fake_stop(void);
const syx_core *fake_core(void);
int64_t fake_now(void);
/* Breaches of the contract by plugins so far: emits after close, second terminals. */
int fake_breaches(void);

/* Loads <plugins>/<id>/plugin.so; ends the program when it cannot. */
const syx_module *fake_load(const char *plugins, const char *id, char *path, size_t path_size);
const syx_plugin_desc *fake_find(const syx_module *, const char *id);

/* NULL and *err filled on refusal. */
syx_provider *fake_provider(const syx_plugin_desc *, const char *config, syx_err *err);
fake_session *fake_open(const syx_plugin_desc *, syx_provider *, const syx_format *format, const char *options,
                        syx_err *err);
void fake_close(fake_session *);

syx_status fake_send(fake_session *, uint16_t type, uint64_t generation, uint64_t id, const char *text,
                     const char *json);
syx_status fake_audio(fake_session *, uint64_t generation, const int16_t *pcm, uint32_t samples, uint32_t rate);
void fake_cancel(fake_session *, uint64_t generation);
/* Sets the credit, and reads how much audio has come, while workers may be emitting. */
void fake_limit(fake_session *, size_t samples);
size_t fake_samples(fake_session *);
/* Adds credit and sends WRITABLE when the plugin had met its end. */
void fake_grant(fake_session *, size_t samples);

/* Delivers pending TASK_DONE and TIMER events. */
void fake_pump(fake_session *);
/* Pumps until an event of this type and generation has come; NULL after timeout_ms. */
const fake_event *fake_wait(fake_session *, uint16_t type, uint64_t generation, int timeout_ms);
const fake_event *fake_wait_id(fake_session *, uint16_t type, uint64_t generation, uint64_t id, int timeout_ms);
size_t fake_count(fake_session *, uint16_t type, uint64_t generation);
/* Pumps for this long. */
void fake_run(fake_session *, int ms);

#endif
