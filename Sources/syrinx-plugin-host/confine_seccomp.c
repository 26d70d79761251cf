/* SPDX-License-Identifier: Apache-2.0
 *
 * The system calls that a helper may make: a list of what is allowed, for what is new in a kernel is then forbidden.
 *
 * Whatever is not on it answers EPERM; nothing kills the process. A library that merely tries something (a socket for
 * its log, a priority for its thread) goes on without it, as it would in any container, and one that attacks gains
 * nothing by being let live: the host ends helpers by what they do to their sessions. Refusals are not counted: a
 * handler of SIGSYS could, but a thread that blocks its signals, as runtimes' workers do, would be killed by it. Three
 * calls answer ENOSYS, because their callers then take an older one whose arguments a filter can see.
 *
 * Not prevented: to ask whether a file exists and how large it is (stat), and to use the CPU.
 *
 * W^X (PR_SET_MDWE) is not among the layers: a plugin is machine code of its author's choice already, and engines that
 * make code at run time, as libffi's closures do, would fail. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "confine_parts.h"

#define CALL(name) SCMP_SYS(name)
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Their arguments do not matter: they reach nothing outside the process but what is open already. */
static const int free_calls[] = {
    /* memory */
    CALL(brk), CALL(mmap), CALL(mmap2), CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise), CALL(mincore),
    CALL(msync), CALL(membarrier),
    /* threads and waiting */
    CALL(futex), CALL(set_robust_list), CALL(rseq), CALL(set_tid_address), CALL(sched_yield), CALL(sched_getaffinity),
    CALL(sched_getparam), CALL(sched_getscheduler), CALL(sched_get_priority_max), CALL(sched_get_priority_min),
    CALL(getcpu), CALL(gettid), CALL(arch_prctl), CALL(exit), CALL(exit_group), CALL(restart_syscall),
    /* time */
    CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(time),
    CALL(times), CALL(timer_create), CALL(timer_settime), CALL(timer_gettime), CALL(timer_getoverrun),
    CALL(timer_delete), CALL(timerfd_create), CALL(timerfd_settime), CALL(timerfd_gettime), CALL(setitimer),
    CALL(getitimer), CALL(alarm), CALL(pause),
    /* its own signals */
    CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigpending), CALL(rt_sigtimedwait),
    CALL(rt_sigsuspend), CALL(sigaltstack), CALL(signalfd4),
    /* what is open */
    CALL(read), CALL(readv), CALL(pread64), CALL(preadv), CALL(preadv2), CALL(write), CALL(writev), CALL(pwrite64),
    CALL(lseek), CALL(_llseek), CALL(close), CALL(close_range), CALL(dup), CALL(dup2), CALL(dup3), CALL(fstat),
    CALL(fstatfs), CALL(fadvise64), CALL(readahead), CALL(getdents), CALL(getdents64), CALL(recvfrom),
    CALL(pipe), CALL(pipe2), CALL(eventfd2), CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6),
    CALL(epoll_create), CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2),
    /* files in memory: engines that want a path get one in /proc/self/fd */
    CALL(memfd_create), CALL(ftruncate), CALL(fallocate),
    /* names of files: Landlock says which can be opened */
    CALL(stat), CALL(lstat), CALL(newfstatat), CALL(fstatat64), CALL(statx), CALL(statfs), CALL(access),
    CALL(faccessat), CALL(faccessat2), CALL(readlink), CALL(readlinkat), CALL(getcwd),
    /* questions */
    CALL(getpid), CALL(getppid), CALL(getpgrp), CALL(getpgid), CALL(getsid), CALL(getuid), CALL(geteuid), CALL(getgid),
    CALL(getegid), CALL(getresuid), CALL(getresgid), CALL(getgroups), CALL(capget), CALL(getrlimit), CALL(getrusage),
    CALL(getpriority), CALL(sysinfo), CALL(uname), CALL(getrandom),
};

/* Connections outwards, and datagrams from a port of its own: no listen, no accept. Pairs are for its own threads. */
static const int network_calls[] = {
    CALL(connect), CALL(bind), CALL(socketpair), CALL(sendto), CALL(shutdown), CALL(getsockopt), CALL(setsockopt), CALL(getsockname),
    CALL(getpeername), CALL(sendmsg), CALL(sendmmsg), CALL(recvmsg), CALL(recvmmsg),
};

/* The arguments of these are behind a pointer, where a filter cannot look. */
static const int hidden_calls[] = {CALL(clone3), CALL(openat2), CALL(io_uring_setup)};

/* F_SETOWN and F_SETSIG are not here: with O_ASYNC they send any signal to any process of the same user. */
static const int fcntl_commands[] = {
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GETLK, F_SETLK, F_SETLKW, F_GET_SEALS,
};
static const unsigned long ioctl_requests[] = {TCGETS, TIOCGWINSZ, FIONREAD, FIOCLEX, FIONCLEX};
static const unsigned long prctl_options[] = {PR_SET_NAME, PR_GET_NAME, 0x53564d41 /* PR_SET_VMA */};
static const int families[] = {AF_INET, AF_INET6}; /* AF_UNIX would reach the machine's own services */

