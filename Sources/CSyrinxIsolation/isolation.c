/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint32_t or_default(uint32_t value, uint32_t otherwise) { return value ? value : otherwise; }

static char *copy(const char *text) { return strdup(text ? text : ""); }

static syrinx_helper *make(
    const syrinx_helper_options *options, const syrinx_helper_callbacks *callbacks, const syx_core *core) {
    /* Aligned, since the supervisor hides two bits in the pointer; zeroed. */
    syrinx_helper *helper = aligned_alloc(64, (sizeof *helper + 63) & ~(size_t)63);
    if (!helper) return NULL;
    memset(helper, 0, sizeof *helper);
    helper->options = *options;
    syrinx_helper_options *kept = &helper->options;
    kept->program = copy(options->program);
    kept->module = copy(options->module);
    kept->data_dir = copy(options->data_dir);
    kept->confinement.readable = copy(options->confinement.readable);
    helper->name = copy(options->name);
    kept->sessions = options->sessions && options->sessions <= SYRINX_SLOTS ? options->sessions : SYRINX_SLOTS;
    kept->workers = kept->deny_work ? 0 : or_default(options->workers, 2);
    kept->rt_hang_ms = or_default(options->rt_hang_ms, 250);
    kept->ctl_hang_ms = or_default(options->ctl_hang_ms, 2000);
    kept->load_ms = or_default(options->load_ms, 10000);
    kept->open_ms = or_default(options->open_ms, 30000);
    syrinx_confinement *limits = &kept->confinement;
    limits->memory_bytes = limits->memory_bytes ? limits->memory_bytes : (uint64_t)2 << 30;
    limits->open_files = or_default(limits->open_files, 64);
    limits->processes = or_default(limits->processes, 64);
    if (callbacks) helper->callbacks = *callbacks;
    helper->core = core;
    helper->memory_fd = helper->wake_host = helper->lifeline = helper->output = helper->pidfd = -1;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&helper->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&helper->lock, NULL);
    helper->sessions = calloc(kept->sessions, sizeof *helper->sessions);
    for (uint32_t i = 0; helper->sessions && i < kept->sessions; i++) {
        proxy_session *session = &helper->sessions[i];
        session->helper = helper;
        session->slot = i;
        session->last = &session->first;
        pthread_mutex_init(&session->order, NULL);
        pthread_mutex_init(&session->io, NULL);
    }
    return helper;
}

static struct timespec after(uint32_t milliseconds) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t nanoseconds = at.tv_nsec + (int64_t)(milliseconds % 1000) * 1000000;
    at.tv_sec += milliseconds / 1000 + nanoseconds / 1000000000;
    at.tv_nsec = nanoseconds % 1000000000;
    return at;
}

/* Waits until the table is complete, the helper has failed, or it is dead. */
static bool wait_until_loaded(syrinx_helper *helper) {
    struct timespec until = after(helper->options.load_ms);
    pthread_mutex_lock(&helper->lock);
    while (helper->state == HELPER_LOADING && !helper->failed)
        if (pthread_cond_timedwait(&helper->changed, &helper->lock, &until) == ETIMEDOUT) {
            /* It may have come while this thread waited for the lock. */
            helper->hung = helper->state == HELPER_LOADING && !helper->failed;
            break;
        }
    bool alive = helper->taken = helper->state == HELPER_ALIVE;
    pthread_mutex_unlock(&helper->lock);
    return alive;
}

static void wait_until_gone(syrinx_helper *helper, uint32_t limit_ms) {
    struct timespec until = after(limit_ms);
    pthread_mutex_lock(&helper->lock);
    while (!helper->gone)
        if (pthread_cond_timedwait(&helper->changed, &helper->lock, &until) == ETIMEDOUT) break;
    pthread_mutex_unlock(&helper->lock);
}

static void release(syrinx_helper *helper) {
    int descriptors[] = {helper->memory_fd, helper->wake_host, helper->lifeline, helper->output, helper->pidfd};
    for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
        if (descriptors[i] >= 0) close(descriptors[i]);
    if (helper->shared && helper->shared != MAP_FAILED) munmap(helper->shared, helper->shared_bytes);
    for (uint32_t i = 0; helper->sessions && i < helper->options.sessions; i++) {
        host_free_io(&helper->sessions[i]);
        pthread_mutex_destroy(&helper->sessions[i].order);
        pthread_mutex_destroy(&helper->sessions[i].io);
    }
    free(helper->sessions);
    pthread_mutex_destroy(&helper->lock);
    pthread_cond_destroy(&helper->changed);
    host_free_table(helper);
    while (helper->calls) host_end_call(helper, helper->calls);
    free(helper->message);
    free((void *)(uintptr_t)helper->options.program);
    free((void *)(uintptr_t)helper->options.module);
    free((void *)(uintptr_t)helper->options.data_dir);
    free((void *)(uintptr_t)helper->options.confinement.readable);
    free(helper->name);
    free(helper);
}

