/* SPDX-License-Identifier: Apache-2.0
 *
 * One thread of the host looks after all helpers: starts them (their death signal is bound to the thread that made
 * them), reads what they write, sees them die through their pidfds, and ends the ones that hang. */
#include "host.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BUSY_CHECK_MS 20
#define LOOK_AGAIN_MS 5
#define IDLE_CHECK_MS 100
/* Of one helper, before the others have their turn. */
#define MESSAGES_AT_ONCE 512
#define BYTES_AT_ONCE (256 << 10)
#define OUTPUT_BYTES_PER_SECOND 16384

enum watch { WATCH_COMMAND, WATCH_WAKE, WATCH_DEATH, WATCH_OUTPUT };

typedef struct command {
    struct command *next;
    syrinx_helper *helper;
    bool forget, done;
    int result;
} command;

static struct {
    pthread_once_t once;
    pthread_mutex_t lock;
    pthread_cond_t finished;
    command *commands;
    int epoll, wake;
    /* The thread's alone. */
    syrinx_helper **helpers;
    size_t count, capacity;
} supervisor = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER, .finished = PTHREAD_COND_INITIALIZER};

int64_t host_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The low bits of the pointer say which of its descriptors is meant. */
static int watch(int fd, syrinx_helper *helper, enum watch what) {
    /* Wake-ups are never read: the helper shares their descriptor, and could make a read of it block. */
    uint32_t events = what == WATCH_WAKE ? EPOLLIN | EPOLLET : EPOLLIN;
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)(uintptr_t)helper | what};
    return epoll_ctl(supervisor.epoll, EPOLL_CTL_ADD, fd, &event);
}

void host_kill(syrinx_helper *helper) {
    if (helper->pidfd >= 0) syscall(SYS_pidfd_send_signal, helper->pidfd, SIGKILL, NULL, 0);
}

void host_end_liar(syrinx_helper *helper) {
    helper->protocol_error = true;
    host_kill(helper);
}

/* Full: it has wake-ups enough. Gone: its pidfd tells. */
void host_wake(const syrinx_helper *helper) { send(helper->lifeline, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL); }

/* ---- reading ---- */

static void check_loaded(syrinx_helper *helper) {
    if (helper->state != HELPER_LOADING) return;
    bool complete = helper->expected > 0 && helper->told == helper->expected;
    if (!complete && !helper->failed) return;
    pthread_mutex_lock(&helper->lock);
    if (complete) helper->state = HELPER_ALIVE;
    pthread_cond_broadcast(&helper->changed);
    pthread_mutex_unlock(&helper->lock);
}

/* Some messages of one helper; true when there may be more. */
static bool drain(syrinx_helper *helper) {
    uint64_t begin = helper->from.mine;
    for (int i = 0; i < MESSAGES_AT_ONCE && helper->from.mine - begin < BYTES_AT_ONCE; i++) {
        int got = syrinx_ring_read(&helper->from, helper->message);
        if (got < 0 || (got > 0 && !host_handle_message(helper, helper->message))) {
            host_end_liar(helper);
            return false;
        }
        if (got == 0) return !syrinx_ring_may_sleep(&helper->from);
        check_loaded(helper);
    }
    return true;
}

/* A turn for each helper that may have written something; true when some need another. */
static bool read_all(void) {
    bool more = false;
    for (size_t i = 0; i < supervisor.count; i++) {
        syrinx_helper *helper = supervisor.helpers[i];
        if (!helper->more) continue;
        syrinx_ring_awake(&helper->from);
        helper->more = !helper->protocol_error && drain(helper);
        more |= helper->more;
    }
    return more;
}

/* What it said before it died still counts: what the ring can hold, in case somebody goes on writing. */
static void drain_the_rest(syrinx_helper *helper) {
    const uint64_t least = MESSAGES_AT_ONCE * sizeof(syrinx_head);
    for (uint64_t turns = helper->from.capacity / least + 1; turns > 0; turns--)
        if (helper->protocol_error || !drain(helper)) return;
}

/* ---- what the plugin prints: its lines become log records, at a rate that a flood cannot exceed ---- */

static void pass_output(syrinx_helper *helper) {
    char text[4096];
    ssize_t length = read(helper->output, text, sizeof text);
    if (length <= 0) {
        if (length == 0 || errno != EAGAIN) epoll_ctl(supervisor.epoll, EPOLL_CTL_DEL, helper->output, NULL);
        return;
    }
    int64_t now = host_now();
    if (now - helper->output_allowance_at > 1000000000) {
        helper->output_allowance_at = now;
        helper->output_allowance = OUTPUT_BYTES_PER_SECOND;
    }
    if ((size_t)length > helper->output_allowance) return;
    helper->output_allowance -= (uint32_t)length;
    while (length > 0 && text[length - 1] == '\n') length--;
    syx_str line = {text, (size_t)length}, none = {"", 0};
    for (uint32_t i = 0; i < PROVIDERS; i++)
        if (helper->providers[i].used) {
            helper->core->log(helper->providers[i].handle, 0, SYX_LOG_INFO, line, none);
            return;
        }
}