static int add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count) {
    int error = 0;
    for (size_t i = 0; i < count; i++) error |= seccomp_rule_add_array(filter, action, calls[i], 0, NULL);
    return error;
}

/* Arguments of type int or unsigned: the upper half of the register is undefined, and the kernel ignores it. */
static int add_masked(scmp_filter_ctx filter, int call, unsigned argument, uint64_t mask, uint64_t value) {
    struct scmp_arg_cmp masked = {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &masked);
}

static int add_word(scmp_filter_ctx filter, int call, unsigned argument, uint64_t value) {
    return add_masked(filter, call, argument, 0xffffffff, value & 0xffffffff);
}

static int allow_reading(scmp_filter_ctx filter) {
    const uint64_t writing = (uint64_t)(O_ACCMODE | O_CREAT | O_TRUNC);
    int error = add_masked(filter, CALL(open), 1, writing, O_RDONLY);
    return error | add_masked(filter, CALL(openat), 2, writing, O_RDONLY);
}

/* Flags belong to what is open, not to who opened it: a helper that made the host's wake-up block, and filled it, would
 * stop the host. So descriptors can be made non-blocking, never blocking again, and FIONBIO is none of the ioctls. */
static int allow_non_blocking(scmp_filter_ctx filter) {
    struct scmp_arg_cmp setting[] = {
        {.arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xffffffff, .datum_b = F_SETFL},
        {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = O_NONBLOCK | O_ASYNC | O_DIRECT, .datum_b = O_NONBLOCK},
    };
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, CALL(fcntl), 2, setting);
}

/* A thread shares everything with its maker; a process, or one in another name space, does not. */
static int allow_threads(scmp_filter_ctx filter) {
    const uint64_t thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
    const uint64_t spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID
        | CLONE_NEWNET | CLONE_PTRACE;
    return add_masked(filter, CALL(clone), 0, thread | spaces, thread);
}

/* abort, raise and pthread_kill. */
static int allow_own_signals(scmp_filter_ctx filter) {
    uint64_t self = (uint64_t)getpid();
    return add_word(filter, CALL(kill), 0, self) | add_word(filter, CALL(tgkill), 0, self);
}

/* To read a limit of its own, not to set one, nor to ask for another's. */
static int allow_asking_limits(scmp_filter_ctx filter) {
    struct scmp_arg_cmp reading[] = {
        {.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xffffffff, .datum_b = 0},
        {.arg = 2, .op = SCMP_CMP_EQ, .datum_a = 0},
    };
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, CALL(prlimit64), 2, reading);
}

/* Over a socket that was handed to it, but to no other address than that socket's. */
static int allow_answering(scmp_filter_ctx filter) {
    struct scmp_arg_cmp nowhere = {.arg = 4, .op = SCMP_CMP_EQ, .datum_a = 0};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, CALL(sendto), 1, &nowhere);
}

static int allow_by_argument(scmp_filter_ctx filter, const syrinx_confinement *want) {
    int error = allow_reading(filter) | allow_threads(filter) | allow_own_signals(filter) | allow_asking_limits(filter);
    if (!want->allow_network) error |= allow_answering(filter);
    error |= allow_non_blocking(filter);
    for (size_t i = 0; i < COUNT(fcntl_commands); i++)
        error |= add_word(filter, CALL(fcntl), 1, (uint64_t)fcntl_commands[i]);
    for (size_t i = 0; i < COUNT(ioctl_requests); i++) error |= add_word(filter, CALL(ioctl), 1, ioctl_requests[i]);
    for (size_t i = 0; i < COUNT(prctl_options); i++) error |= add_word(filter, CALL(prctl), 0, prctl_options[i]);
    return error;
}

/* The kernel's list of interfaces and addresses (getifaddrs), to be read: to change it takes a capability. */
static int allow_asking_routes(scmp_filter_ctx filter) {
    struct scmp_arg_cmp routes[] = {
        {.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xffffffff, .datum_b = AF_NETLINK},
        {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xffffffff, .datum_b = 0 /* NETLINK_ROUTE */},
    };
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, CALL(socket), 2, routes);
}

static int allow_network(scmp_filter_ctx filter) {
    int error = add_all(filter, SCMP_ACT_ALLOW, network_calls, COUNT(network_calls)) | allow_asking_routes(filter);
    for (size_t i = 0; i < COUNT(families); i++) error |= add_word(filter, CALL(socket), 0, (uint64_t)families[i]);
    return error;
}

unsigned syrinx_confine_seccomp(const syrinx_confinement *want) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter) return 0;
    int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    error |= add_all(filter, SCMP_ACT_ALLOW, free_calls, COUNT(free_calls));
    error |= add_all(filter, SCMP_ACT_ERRNO(ENOSYS), hidden_calls, COUNT(hidden_calls));
    error |= allow_by_argument(filter, want);
    if (want->allow_network) error |= allow_network(filter);
    /* A list of so many calls is searched as a tree: a few comparisons a call instead of a hundred. */
    error |= seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (!error) error = seccomp_load(filter);
    if (error < 0) errno = -error;
    seccomp_release(filter);
    return error ? 0 : SYRINX_LAYER_SECCOMP;
}
