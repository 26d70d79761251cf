/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that take what the machine has, and attempts that an isolated plugin must fail at. None harms by itself: what
 * succeeded is undone, and said in the log. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaos.h"

/* Reachable, so that no tool takes it for garbage it may collect, and touched, so that it costs memory. */
static void leak(uint32_t bytes) {
    static void *_Atomic newest;
    void **block = malloc(bytes < sizeof(void *) ? sizeof(void *) : bytes);
    if (!block) return;
    memset(block, 0x5a, bytes);
    *block = atomic_exchange(&newest, block);
}

static void leak_files(uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (eventfd(0, EFD_CLOEXEC) < 0) return;
}

static void *sleep_for_ever(void *argument) {
    for (;;) pause();
    return argument;
}

static void leak_threads(uint32_t count) {
    pthread_t thread;
    for (uint32_t i = 0; i < count; i++)
        if (pthread_create(&thread, NULL, sleep_for_ever, NULL) != 0) return;
}

static bool can_fork(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
    return child > 0;
}

static bool can_open(int fd) {
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static void tell(syx_provider *p, syx_session *s, const char *what, bool succeeded) {
    syx_logf(p->core, p->host, s ? s->host : 0, succeeded ? SYX_LOG_WARNING : SYX_LOG_NOTICE, "chaos: %s %s", what,
             succeeded ? "succeeded" : "was refused");
}

static void escape(syx_provider *p, syx_session *s) {
    tell(p, s, "fork", can_fork());
    tell(p, s, "socket", can_open(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    tell(p, s, "reading /etc/passwd", can_open(open("/etc/passwd", O_RDONLY | O_CLOEXEC)));
    tell(p, s, "writing to /tmp", can_open(open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)));
}

void chaos_exhaust(syx_provider *p, syx_session *s) {
    switch (p->options.fault) {
    case FAULT_leak: leak(p->options.bytes); break;
    case FAULT_leak_fds: leak_files(p->options.count); break;
    case FAULT_leak_threads: leak_threads(p->options.count); break;
    case FAULT_fork_bomb: tell(p, s, "fork", can_fork()); break;
    case FAULT_escape: escape(p, s); break;
    default: break;
    }
}