/* ---- the end of a helper ---- */

static void describe(syrinx_helper *helper, const siginfo_t *info) {
    uint32_t call = atomic_load(&helper->shared->call), slot = atomic_load(&helper->shared->call_slot);
    syrinx_death *death = &helper->death;
    bool killed = info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED;
    char what[24];
    death->detail = info->si_status;
    pthread_mutex_lock(&helper->lock);
    bool stopping = helper->stopping, hung = helper->hung;
    pthread_mutex_unlock(&helper->lock);
    if (stopping) {
        death->cause = SYRINX_DEATH_STOPPED;
        snprintf(what, sizeof what, "stopped");
    } else if (helper->protocol_error) {
        death->cause = SYRINX_DEATH_PROTOCOL;
        snprintf(what, sizeof what, "nonsense in its ring");
    } else if (hung) {
        death->cause = SYRINX_DEATH_HANG;
        snprintf(what, sizeof what, "hang");
    } else if (killed) {
        const char *name = sigabbrev_np(info->si_status);
        death->cause = SYRINX_DEATH_SIGNAL;
        snprintf(what, sizeof what, "SIG%s", name ? name : "?");
    } else {
        death->cause = SYRINX_DEATH_EXIT;
        snprintf(what, sizeof what, "exit %d", info->si_status);
    }
    if (call == SYRINX_CALL_NONE || call >= SYRINX_CALL_COUNT)
        snprintf(death->doing, sizeof death->doing, "%s", what);
    else
        snprintf(death->doing, sizeof death->doing, "%s in %s, slot %u", what, syrinx_call_name(call), slot);
}

static void unwatch(syrinx_helper *helper) {
    if (!helper->registered) return;
    helper->registered = false;
    epoll_ctl(supervisor.epoll, EPOLL_CTL_DEL, helper->wake_host, NULL);
    epoll_ctl(supervisor.epoll, EPOLL_CTL_DEL, helper->pidfd, NULL);
    epoll_ctl(supervisor.epoll, EPOLL_CTL_DEL, helper->output, NULL);
    for (size_t i = 0; i < supervisor.count; i++)
        if (supervisor.helpers[i] == helper) {
            supervisor.helpers[i] = supervisor.helpers[--supervisor.count];
            return;
        }
}

