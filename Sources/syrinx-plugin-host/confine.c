/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which a helper is shut in. What needs rights comes first, what takes them away later, the filter of
 * system calls last, for it forbids all of this. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine_parts.h"

enum { DEFAULT_FILES = 64, DEFAULT_THREADS = 64, NOBODY = 65534 };
static const uint64_t default_memory = UINT64_C(2) << 30;

static unsigned in_force;
static bool threads_are_counted;

unsigned syrinx_confined_layers(void) { return in_force; }

void syrinx_layers_text(unsigned layers, char *text, size_t capacity) {
    static const struct {
        unsigned layer;
        const char *name;
    } names[] = {
        {SYRINX_LAYER_SECCOMP, "seccomp"},     {SYRINX_LAYER_LANDLOCK, "landlock"},
        {SYRINX_LAYER_SCOPE, "scope"},         {SYRINX_LAYER_NETWORK, "network"},
        {SYRINX_LAYER_USER, "user"},           {SYRINX_LAYER_CAPABILITIES, "capabilities"},
        {SYRINX_LAYER_LIMITS, "limits"},       {SYRINX_LAYER_THREADS, "threads"},
        {SYRINX_LAYER_NO_NEW_PRIVS, "no-new-privs"},
    };
    size_t used = 0;
    if (capacity) text[0] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names && used < capacity; i++) {
        if (!(layers & names[i].layer)) continue;
        int n = snprintf(text + used, capacity - used, "%s%s", used ? ", " : "", names[i].name);
        used += n > 0 ? (size_t)n : 0;
    }
}

static int fail(char *error, size_t capacity, const char *what) {
    if (capacity) snprintf(error, capacity, "%s: %s", what, strerror(errno));
    return -1;
}

static bool limit(int resource, uint64_t value) {
    struct rlimit old;
    if (getrlimit(resource, &old) != 0) return false;
    if (old.rlim_max < value) value = old.rlim_max; /* never more than the host itself may */
    struct rlimit new = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &new) == 0;
}

/* ------------------------------------------------------------------------------------------------- name spaces -- */

/* A fresh user name space maps nobody, so there is no user to change to, no right reaches outside it, and the number of
 * threads is counted in it alone. For root that count is never enforced; its real id is therefore another one. Files
 * are opened by the effective id, which stays. */
static unsigned enter_user_space(bool isolate_network) {
    if (geteuid() == 0) {
        (void)setgroups(0, NULL);
        (void)syscall(SYS_setresuid, NOBODY, -1, -1);
    }
    threads_are_counted = getuid() != 0;
    int network = isolate_network ? CLONE_NEWNET : 0;
    if (unshare(CLONE_NEWUSER | network) == 0) return SYRINX_LAYER_USER | (network ? SYRINX_LAYER_NETWORK : 0);
    if (network && unshare(CLONE_NEWNET) == 0) return SYRINX_LAYER_NETWORK; /* root where user name spaces are off */
    return unshare(CLONE_NEWUSER) == 0 ? SYRINX_LAYER_USER : 0;
}

/* ------------------------------------------------------------------------------------------------ capabilities -- */

static unsigned drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++) (void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
    return syscall(SYS_capset, &header, none) == 0 ? SYRINX_LAYER_CAPABILITIES : 0;
}

/* ------------------------------------------------------------------------------------------------------ limits -- */

/* Files in memory (memfd_create) are the only ones that can be written, and no other limit counts them: all that may be
 * open at once are together as large as the memory. The limit of threads counts per user; only in a
 * user name space of its own is that the helper alone. */
static unsigned set_limits(const syrinx_confinement *want) {
    uint64_t memory = want->memory_bytes ? want->memory_bytes : default_memory;
    uint64_t files = want->open_files ? want->open_files : DEFAULT_FILES;
    if (!limit(RLIMIT_AS, memory) || !limit(RLIMIT_NOFILE, files)) return 0;
    if (!limit(RLIMIT_FSIZE, memory / files) || signal(SIGXFSZ, SIG_IGN) == SIG_ERR) return 0;
    if (!(in_force & SYRINX_LAYER_USER) || !threads_are_counted) return SYRINX_LAYER_LIMITS;
    bool threads = limit(RLIMIT_NPROC, want->processes ? want->processes : DEFAULT_THREADS);
    return SYRINX_LAYER_LIMITS | (threads ? SYRINX_LAYER_THREADS : 0);
}

/* ------------------------------------------------------------------------------------------------------- order -- */

static int check_data_dir(const char *data_dir, char *error, size_t capacity) {
    if (!data_dir || !*data_dir || faccessat(AT_FDCWD, data_dir, R_OK | X_OK, AT_EACCESS) == 0) return 0;
    char what[256];
    snprintf(what, sizeof what, "the plugin's folder %.200s cannot be read", data_dir);
    return fail(error, capacity, what);
}

static int shut_in(
    const syrinx_confinement *want, const char *data_dir, const char *module, char *error, size_t capacity) {
    in_force |= enter_user_space(!want->allow_network);
    in_force |= syrinx_confine_landlock(want, data_dir, module);
    in_force |= drop_capabilities();
    if (check_data_dir(data_dir, error, capacity) != 0) return -1;
    unsigned limits = set_limits(want);
    if (!limits) return fail(error, capacity, "the helper's limits cannot be set");
    in_force |= limits;
    /* Not dumpable: nobody of the same user may look into it, and its files in /proc belong to root. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail(error, capacity, "the helper stays traceable");
    return 0;
}

/* The kernel forgets the parent-death signal when a process changes its rights; the parent may have died meanwhile. */
static void restore_parent_death(int signal_number, pid_t parent) {
    if (signal_number == 0) return;
    (void)prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0);
    if (getppid() != parent) raise(signal_number);
}

int syrinx_confine(const syrinx_confinement *want, const char *data_dir, const char *module, char *error,
                   size_t capacity) {
    int death_signal = 0;
    pid_t parent = getppid();
    (void)prctl(PR_GET_PDEATHSIG, &death_signal, 0, 0, 0);
    in_force = 0;
    if (capacity) error[0] = 0;
    if (!limit(RLIMIT_CORE, 0)) return fail(error, capacity, "core files cannot be switched off");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(error, capacity, "no-new-privs is refused");
    in_force = SYRINX_LAYER_NO_NEW_PRIVS;
    if (want->unconfined) return 0;
    if (shut_in(want, data_dir, module, error, capacity) != 0) return -1;
    restore_parent_death(death_signal, parent);
    unsigned filter = syrinx_confine_seccomp(want);
    if (!filter) return fail(error, capacity, "the filter of system calls is refused");
    in_force |= filter;
    return 0;
}
