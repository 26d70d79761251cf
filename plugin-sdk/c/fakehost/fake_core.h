/* SPDX-License-Identifier: Apache-2.0
 *
 * A fake host for driving a plugin from a test: [ctl] and [rt] calls come from the test's thread, run() goes to worker
 * threads with one FIFO a session, timers and TASK_DONE wait until the test pumps. It keeps the host's side of the
 * contract and notes what a plugin must not do. */
#ifndef FAKE_CORE_H
#define FAKE_CORE_H
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "syrinx_c.h"

enum { FAKE_EVENTS = 16384, FAKE_TASKS = 64, FAKE_TIMERS = 64, FAKE_REQUESTS = 4096, FAKE_TEXT = 256, FAKE_EXCHANGES = 64 };

typedef struct {
    uint16_t type;
    uint64_t generation, id;
    int64_t i0, i1;
    double f0;
    int64_t at_ns;
    uint64_t digest; /* of the whole text and json */
    size_t text_len;
    char text[FAKE_TEXT]; /* cut when longer */
} fake_event;

typedef struct {
    void (*fn)(void *);
    void *arg;
    uint64_t cookie;
} fake_task;

typedef struct {
    uint64_t timer, cookie; /* timer 0 = a free place */
    int64_t due_ns;
} fake_timer;

/* A request that was given to the plugin, and what became of it. */
typedef struct {
    uint16_t type;
    uint64_t generation, id;
    syx_status status; /* what handle() answered; negative = refused */
    uint32_t terminals;
} fake_request;

/* A request or socket that the plugin started; its terminal event comes with the next pump. */
typedef struct {
    uint64_t id, generation; /* id 0 = a free place */
    uint32_t flags;
    syx_status status; /* how it will end */
    bool socket, takes;
    size_t waiting;
} fake_exchange;

typedef struct fake_session {
    const syx_plugin_vt *vt;
    syx_kind kind;
    syx_session *session;
    syx_hsession handle;
    syx_format out;
    fake_event events[FAKE_EVENTS];
    size_t event_count;
    int16_t *pcm; /* all AUDIO_OUT, in order, as s16 */
    size_t samples, capacity;
    size_t credit; /* samples that may still be emitted */
    size_t room;   /* events that may still be emitted */
    bool starved, running, closed;
    fake_task tasks[FAKE_TASKS];
    size_t task_first, task_count;
    fake_timer timers[FAKE_TIMERS];
    uint64_t done_cookies[FAKE_EVENTS]; /* TASK_DONE not yet delivered */
    size_t done_count;
    fake_request requests[FAKE_REQUESTS];
    size_t request_count;
    fake_exchange exchanges[FAKE_EXCHANGES];
    size_t exchanges_begun; /* with what was refused */
    uint64_t digests[FAKE_EXCHANGES]; /* cookies of signatures not yet delivered */
    size_t digest_count;
    uint64_t cancelled[64];
    size_t cancelled_count;
    size_t samples_at_cancel;
    size_t emits, refused, stale; /* calls of emit; answered EAGAIN; answered ESTALE */
    /* The answer to a frame that was processed elsewhere. */
    bool frame_back;
    syx_status frame_status;
    float frame_probability;
    void *frame_into;
    size_t frame_bytes, frame_capacity;
} fake_session;

/* What a plugin's requests come to. */
typedef enum {
    FAKE_NET_UNREACHABLE, /* they start, and end with SYX_EUNAVAILABLE */
    FAKE_NET_REFUSES,     /* they are refused at once with SYX_EPERM */
    FAKE_NET_ABSENT       /* there are no such services */
} fake_network;

/* What the fake host does beyond the usual. Set it before the first session. */
typedef struct {
    bool virtual_clock;      /* now_ns stands still, except while the test waits */
    int64_t clock_ns;        /* the virtual clock */
    syx_status emit_fault;   /* what the next `emit_faults` calls of emit answer */
    uint32_t emit_faults;
    syx_status run_fault;    /* the same for run */
    uint32_t run_faults;
    bool no_timers, no_buffers, no_services;
    fake_network network;
    char *crumb;             /* 64 bytes that say which call of the plugin is under way, or NULL */
    bool (*settle)(void);    /* waits until another process has worked off what it was given */
    void (*logged)(syx_str text); /* sees every text that the plugin gives away: logs, events */
} fake_settings;
extern fake_settings fake_set;

