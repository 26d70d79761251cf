/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's side of isolated mode; private to this folder.
 *
 * Threads: calls come from any thread of the host (`lock` of the helper guards the ring towards it, the slots and the
 * calls that wait for a reply); what the helper writes is read by one supervisor thread of the process only. */
#ifndef SYRINX_HOST_SIDE_H
#define SYRINX_HOST_SIDE_H
#include "syrinx_isolation.h"

#include <pthread.h>
#include <syrinx_wire.h>

#define PROVIDERS 64
#define TIMERS 64
#define CANCELS 16

enum helper_state { HELPER_LOADING, HELPER_ALIVE, HELPER_DEAD };

typedef struct {
    syrinx_helper *helper;
    bool used;
    uint32_t slot;
    syx_hprovider handle;
    /* The I/O services that the host has for it, NULL = not. */
    const syx_http_v1 *http;
    const syx_ws_v1 *ws;
    const syx_secret_v1 *secret;
} proxy_provider;

/* A request or socket of a session: see io.h. */
typedef struct proxy_exchange proxy_exchange;

/* Events that the host had no room for: kept in order until it has. */
typedef struct backlog_event {
    struct backlog_event *next;
    uint32_t size;
    _Alignas(8) unsigned char message[];
} backlog_event;

enum slot_state { SLOT_FREE, SLOT_OPENING, SLOT_OPEN, SLOT_CLOSING };

typedef struct {
    syrinx_helper *helper;
    enum slot_state state;
    uint32_t slot, generation;
    syx_hsession handle;
    proxy_provider *provider;
    bool close_unsent; /* CLOSING, and the ring had no room for saying so */
    uint32_t outstanding_frames;
    /* The generation that was cancelled last, as long as no event has followed. */
    uint64_t cancelled;
    bool is_cancelled;
    uint64_t unsent[CANCELS]; /* cancels that found the ring full, in order */
    uint32_t unsent_count;
    /* Timers of the plugin: its number, the host's, its cookie. The host's cookie is the plugin's number, so that one
     * that fires late is not taken for the next of its place. */
    struct { uint64_t plugin, host, cookie; } timers[TIMERS];
    /* Guards what follows, and the order of emits: taken without the helper's lock held. */
    pthread_mutex_t order;
    backlog_event *first, **last;
    size_t backlog_bytes;
    /* Guards its requests and sockets; taken without the helper's lock held. */
    pthread_mutex_t io;
    proxy_exchange *exchanges; /* SYRINX_EXCHANGES of them, or NULL while it has had none */
} proxy_session;

/* A call that waits for its reply. */
typedef struct waiting_call {
    struct waiting_call *next;
    uint32_t serial, slot;
    bool answered, abandoned; /* abandoned: nobody waits any more; the outcome becomes READY or ERROR */
    bool is_session;
    int64_t since, limit_ns;
    syrinx_wire_reply reply;
} waiting_call;

/* A descriptor of the module, as the host sees it. */
typedef struct {
    syx_plugin_desc desc; /* first: what vt->open gets is its address */
    syx_plugin_vt vt;
    syrinx_helper *helper;
    uint32_t index;
    char *texts[9];
} proxy_descriptor;

struct syrinx_helper {
    syrinx_helper_options options;
    syrinx_helper_callbacks callbacks;
    const syx_core *core;
    char *name;

    syrinx_shared *shared;
    size_t shared_bytes;
    int memory_fd, wake_host, lifeline, output, pid, pidfd;
    enum helper_state state;

    /* The supervisor's alone. */
    syrinx_ring from;
    void *message;
    bool registered, more; /* more: there may be something to read */
    int64_t output_allowance_at;
    uint32_t output_allowance;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    syrinx_ring to;
    uint64_t sent; /* messages, to compare with shared->done */
    int64_t quiet_since; /* when the helper was last seen to make progress */
    uint64_t seen_done;
    uint32_t outstanding_frames;
    int64_t frames_since;
    uint32_t next_serial, unsent_closes, unsent_cancels;
    waiting_call *calls;
    proxy_provider providers[PROVIDERS];
    proxy_session *sessions; /* options.sessions of them */
    syrinx_helper_stats stats;

