/* SPDX-License-Identifier: Apache-2.0
 *
 * The helper process of isolated mode. One module, its providers and sessions.
 *
 * Threads: the main thread reads the ring and makes every call into the plugin but its tasks; the workers run the tasks
 * of core->run; the plugin's own threads may call core. `lock` guards everything below it. */
#ifndef SYRINX_HELPER_H
#define SYRINX_HELPER_H
#include <pthread.h>
#include <syrinx_plugin.h>
#include <syrinx_wire.h>

#define PROVIDERS 64
#define TASKS 64
#define TIMERS 64
#define CANCELLED 16
#define CONVERTERS 1024

typedef struct {
    void (*function)(void *);
    void *argument;
    uint64_t cookie;
} helper_task;

typedef struct {
    bool used;
    syx_provider *plugin;
    const syx_plugin_desc *descriptor;
    uint32_t services; /* SYRINX_IO_... that the host has for it */
} helper_provider;

typedef struct helper_exchange helper_exchange;

enum session_state { SESSION_FREE, SESSION_OPEN, SESSION_CLOSING };

typedef struct {
    enum session_state state;
    uint32_t generation; /* of the slot, told by the host */
    uint32_t provider;
    syx_session *plugin;
    syx_format out;
    /* Tasks in order; one runs at a time. */
    helper_task tasks[TASKS];
    uint32_t first_task, tasks_waiting;
    bool task_runs, queued;
    uint64_t timers[TIMERS];
    uint64_t unsent_cancels; /* bits: cancelled when the ring was full, so the host's timer still runs */
    uint64_t cancelled[CANCELLED];
    uint32_t next_cancelled;
    bool starved; /* an event of it found the ring full */
    helper_exchange *exchanges; /* SYRINX_EXCHANGES, or NULL while it has had none */
    bool io_refused; /* some of them were told to wait */
} helper_session;

typedef struct {
    syrinx_shared *shared;
    int wake_self, wake_host, lifeline;
    bool virtual_clock;
    uint32_t workers;
    const char *data_dir;
    syrinx_ring in;
    void *message; /* the main thread's copy of the message it works on */
    int64_t untold_since; /* the main thread's: since then answers to frames are in the ring, 0 = the host knows */

    const syx_module *module;
    const syx_core *core;
    char confinement[256];

    pthread_mutex_t lock;
    pthread_cond_t work;
    syrinx_ring out;
    helper_provider providers[PROVIDERS];
    helper_session sessions[SYRINX_SLOTS];
    uint32_t ready[SYRINX_SLOTS], first_ready, ready_count; /* sessions with a task to run */
    struct { uint32_t slot, generation; uint64_t cookie; } finished[SYRINX_SLOTS * 2];
    uint32_t finished_count;
    uint64_t next_timer;
    bool some_starve; /* some session is starved, or was */
    bool stop;
} helper_process;

extern helper_process helper;

/* load.c: the module in this process, its table told to the host. False = told why, and the process should end. */
bool helper_load(const char *path, bool is_bound);

/* core.c */
const syx_core *helper_core(void);
/* A handle as the plugin sees it, and back; NULL = no such session (any more). Under the lock. */
syx_hsession helper_session_handle(uint32_t slot);
helper_session *helper_find_session(syx_hsession handle);
/* The same, and while it closes: a plugin may say goodbye to whom it is connected with. */
helper_session *helper_find_closing_session(syx_hsession handle);
syx_hprovider helper_provider_handle(uint32_t index);
/* Writes a message to the host and wakes it. Under the lock. False = full, or too large. */
bool helper_send_locked(uint16_t type, uint32_t slot, uint32_t serial, const struct iovec *parts, int count);
/* The same, waiting for room: answers must not get lost. Takes the lock itself. */
void helper_send(uint16_t type, uint32_t slot, uint32_t serial, const struct iovec *parts, int count);
void helper_send_flagged(
    uint16_t type, uint16_t flags, uint32_t slot, uint32_t serial, const struct iovec *parts, int count);

/* Wakes the host for the frames that are done: once for those that came together. Main thread. */
void helper_tell_frames(bool more_follow);

/* Under the lock: its generation was cancelled. */
bool helper_is_cancelled(const helper_session *session, uint64_t generation);

/* io_flow.c: the I/O services, main thread. */
void helper_deliver_io(void);
bool helper_io_waits(void); /* it is not the time to sleep for long */
void helper_io_taken(helper_session *session, syrinx_cursor body);
/* False = the plugin does not want it any more. */
bool helper_take_io_event(helper_session *session, syx_event *event);
void helper_end_exchanges(helper_session *session);

/* check.c */
bool helper_may_emit(syx_kind kind, uint16_t type);
bool helper_is_text(syx_str text);
bool helper_is_audio(const syx_frame *frame, uint32_t rate);

/* work.c */
void helper_start_workers(void);
syx_status helper_run(syx_hsession session, void (*function)(void *), void *argument, uint64_t cookie);
/* Hands TASK_DONE of tasks that have ended to their sessions; main thread. */
void helper_deliver_finished(void);

/* writable.c: SYX_EAGAIN because of a full ring, and the WRITABLE that has to follow it; deliver: main thread. */
void helper_starve_locked(uint32_t slot);
bool helper_some_starve(void);
void helper_deliver_writable(void);

/* calls.c: the messages of the host, one call each; main thread. */
void helper_handle_message(const void *message);
/* Ends a session whose last task has returned. */
void helper_finish_closing(uint32_t slot);

/* audio.c: service "syrinx.audio/1". */
const syx_audio_v1 *helper_audio(void);

/* Names the call that is made now, for whoever looks after a crash. */
void helper_enter(uint32_t call, uint32_t slot, uint32_t event);
void helper_leave(void);
#endif