typedef enum {
    FAKE_AFTER_CLOSE,     /* a host call for a session or provider that is closed, or never was */
    FAKE_SECOND_TERMINAL, /* a request ended twice */
    FAKE_STRAY_TERMINAL,  /* the end of a request that was refused, or never made */
    FAKE_BAD_EVENT,       /* malformed, or not one of this kind */
    FAKE_BAD_TEXT,        /* not UTF-8, or JSON that is none */
    FAKE_BREACH_KINDS
} fake_breach_kind;

/* Starts and joins the workers. */
void fake_start(int workers);
void fake_stop(void);
const syx_core *fake_core(void);
/* The host's clock, and the real one. */
int64_t fake_now(void);
int64_t fake_real(void);
/* Breaches of the contract by plugins so far: all, and the first of one kind, or NULL. */
int fake_breaches(void);
const char *fake_breach(fake_breach_kind kind);
/* True when the HEALTH event of this probe has come. */
bool fake_health_came(uint64_t id);
bool fake_is_utf8(const char *text, size_t length);

/* Loads <plugins>/<id>/plugin.so; ends the program when it cannot. */
const syx_module *fake_load(const char *plugins, const char *id, char *path, size_t path_size);
const syx_plugin_desc *fake_find(const syx_module *, const char *id);

/* NULL and *err filled on refusal. */
syx_provider *fake_provider(const syx_plugin_desc *, const char *config, syx_err *err);
/* The same with all of its parameters; *status (may be NULL) is what open() answered. */
syx_provider *fake_provider_at(const syx_plugin_desc *, const char *config, const char *data_dir, syx_status *status,
                               syx_err *err);
/* Closes a provider; host calls for it are breaches from now on. */
void fake_provider_close(const syx_plugin_desc *, syx_provider *);
fake_session *fake_open(const syx_plugin_desc *, syx_provider *, const syx_format *format, const char *options,
                        syx_err *err);
/* session_open alone, without waiting for READY. */
fake_session *fake_open_begin(const syx_plugin_desc *, syx_provider *, const syx_format *format, const char *options,
                              syx_status *status, syx_err *err);
/* Waits for the session's tasks, then closes it. */
void fake_close(fake_session *);

syx_status fake_handle(fake_session *, const syx_event *);
syx_status fake_send(fake_session *, uint16_t type, uint64_t generation, uint64_t id, const char *text,
                     const char *json);
syx_status fake_audio(fake_session *, uint64_t generation, const int16_t *pcm, uint32_t samples, uint32_t rate);
void fake_cancel(fake_session *, uint64_t generation);
/* process(), wherever it happens: a frame that comes back later is waited for. */
syx_status fake_process(fake_session *, const syx_frame *in, syx_frame *out, syx_result *result);
/* A frame came back; any thread. */
void fake_frame_back(syx_hsession, syx_status, float probability, const void *samples, size_t bytes);
/* Sets the credit, and reads how much audio has come, while workers may be emitting. */
void fake_limit(fake_session *, size_t samples);
void fake_limit_events(fake_session *, size_t events);
size_t fake_samples(fake_session *);
/* Adds credit and sends WRITABLE when the plugin had met its end. */
void fake_grant(fake_session *, size_t samples);
void fake_grant_events(fake_session *, size_t events);

/* Delivers pending TASK_DONE and TIMER events; how many. */
size_t fake_pump(fake_session *);
/* Pumps until an event of this type and generation has come; NULL after timeout_ms. */
const fake_event *fake_wait(fake_session *, uint16_t type, uint64_t generation, int timeout_ms);
const fake_event *fake_wait_id(fake_session *, uint16_t type, uint64_t generation, uint64_t id, int timeout_ms);
/* Pumps until every request has ended (or was refused); false after timeout_ms. */
bool fake_wait_ends(fake_session *, int timeout_ms);
size_t fake_count(fake_session *, uint16_t type, uint64_t generation);
/* Pumps for this long. */
void fake_run(fake_session *, int ms);
/* A terminal event, by type. */
bool fake_is_terminal(uint16_t type);

#endif
