/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t ring_bytes(uint32_t sessions) { return sessions <= 4 ? 1u << 20 : 4u << 20; }

static int make_memory(syrinx_helper *helper) {
    uint64_t bytes = ring_bytes(helper->options.sessions);
    helper->shared_bytes = syrinx_shared_size(bytes, bytes);
    helper->memory_fd = memfd_create("syrinx-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (helper->memory_fd < 0 || ftruncate(helper->memory_fd, (off_t)helper->shared_bytes) != 0) return errno;
    /* A helper that shrinks the file would make the host's next access a SIGBUS. */
    fcntl(helper->memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    helper->shared = mmap(NULL, helper->shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, helper->memory_fd, 0);
    if (helper->shared == MAP_FAILED) return errno;
    helper->shared->magic = SYRINX_SHARED_MAGIC;
    helper->shared->slots = SYRINX_SLOTS;
    helper->shared->to_helper_bytes = helper->shared->to_host_bytes = bytes;
    helper->to = syrinx_ring_to_helper(helper->shared, bytes);
    helper->from = syrinx_ring_to_host(helper->shared, bytes, bytes);
    /* The reader on this side sleeps in epoll until it is woken for the first time. */
    atomic_store(&helper->shared->to_host.asleep, 1);
    helper->message = malloc(syrinx_ring_limit(&helper->from));
    return helper->message ? 0 : ENOMEM;
}

/* posix_spawn's dup2 may overwrite a source that lies in the target range: move all above it first. */
static int above(int fd) {
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    close(fd);
    return moved;
}

static int start(syrinx_helper *helper, int lifeline, int output) {
    char numbers[7][24];
    const syrinx_confinement *limits = &helper->options.confinement;
    snprintf(numbers[0], sizeof numbers[0], "%u", helper->options.workers);
    snprintf(numbers[1], sizeof numbers[1], "%llu", (unsigned long long)limits->memory_bytes);
    snprintf(numbers[2], sizeof numbers[2], "%u", limits->open_files);
    snprintf(numbers[3], sizeof numbers[3], "%u", limits->processes);
    char *arguments[] = {(char *)"syrinx-plugin-host", helper->name, (char *)(uintptr_t)helper->options.module,
        (char *)(uintptr_t)helper->options.data_dir, (char *)(helper->options.virtual_clock ? "1" : "0"), numbers[0],
        numbers[1], numbers[2], numbers[3], (char *)(limits->allow_network ? "1" : "0"),
        (char *)(limits->unconfined ? "1" : "0"), (char *)(helper->options.bound ? "1" : "0"),
        (char *)(uintptr_t)(limits->readable ? limits->readable : ""), NULL};
    /* Nothing of the host's environment: it may hold secrets. A crash is the host's to report, not the runtime's. */
    char *environment[] = {(char *)"SWIFT_BACKTRACE=enable=no", (char *)"HOME=/nonexistent", (char *)"LC_ALL=C.UTF-8",
        (char *)"PATH=/usr/bin:/bin", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    posix_spawn_file_actions_adddup2(&actions, helper->memory_fd, 3);
    posix_spawn_file_actions_adddup2(&actions, helper->wake_host, 4);
    posix_spawn_file_actions_adddup2(&actions, lifeline, 5);
    posix_spawn_file_actions_addclosefrom_np(&actions, 6);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    int failure
        = posix_spawn(&helper->pid, helper->options.program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure) return failure;
    /* Nobody but this thread waits for the child, so its number cannot have been given away yet. */
    helper->pidfd = (int)syscall(SYS_pidfd_open, helper->pid, 0);
    return helper->pidfd >= 0 ? 0 : errno;
}

int host_spawn(syrinx_helper *helper) {
    int failure = make_memory(helper);
    if (failure) return failure;
    int life[2], output[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, life) != 0) return errno;
    helper->lifeline = life[0];
    if (pipe2(output, O_CLOEXEC | O_NONBLOCK) != 0) {
        close(life[1]);
        return errno;
    }
    helper->output = output[0];
    helper->wake_host = above(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    helper->memory_fd = above(helper->memory_fd);
    int theirs = above(life[1]), out = above(output[1]);
    failure = start(helper, theirs, out);
    close(theirs);
    close(out);
    close(helper->memory_fd);
    helper->memory_fd = -1;
    return failure;
}
