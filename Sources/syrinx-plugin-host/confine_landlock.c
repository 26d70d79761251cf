/* SPDX-License-Identifier: Apache-2.0
 *
 * Landlock (Linux 5.13): which files may be read. Nothing may be written, made, removed or executed. Older kernels lack
 * it, and newer ones have more of it, so the rights are those of the kernel's own version; constants stand here because
 * the headers of a distribution are often older than its kernel. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine_parts.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum {
    ASK_VERSION = 1,
    RULE_BENEATH = 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    ALL_RIGHTS_1 = (1 << 13) - 1, /* execute ... make_sym */
    RIGHT_REFER = 1 << 13,        /* version 2 */
    RIGHT_TRUNCATE = 1 << 14,     /* version 3 */
    RIGHT_IOCTL = 1 << 15,        /* version 5 */
    NET_BIND_CONNECT = 3,         /* version 4 */
    SCOPE_SOCKET_SIGNAL = 3       /* version 6 */
};

struct ruleset {
    uint64_t rights, network, scope;
};

struct beneath {
    uint64_t rights;
    int32_t folder;
} __attribute__((packed));

/* What the loader, the C library and language runtimes read. */
static const char *const readable[] = {
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/usr/local/share",
    "/opt/swift/usr/lib", "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/dev/null", "/dev/zero",
    "/dev/urandom", "/dev/random", "/proc/self/maps", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
};

/* Only with a network: names, and whom to trust. */
static const char *const readable_with_network[] = {
    "/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
    "/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/run/systemd/resolve",
};

/* A path that does not exist needs no rule. */
static void allow(int ruleset, const char *path) {
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return;
    if (fstat(fd, &st) == 0) {
        struct beneath rule = {.rights = READ_FILE | (S_ISDIR(st.st_mode) ? READ_DIR : 0), .folder = fd};
        (void)syscall(SYS_landlock_add_rule, ruleset, RULE_BENEATH, &rule, 0);
    }
    close(fd);
}

/* Every absolute path of a list. */
static void allow_each(int ruleset, const char *list, const char *separators) {
    char *copy = list ? strdup(list) : NULL, *rest = NULL;
    if (!copy) return;
    for (char *path = strtok_r(copy, separators, &rest); path; path = strtok_r(NULL, separators, &rest))
        if (path[0] == '/') allow(ruleset, path);
    free(copy);
}

/* LD_LIBRARY_PATH comes from the host, and the loader trusts it too; a plugin's RUNPATH is not followed. */
static void allow_library_path(int ruleset) { allow_each(ruleset, getenv("LD_LIBRARY_PATH"), ":;"); }

/* bin/syrinx-plugin-host -> lib: the runtime that a moved tree carries with it. */
static void allow_own_libraries(int ruleset) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof "/../lib");
    if (n <= 0) return;
    path[n] = 0;
    char *slash = strrchr(path, '/');
    if (!slash) return;
    strcpy(slash, "/../lib");
    allow(ruleset, path);
}

static void allow_all(int ruleset, const syrinx_confinement *want, const char *data_dir, const char *module) {
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) allow(ruleset, readable[i]);
    for (size_t i = 0; want->allow_network && i < sizeof readable_with_network / sizeof *readable_with_network; i++)
        allow(ruleset, readable_with_network[i]);
    allow_library_path(ruleset);
    allow_own_libraries(ruleset);
    if (data_dir && *data_dir) allow(ruleset, data_dir);
    if (module && *module) allow(ruleset, module);
    allow_each(ruleset, want->readable, "\n");
}

static size_t describe(int version, const syrinx_confinement *want, struct ruleset *rules) {
    rules->rights = ALL_RIGHTS_1;
    if (version >= 2) rules->rights |= RIGHT_REFER;
    if (version >= 3) rules->rights |= RIGHT_TRUNCATE;
    if (version >= 5) rules->rights |= RIGHT_IOCTL;
    rules->network = version >= 4 && !want->allow_network ? NET_BIND_CONNECT : 0;
    rules->scope = version >= 6 ? SCOPE_SOCKET_SIGNAL : 0;
    return version >= 6 ? sizeof *rules : version >= 4 ? 16 : 8;
}

unsigned syrinx_confine_landlock(const syrinx_confinement *want, const char *data_dir, const char *module) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    if (version < 1) return 0;
    struct ruleset rules;
    size_t size = describe((int)version, want, &rules);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0) return 0;
    allow_all(ruleset, want, data_dir, module);
    long done = syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
    if (done != 0) return 0;
    return SYRINX_LAYER_LANDLOCK | (rules.scope ? SYRINX_LAYER_SCOPE : 0);
}
