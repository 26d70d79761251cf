/* SPDX-License-Identifier: Apache-2.0
 *
 * Isolated mode: a helper process (`syrinx-plugin-host`) holds a plugin's module; here, in the host, stands a table of
 * the same shape (syx_module) whose functions carry every call over a ring in shared memory. Who uses the table need not
 * know, with one exception: process() answers SYX_PENDING, and the frame comes back through `frame` below.
 *
 * The helper is treated as hostile: nothing that it writes is believed, and every message is copied out of the shared
 * memory before it is looked at. A dead or hung helper costs its own sessions, nothing else. */
#ifndef SYRINX_ISOLATION_H
#define SYRINX_ISOLATION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syrinx_plugin.h>

/* One helper process with one module. */
typedef struct syrinx_helper syrinx_helper;

/* What the helper may do. Zero = the strict default for each field. */
typedef struct {
    uint64_t memory_bytes;   /* address space; 0 = 2 GiB */
    uint32_t open_files;     /* 0 = 64 */
    uint32_t processes;      /* threads of the helper; 0 = 64 */
    bool allow_network;      /* keep the host's network name space and its socket calls */
    const char *readable;    /* absolute paths that stay readable, one a line; NULL = none */
    bool unconfined;         /* no seccomp, no Landlock: for debuggers and sanitizers only */
} syrinx_confinement;

typedef struct {
    const char *program;     /* path of syrinx-plugin-host */
    const char *module;      /* path of plugin.so, or of a bind.json */
    bool bound;              /* it is a bind.json, whatever its path is called */
    const char *data_dir;    /* the plugin's folder, readable for it */
    const char *name;        /* shown in `ps` and in messages */
    uint32_t sessions;       /* at most this many at once, 1 ... 256 */
    uint32_t workers;        /* threads for core->run; 0 = 2 */
    bool deny_work;          /* core->run is refused (SYX_EPERM) */
    uint32_t rt_hang_ms;     /* a media call without an answer; 0 = 250 */
    uint32_t ctl_hang_ms;    /* any other call; 0 = 2000 */
    uint32_t load_ms;        /* loading the module; 0 = 2000 */
    uint32_t open_ms;        /* opening a provider; 0 = 30000 */
    bool virtual_clock;      /* now_ns is what syrinx_helper_set_clock said last: for tests */
    syrinx_confinement confinement;
} syrinx_helper_options;

typedef enum {
    SYRINX_DEATH_STOPPED = 0,   /* the host ended it */
    SYRINX_DEATH_EXIT = 1,      /* it exited; detail = status */
    SYRINX_DEATH_SIGNAL = 2,    /* killed by a signal; detail = its number */
    SYRINX_DEATH_HANG = 3,      /* no answer in time, killed by the host */
    SYRINX_DEATH_PROTOCOL = 4   /* wrote nonsense into the ring, killed by the host */
} syrinx_death_cause;

/* How a helper ended, and what it was doing then. */
typedef struct {
    syrinx_death_cause cause;
    int detail;
    char doing[64];          /* "process vad session 17": the call under way, from the helper's breadcrumb */
} syrinx_death;

/* Called on the supervisor's thread; must be quick. */
typedef struct {
    void *context;
    /* A frame is back. samples = NULL when the stage writes none (vad, echo reference). */
    void (*frame)(void *context, syx_hsession session, int64_t pts, syx_status status, float probability,
                  const void *samples, uint32_t bytes);
    /* The helper is gone; only for one that syrinx_helper_start has returned. Every session of it has had
     * SYX_EV_ERROR (generation 0, retryable) before. */
    void (*lost)(void *context, const syrinx_death *death);
    /* The plugin's session_close has returned, or its helper is gone: what it said in there has been passed on. Comes
     * once for each session that was closed, maybe on the thread that closes it. NULL = nobody wants to know. */
    void (*closed)(void *context, syx_hsession session);
} syrinx_helper_callbacks;

/* Starts a helper, loads the module in it, and reads its table: blocks for some milliseconds, at most load_ms.
 * `core` gets the plugin's calls (emit, log, metric, timer). NULL = failed: *death says how, `error` why, in a sentence.
 * `code` gets a stable dotted code ("plugin.load.open_failed", "plugin.probe.crashed", ...). */
syrinx_helper *syrinx_helper_start(const syrinx_helper_options *options, const syrinx_helper_callbacks *callbacks,
                                   const syx_core *core, syrinx_death *death, const char **code, char *error,
                                   size_t capacity);

/* The module's table, as the helper told it. Belongs to the helper; valid until syrinx_helper_free. To open a provider
 * call vt->open with provider_params.descriptor = one of this table's descriptors. */
const syx_module *syrinx_helper_module(const syrinx_helper *helper);

/* Which layers of confinement are active in it, a sentence for listings. */
const char *syrinx_helper_confinement(const syrinx_helper *helper);

/* Process id, for tests and listings only; never to be signalled by number. */
int syrinx_helper_pid(const syrinx_helper *helper);
bool syrinx_helper_alive(const syrinx_helper *helper);
/* Kills it, through its pidfd. `lost` follows. */
void syrinx_helper_kill(syrinx_helper *helper);
/* Asks it to end, waits up to 1 s, kills it, frees everything. No session or provider may be in use any more. */
void syrinx_helper_free(syrinx_helper *helper);

/* Virtual clock: what now_ns answers from now on. */
void syrinx_helper_set_clock(syrinx_helper *helper, int64_t now_ns);
/* Waits until the helper has worked off everything that it was given and every answer has been passed on.
 * False after limit_ms. For tests in virtual time. */
bool syrinx_helper_settle(syrinx_helper *helper, uint32_t limit_ms);

/* Numbers for listings. */
typedef struct {
    uint64_t frames, events_in, events_out, dropped, faults;
    uint32_t sessions, providers;
} syrinx_helper_stats;
syrinx_helper_stats syrinx_helper_read_stats(const syrinx_helper *helper);
#endif