    /* The module's table, complete when state is HELPER_ALIVE. */
    syx_module module;
    const syx_plugin_desc **descriptors;
    proxy_descriptor *proxies;
    uint32_t expected, told;
    char *build_info, *confinement;

    _Atomic uint64_t io_bytes; /* what sessions keep of requests and sockets */
    _Atomic uint32_t io_unsent; /* exchanges that have something to tell, and found the ring full */
    _Atomic bool failed; /* told why it cannot serve */
    bool taken; /* alive when its starter looked: from then on its end is told */
    _Atomic bool protocol_error;
    bool hung, stopping, gone;
    char failure_code[64], failure[512];
    syrinx_death death;
};

int64_t host_now(void);

/* spawn.c: the process, on the supervisor's thread (its death signal follows the thread that made it). 0 or errno. */
int host_spawn(syrinx_helper *helper);

/* supervisor.c */
int host_supervise(syrinx_helper *helper);   /* spawns and registers; 0 or errno */
void host_forget(syrinx_helper *helper);     /* returns once the supervisor does not know it any more */
void host_kill(syrinx_helper *helper);
void host_end_liar(syrinx_helper *helper); /* it wrote nonsense; any thread */
/* Wakes it, whatever it has done to the descriptors that it shares: never blocks, never raises SIGPIPE. */
void host_wake(const syrinx_helper *helper);

/* table.c: false = nonsense. */
bool host_take_module(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body);
void host_free_table(syrinx_helper *helper);
bool host_take_failure(syrinx_helper *helper, syrinx_cursor body);

/* proxy.c */
extern const syx_plugin_vt host_proxy_vt;
void host_end_call(syrinx_helper *helper, waiting_call *call); /* under the lock */
void host_send_closes(syrinx_helper *helper); /* under the lock */

/* Under the lock. */
syx_status host_send(
    syrinx_helper *helper, uint16_t type, uint32_t slot, uint32_t serial, const struct iovec *parts, int count);
syx_status host_send_flagged(syrinx_helper *helper, uint16_t type, uint16_t flags, uint32_t slot, uint32_t serial,
    const struct iovec *parts, int count);

/* inputs.c: the functions of a session that give it something. */
syx_status host_handle(syx_session *raw, const syx_event *given);
syx_status host_process(syx_session *raw, const syx_frame *in, syx_frame *out, syx_result *result);
void host_cancel(syx_session *raw, uint64_t generation);
void host_reset(syx_session *raw);
void host_send_cancels(syrinx_helper *helper); /* under the lock: those that found the ring full */
void host_forget_cancels(proxy_session *session); /* under the lock */

/* io.c and io_messages.c: the I/O services. */
uint32_t host_io_services(proxy_provider *provider, const syx_core *core);
/* A message IO_...; false = nonsense. */
bool host_take_io(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body);
bool host_take_prewarm(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body);
/* An event of the I/O services for the plugin. */
syx_status host_io_event(proxy_session *session, const syx_event *event);
/* Tells what found the ring full before. The supervisor's thread. */
void host_flush_io(syrinx_helper *helper);
/* Forgets everything of the session with this serial; with `abort` it ends at the host, too. */
void host_drop_io(proxy_session *session, uint32_t serial, bool abort);
void host_free_io(proxy_session *session);

/* messages.c */
/* The session that a message is about; *handle = what the host calls it. NULL = it is gone: not an error. */
proxy_session *host_addressed(syrinx_helper *helper, const syrinx_head *head, syx_hsession *handle);
/* There is room again: sends what waits. False = not all of it. */
bool host_flush_backlog(proxy_session *session);
void host_drop_backlog(proxy_session *session);
/* Its plugin has said its last, or cannot any more. Without locks held. */
void host_session_closed(proxy_session *session, uint32_t serial, syx_hsession handle);
/* A message of the helper; false = nonsense, to be killed. */
bool host_handle_message(syrinx_helper *helper, const void *message);
/* Ends everything that waits for a helper that is gone. */
void host_fail_everything(syrinx_helper *helper);
#endif