static void died(syrinx_helper *helper) {
    siginfo_t info = {0};
    if (waitid((idtype_t)P_PIDFD, (id_t)helper->pidfd, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return;
    drain_the_rest(helper);
    describe(helper, &info);
    unwatch(helper);
    pthread_mutex_lock(&helper->lock);
    helper->state = HELPER_DEAD;
    pthread_cond_broadcast(&helper->changed);
    pthread_mutex_unlock(&helper->lock);
    host_fail_everything(helper);
    pthread_mutex_lock(&helper->lock);
    helper->gone = true;
    pthread_cond_broadcast(&helper->changed);
    pthread_mutex_unlock(&helper->lock);
}

/* ---- hangs ---- */

static int64_t ms(uint32_t milliseconds) { return (int64_t)milliseconds * 1000000; }

/* Under the lock: whether something waits for the helper, and whether it has waited too long. */
static bool examine(syrinx_helper *helper, int64_t now, bool *hangs) {
    uint64_t done = atomic_load_explicit(&helper->shared->done, memory_order_acquire);
    if (done != helper->seen_done) {
        helper->seen_done = done;
        helper->quiet_since = now;
    }
    bool waits = done != helper->sent || helper->outstanding_frames > 0 || helper->calls;
    *hangs = helper->outstanding_frames > 0 && now - helper->frames_since > ms(helper->options.rt_hang_ms);
    int64_t longest = 0;
    for (const waiting_call *call = helper->calls; call; call = call->next) {
        if (call->limit_ns > longest) longest = call->limit_ns;
        if (now - call->since > call->limit_ns) *hangs = true;
    }
    /* A provider that loads its models may keep all others of the helper waiting. */
    int64_t patience = longest > ms(helper->options.ctl_hang_ms) ? longest : ms(helper->options.ctl_hang_ms);
    if (longest > ms(helper->options.ctl_hang_ms) && *hangs && helper->outstanding_frames > 0
        && now - helper->quiet_since < longest)
        *hangs = false;
    if (done != helper->sent && now - helper->quiet_since > patience) *hangs = true;
    return waits;
}

/* Under the lock: that time does not count. */
static void forgive(syrinx_helper *helper, int64_t time) {
    helper->frames_since += time;
    helper->quiet_since += time;
    for (waiting_call *call = helper->calls; call; call = call->next) call->since += time;
}

static bool look_for_hangs(void) {
    static int64_t looked;
    static bool busy;
    int64_t now = host_now();
    /* Frames come far more often than a hang has to be looked for. */
    if (now - looked < (int64_t)LOOK_AGAIN_MS * 1000000) return busy;
    /* Who stood still himself cannot tell who hangs: the helpers may have had no processor either. */
    int64_t late = busy ? now - looked - 2 * ms(BUSY_CHECK_MS) : 0;
    looked = now;
    busy = false;
    for (size_t i = 0; i < supervisor.count; i++) {
        syrinx_helper *helper = supervisor.helpers[i];
        bool hangs = false;
        if (helper->io_unsent) host_flush_io(helper);
        pthread_mutex_lock(&helper->lock);
        if (late > 0) forgive(helper, late);
        host_send_closes(helper);
        host_send_cancels(helper);
        if (helper->state == HELPER_ALIVE && examine(helper, now, &hangs)) busy = true;
        pthread_mutex_unlock(&helper->lock);
        if (helper->state == HELPER_LOADING) busy = true;
        if (!hangs || helper->hung) continue;
        helper->hung = true;
        host_kill(helper);
    }
    return busy;
}

/* ---- commands of other threads ---- */

static int start_watching(syrinx_helper *helper) {
    if (supervisor.count == supervisor.capacity) {
        size_t capacity = supervisor.capacity ? supervisor.capacity * 2 : 16;
        syrinx_helper **grown = realloc(supervisor.helpers, capacity * sizeof *grown);
        if (!grown) return ENOMEM;
        supervisor.helpers = grown;
        supervisor.capacity = capacity;
    }
    int failure = host_spawn(helper);
    if (failure) return failure;
    supervisor.helpers[supervisor.count++] = helper;
    helper->registered = true;
    if (watch(helper->wake_host, helper, WATCH_WAKE) || watch(helper->pidfd, helper, WATCH_DEATH)
        || watch(helper->output, helper, WATCH_OUTPUT)) {
        failure = errno;
        siginfo_t ignored;
        host_kill(helper);
        waitid((idtype_t)P_PIDFD, (id_t)helper->pidfd, &ignored, WEXITED);
    }
    return failure;
}

static void obey(void) {
    for (;;) {
        pthread_mutex_lock(&supervisor.lock);
        command *next = supervisor.commands;
        if (next) supervisor.commands = next->next;
        pthread_mutex_unlock(&supervisor.lock);
        if (!next) return;
        int result = 0;
        if (next->forget)
            unwatch(next->helper);
        else
            result = start_watching(next->helper);
        pthread_mutex_lock(&supervisor.lock);
        next->result = result;
        next->done = true;
        pthread_cond_broadcast(&supervisor.finished);
        pthread_mutex_unlock(&supervisor.lock);
    }
}

static void *supervise(void *unused) {
    (void)unused;
    prctl(PR_SET_NAME, "syrinx-helpers");
    bool busy = false, more = false;
    for (;;) {
        struct epoll_event events[64];
        int timeout = more ? 0 : supervisor.count == 0 ? -1 : busy ? BUSY_CHECK_MS : IDLE_CHECK_MS;
        int count = epoll_wait(supervisor.epoll, events, 64, timeout);
        bool commanded = false;
        for (int i = 0; i < count; i++) {
            syrinx_helper *helper = (syrinx_helper *)(uintptr_t)(events[i].data.u64 & ~(uint64_t)7);
            switch ((enum watch)(events[i].data.u64 & 7)) {
            case WATCH_COMMAND: commanded = true; break;
            case WATCH_WAKE:
                helper->more = true;
                break;
            case WATCH_DEATH:
                if (helper->registered) died(helper);
                break;
            case WATCH_OUTPUT:
                if (helper->registered) pass_output(helper);
                break;
            }
        }
        if (commanded) {
            uint64_t ignored;
            if (read(supervisor.wake, &ignored, sizeof ignored) > 0) obey();
        }
        more = read_all();
        busy = look_for_hangs();
    }
    return NULL;
}

static void begin(void) {
    supervisor.epoll = epoll_create1(EPOLL_CLOEXEC);
    supervisor.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch(supervisor.wake, NULL, WATCH_COMMAND);
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, supervise, NULL) == 0) pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int ask(syrinx_helper *helper, bool forget) {
    pthread_once(&supervisor.once, begin);
    command mine = {.helper = helper, .forget = forget};
    uint64_t one = 1;
    pthread_mutex_lock(&supervisor.lock);
    mine.next = supervisor.commands;
    supervisor.commands = &mine;
    if (write(supervisor.wake, &one, sizeof one) < 0 && errno != EAGAIN) mine.result = errno;
    while (!mine.done) pthread_cond_wait(&supervisor.finished, &supervisor.lock);
    pthread_mutex_unlock(&supervisor.lock);
    return mine.result;
}

int host_supervise(syrinx_helper *helper) { return ask(helper, false); }
void host_forget(syrinx_helper *helper) { ask(helper, true); }