static void explain(syrinx_helper *helper, const char **code, char *error, size_t capacity) {
    static const char *const codes[] = {"plugin.probe.stopped", "plugin.probe.exited", "plugin.probe.crashed",
        "plugin.probe.timeout", "plugin.probe.nonsense"};
    if (helper->failed) {
        /* Codes must be immortal; a helper can only name one that the host knows. */
        static const char *const known[] = {"plugin.load.open_failed", "plugin.load.no_entry", "plugin.load.init_failed",
            "plugin.abi.bad_magic", "plugin.abi.truncated_table", "plugin.abi.newer_major", "plugin.abi.older_major",
            "plugin.abi.missing_function", "plugin.isolation.confine"};
        *code = "plugin.bind.invalid";
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strcmp(helper->failure_code, known[i]) == 0) *code = known[i];
        if (strncmp(helper->failure_code, "plugin.bind.", 12) != 0 && strcmp(*code, "plugin.bind.invalid") == 0)
            *code = "plugin.probe.nonsense";
        snprintf(error, capacity, "%s", helper->failure);
        return;
    }
    *code = codes[helper->death.cause];
    snprintf(error, capacity, "the plugin's code ended the process that tried it (%s)", helper->death.doing);
}

syrinx_helper *syrinx_helper_start(const syrinx_helper_options *options, const syrinx_helper_callbacks *callbacks,
    const syx_core *core, syrinx_death *death, const char **code, char *error, size_t capacity) {
    syrinx_helper *helper = make(options, callbacks, core);
    if (!helper || !helper->sessions) {
        if (helper) release(helper);
        *code = "plugin.isolation.spawn_failed";
        snprintf(error, capacity, "out of memory");
        return NULL;
    }
    int failure = host_supervise(helper);
    if (failure) {
        *code = "plugin.isolation.spawn_failed";
        snprintf(error, capacity, "%s: %s", helper->options.program, strerror(failure));
        if (helper->pidfd >= 0) host_kill(helper);
        host_forget(helper);
        release(helper);
        return NULL;
    }
    if (wait_until_loaded(helper)) return helper;
    host_kill(helper);
    wait_until_gone(helper, 2000);
    explain(helper, code, error, capacity);
    if (death) *death = helper->death;
    host_forget(helper);
    release(helper);
    return NULL;
}

const syx_module *syrinx_helper_module(const syrinx_helper *helper) { return &helper->module; }

const char *syrinx_helper_confinement(const syrinx_helper *helper) { return helper->confinement; }

int syrinx_helper_pid(const syrinx_helper *helper) { return helper->pid; }

bool syrinx_helper_alive(const syrinx_helper *helper) {
    syrinx_helper *locked = (syrinx_helper *)(uintptr_t)helper;
    pthread_mutex_lock(&locked->lock);
    bool alive = helper->state == HELPER_ALIVE;
    pthread_mutex_unlock(&locked->lock);
    return alive;
}

void syrinx_helper_kill(syrinx_helper *helper) { host_kill(helper); }

void syrinx_helper_free(syrinx_helper *helper) {
    if (!helper) return;
    pthread_mutex_lock(&helper->lock);
    helper->stopping = true;
    bool alive = helper->state == HELPER_ALIVE;
    if (alive) {
        syrinx_head head = {.type = SYRINX_MSG_STOP};
        syrinx_ring_write(&helper->to, &head, NULL, 0);
        helper->sent++;
        host_wake(helper);
    }
    pthread_mutex_unlock(&helper->lock);
    if (alive) wait_until_gone(helper, 1000);
    host_kill(helper);
    wait_until_gone(helper, 2000);
    host_forget(helper);
    release(helper);
}

void syrinx_helper_set_clock(syrinx_helper *helper, int64_t now_ns) {
    atomic_store_explicit(&helper->shared->clock, now_ns, memory_order_release);
}

static bool is_settled(syrinx_helper *helper) {
    pthread_mutex_lock(&helper->lock);
    bool dead = helper->gone;
    bool done = helper->sent == atomic_load(&helper->shared->done);
    pthread_mutex_unlock(&helper->lock);
    /* Order matters: a task that ends writes its events before it stops counting. */
    return dead
        || (done && atomic_load(&helper->shared->unsettled) == 0
            && atomic_load(&helper->shared->to_host.head) == atomic_load(&helper->shared->to_host.tail)
            && atomic_load(&helper->shared->to_host.asleep) != 0);
}

bool syrinx_helper_settle(syrinx_helper *helper, uint32_t limit_ms) {
    int64_t until = host_now() + (int64_t)limit_ms * 1000000;
    while (!is_settled(helper)) {
        if (host_now() > until) return false;
        struct timespec moment = {.tv_nsec = 50000};
        nanosleep(&moment, NULL);
    }
    return true;
}

syrinx_helper_stats syrinx_helper_read_stats(const syrinx_helper *helper) {
    syrinx_helper *locked = (syrinx_helper *)(uintptr_t)helper;
    pthread_mutex_lock(&locked->lock);
    syrinx_helper_stats stats = helper->stats;
    pthread_mutex_unlock(&locked->lock);
    return stats;
}
