/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx-plugin-host: holds a plugin's module for a host that does not trust it. Started by the host only, with its
 * memory and wake-ups on fixed descriptors; see syrinx_isolation.h. */
#include "confine.h"
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FD_MEMORY = 3, FD_WAKE_HOST = 4, FD_LIFELINE = 5 };

helper_process helper = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

void helper_enter(uint32_t call, uint32_t slot, uint32_t event) {
    atomic_store_explicit(&helper.shared->call_slot, slot, memory_order_relaxed);
    atomic_store_explicit(&helper.shared->call_event, event, memory_order_relaxed);
    atomic_store_explicit(&helper.shared->call, call, memory_order_release);
}

void helper_leave(void) { atomic_store_explicit(&helper.shared->call, SYRINX_CALL_NONE, memory_order_release); }

static bool map_memory(void) {
    struct stat status;
    if (fstat(FD_MEMORY, &status) != 0 || status.st_size < (off_t)sizeof(syrinx_shared)) return false;
    syrinx_shared *shared = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, FD_MEMORY, 0);
    if (shared == MAP_FAILED || shared->magic != SYRINX_SHARED_MAGIC || shared->slots != SYRINX_SLOTS) return false;
    uint64_t in = shared->to_helper_bytes, out = shared->to_host_bytes;
    if (syrinx_shared_size(in, out) != (size_t)status.st_size) return false;
    close(FD_MEMORY);
    helper.shared = shared;
    helper.in = syrinx_ring_to_helper(shared, in);
    helper.out = syrinx_ring_to_host(shared, in, out);
    helper.message = malloc(syrinx_ring_limit(&helper.in));
    return helper.message != NULL;
}

/* Waits for a message, a finished task, or the host's end. */
static void sleep_until_woken(void) {
    if (!syrinx_ring_may_sleep(&helper.in)) return;
    struct pollfd wait[2] = {{.fd = helper.wake_self, .events = POLLIN}, {.fd = helper.lifeline, .events = POLLIN}};
    /* Nobody wakes a helper when the host has made room for its events. */
    int limit_ms = helper_some_starve() || helper_io_waits() ? 1 : -1;
    while (poll(wait, 2, limit_ms) < 0 && errno == EINTR) {}
    syrinx_ring_awake(&helper.in);
    char wakes[64];
    if (wait[1].revents && recv(helper.lifeline, wakes, sizeof wakes, MSG_DONTWAIT) == 0) _exit(0);
    uint64_t count;
    if (wait[0].revents && read(helper.wake_self, &count, sizeof count) < 0 && errno != EAGAIN) _exit(0);
}

static void serve(void) {
    while (!helper.stop) {
        int got = syrinx_ring_read(&helper.in, helper.message);
        if (got < 0) _exit(3);
        helper_tell_frames(got > 0 && ((const syrinx_head *)helper.message)->type == SYRINX_MSG_FRAME);
        if (got > 0) {
            helper_handle_message(helper.message);
            atomic_fetch_add_explicit(&helper.shared->done, 1, memory_order_release);
        }
        helper_deliver_finished();
        helper_deliver_writable();
        helper_deliver_io();
        if (got == 0) sleep_until_woken();
    }
}

static uint64_t number(const char *text) { return strtoull(text, NULL, 10); }

static syrinx_confinement confinement_of(char **arguments) {
    return (syrinx_confinement){.memory_bytes = number(arguments[0]), .open_files = (uint32_t)number(arguments[1]),
        .processes = (uint32_t)number(arguments[2]), .allow_network = number(arguments[3]) != 0,
        .unconfined = number(arguments[4]) != 0, .readable = arguments[6]};
}

static void fail(const char *code, const char *why) {
    syx_str texts[2] = {{code, strlen(code)}, {why, strlen(why)}};
    syrinx_wire_strings lengths = {0};
    struct iovec parts[3] = {{&lengths, sizeof lengths}};
    syrinx_string_parts(texts, 2, &lengths, parts + 1);
    helper_send(SYRINX_MSG_FAILED, 0, 0, parts, 3);
}

/* Memory of the host's that holds the module: opened while that is still allowed, loaded by our own number for it. */
static char own_path[64];
static const char *open_module(const char *path) {
    if (strncmp(path, "/proc/", 6) != 0) return path;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return path;
    snprintf(own_path, sizeof own_path, "/proc/self/fd/%d", fd);
    return own_path;
}

/* Arguments: name, module, data folder, virtual clock, workers, memory, files, processes, network, unconfined, bound,
 * readable paths. */
int main(int count, char **arguments) {
    if (count != 13) {
        fputs("syrinx-plugin-host is started by syrinx; it is of no use by itself\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* A host that died before that line sends no signal any more. */
    struct pollfd line = {.fd = FD_LIFELINE, .events = POLLIN};
    if (poll(&line, 1, 0) > 0 && (line.revents & POLLHUP)) return 2;
    prctl(PR_SET_NAME, arguments[1]);
    signal(SIGPIPE, SIG_IGN);
    if (!map_memory()) return 2;
    helper.wake_self = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (helper.wake_self < 0) return 2;
    helper.wake_host = FD_WAKE_HOST;
    helper.lifeline = FD_LIFELINE;
    helper.data_dir = arguments[3];
    helper.virtual_clock = number(arguments[4]) != 0;
    helper.workers = (uint32_t)number(arguments[5]);
    helper.core = helper_core();
    const char *module = open_module(arguments[2]);
    syrinx_confinement limits = confinement_of(arguments + 6);
    if (!limits.unconfined && syrinx_confine(&limits, helper.data_dir, module, helper.confinement, sizeof helper.confinement)) {
        fail("plugin.isolation.confine", helper.confinement);
        return 2;
    }
    syrinx_layers_text(syrinx_confined_layers(), helper.confinement, sizeof helper.confinement);
    if (!helper_load(module, number(arguments[11]) != 0)) return 2;
    helper_start_workers();
    serve();
    return 0;
}
