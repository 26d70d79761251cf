/* SPDX-License-Identifier: Apache-2.0
 *
 * A host for tests: a core that writes down what it is told, and short ways to start a helper and to use it. */
#ifndef TEST_HOST_H
#define TEST_HOST_H
#include <stdint.h>
#include <syrinx_isolation.h>

#include "test.h"

enum { RATE = 16000, SAMPLES = 320, LONG_MS = 20000, EVENTS = 8192, RUNNING_TIMERS = 256 };

/* Programs and plugins, absolute paths; told on the command line. */
extern const char *helper_program, *chaos_module, *probe_module, *hostile_program;

/* What one helper's callbacks said. */
typedef struct {
    int frames, closed;
    bool lost;
    int64_t lost_at;
    syrinx_death death;
} witness;

typedef struct {
    syx_hsession session;
    uint16_t type;
    uint64_t id, generation;
    int64_t i0;
    char text[160];
} seen_event;

typedef struct {
    syx_hsession session;
    uint32_t delay_ms;
    uint64_t cookie;
    bool cancelled;
} seen_timer;

/* Under its lock: record_lock(). */
typedef struct {
    seen_event events[EVENTS];
    size_t count, timer_count, logs;
    seen_timer timers[RUNNING_TIMERS];
    int credit; /* events that are taken before SYX_EAGAIN; -1 = all */
    size_t refused;
} record;
extern record seen;
void record_clear(void);
void record_lock(void);
void record_unlock(void);

int64_t now_ns(void);
extern const syx_core recording_core;

/* A helper in use. Set options before live_start; zero fields get defaults of the tests. */
typedef struct {
    syrinx_helper_options options;
    syrinx_helper *helper;
    witness witness;
    const char *code;
    char error[300];
} live;
bool live_start(live *l, const char *program, const char *module, const char *name);
void live_end(live *l);

const syx_plugin_desc *live_kind(const live *l, syx_kind kind);
/* NULL = refused. */
syx_provider *live_provider(const live *l, syx_kind kind, const char *config);
syx_status live_session(const live *l, syx_kind kind, syx_provider *provider, syx_hsession handle, const char *options,
    syx_session **session);
syx_status send_frame(const live *l, syx_session *session);
syx_status send_event(const live *l, syx_session *session, uint16_t type, uint64_t id, const char *text);
void cancel_session(const live *l, syx_session *session, uint64_t generation);
void close_session(const live *l, syx_session *session);

/* False when it has not come after limit_ms. */
bool wait_frames(const witness *w, int frames, uint32_t limit_ms);
bool wait_lost(const witness *w, uint32_t limit_ms);
bool wait_sessions_closed(const witness *w, int sessions, uint32_t limit_ms);
bool wait_event(syx_hsession session, uint16_t type, size_t wanted, uint32_t limit_ms);
size_t count_events(syx_hsession session, uint16_t type);
/* A copy of the `index`th of its kind; type 0 when there is none. */
seen_event find_event(syx_hsession session, uint16_t type, size_t index);

/* The suites. */
void test_life(const char *self);
int host_that_is_killed(void);
void test_deaths(void);
void test_sessions(void);
void test_closing(void);
void test_hostile(unsigned seeds);
#endif
