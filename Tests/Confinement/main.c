/* SPDX-License-Identifier: Apache-2.0
 *
 * Shuts children in, in several manners, and lets them try everything. Some attempts are prevented by one layer alone,
 * which a kernel may lack: they are not tried then, and counted. */
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "confine.h"
#include "confinement.h"

surroundings world;
static char root_dir[] = "/tmp/syrinx-confinement-XXXXXX", data_dir[40], other_dir[40], socket_path[48];
static int failures;

static void put(const char *folder, const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file) fputs(text, file), fclose(file);
    chmod(path, 0666);
}

static int listen_on(int family, const struct sockaddr *address, socklen_t size) {
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, address, size) != 0 || listen(fd, 8) != 0) perror("listener"), exit(2);
    return fd;
}

/* Everything that a child must not reach is there, and open to all: only the confinement stands between. */
static void prepare(void) {
    if (!mkdtemp(root_dir)) perror("mkdtemp"), exit(2);
    chmod(root_dir, 0755);
    snprintf(data_dir, sizeof data_dir, "%s/data", root_dir);
    snprintf(other_dir, sizeof other_dir, "%s/other", root_dir);
    snprintf(socket_path, sizeof socket_path, "%s/socket", other_dir);
    mkdir(data_dir, 0755), mkdir(other_dir, 0755);
    chmod(data_dir, 0777), chmod(other_dir, 0777);
    put(data_dir, "words", "hello\n");
    put(other_dir, "secret", "secret\n");
    char link_path[128], target[128];
    snprintf(link_path, sizeof link_path, "%s/link-out", data_dir);
    snprintf(target, sizeof target, "%s/secret", other_dir);
    if (symlink(target, link_path) != 0) perror("symlink"), exit(2);
    struct sockaddr_in tcp = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = listen_on(AF_INET, (struct sockaddr *)&tcp, sizeof tcp);
    socklen_t size = sizeof tcp;
    getsockname(listener, (struct sockaddr *)&tcp, &size);
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    snprintf(local.sun_path, sizeof local.sun_path, "%s", socket_path);
    listen_on(AF_UNIX, (struct sockaddr *)&local, sizeof local);
    chmod(socket_path, 0777);
    world = (surroundings){getpid(), data_dir, other_dir, ntohs(tcp.sin_port), socket_path};
}

static void clean(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", root_dir);
    if (system(command) != 0) fprintf(stderr, "left behind: %s\n", root_dir);
}

/* ------------------------------------------------------------------------------------------------- the children -- */

/* How a child is shut in. */
typedef struct {
    const char *name;
    uid_t uid;
    bool unconfined, network, poor; /* poor: a kernel or container that refuses name spaces and Landlock */
} manner;

static const manner manners[] = {
    {.name = "as it is"},
    {.name = "as an ordinary user", .uid = 12345},
    {.name = "with a network", .network = true},
    {.name = "where little is granted", .poor = true},
    {.name = "not confined", .unconfined = true},
};

/* What a single layer, or either of two, prevents. */
static unsigned needs(const char *name) {
    static const struct {
        const char *name;
        unsigned layers;
    } single[] = {
        {"read_passwd", SYRINX_LAYER_LANDLOCK},        {"read_shadow", SYRINX_LAYER_LANDLOCK},
        {"read_secret", SYRINX_LAYER_LANDLOCK},        {"read_by_dots", SYRINX_LAYER_LANDLOCK},
        {"read_by_link", SYRINX_LAYER_LANDLOCK},       {"list_root", SYRINX_LAYER_LANDLOCK},
        {"users", SYRINX_LAYER_LANDLOCK},              {"too_many_threads", SYRINX_LAYER_THREADS},
        {"parent_memory", SYRINX_LAYER_LANDLOCK | SYRINX_LAYER_USER},
        {"parent_environment", SYRINX_LAYER_LANDLOCK | SYRINX_LAYER_USER},
        {"parent_files", SYRINX_LAYER_LANDLOCK | SYRINX_LAYER_USER},
    };
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (strcmp(name, single[i].name) == 0) return single[i].layers;
    return ~0u;
}

static int run_all(const attempt *list, size_t count, const char *wanted) {
    int skipped = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(needs(list[i].name) & syrinx_confined_layers())) {
            skipped++;
        } else if (!list[i].run()) {
            printf("  FAILED: %s is not %s\n", list[i].name, wanted);
            failures++;
        }
    }
    return skipped;
}

/* Takes from this process what a kernel may lack and what a container's own filter often forbids. */
static void be_poor(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), 444, 0);
    if (seccomp_load(filter) != 0) perror("seccomp"), exit(2);
    seccomp_release(filter);
}

static void try_everything(const manner *how) {
    int skipped = run_all(allowed, allowed_count, "working");
    if (how->network) {
        run_all(network_allowed, network_allowed_count, "working");
        run_all(network_forbidden, network_forbidden_count, "denied");
    } else {
        skipped += run_all(forbidden, forbidden_count, "denied");
    }
    run_all(allowed, allowed_count, "working after the attacks");
    printf("  %zu denied, %zu allowed, %d for want of a layer not tried, %d failed\n",
           how->network ? network_forbidden_count : forbidden_count,
           allowed_count + (how->network ? network_allowed_count : 0), skipped, failures);
}

static int confined_child(const manner *how) {
    uid_t uid = how->uid;
    if (uid && (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0))
        return perror("setuid"), 2;
    if (how->poor) be_poor();
    syrinx_confinement want = {.memory_bytes = (uint64_t)512 << 20, .unconfined = how->unconfined};
    want.allow_network = how->network;
    char error[256], layers[160];
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (syrinx_confine(&want, data_dir, NULL, error, sizeof error) != 0) return printf("  refused: %s\n", error), 2;
    clock_gettime(CLOCK_MONOTONIC, &to);
    syrinx_layers_text(syrinx_confined_layers(), layers, sizeof layers);
    double us = (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
    printf("%s: %s (%.0f us)\n", how->name, layers, us);
    if (!how->unconfined) try_everything(how);
    return failures ? 1 : 0;
}

static bool run_child(const manner *how) {
    int status = 0, ends[2];
    fflush(stdout);
    if (pipe(ends) != 0) return false;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1), close(ends[0]), close(ends[1]); /* files cannot grow far: stdout may be one */
        int code = confined_child(how);
        fflush(stdout);
        _exit(code);
    }
    close(ends[1]);
    char text[4096];
    for (ssize_t n; (n = read(ends[0], text, sizeof text)) > 0;) fwrite(text, 1, (size_t)n, stdout);
    close(ends[0]);
    if (waitpid(child, &status, 0) == child && WIFEXITED(status)) return WEXITSTATUS(status) == 0;
    printf("  FAILED: the child ended by signal %d\n", WTERMSIG(status));
    return false;
}

/* ------------------------------------------------------------------------------------------------- other promises */

/* A confined grandchild, whose parent dies when it has been confined, must follow it: the pipe then has no writer. */
static bool dies_with_its_parent(void) {
    int ends[2];
    char byte = 0;
    if (pipe(ends) != 0) return false;
    pid_t child = fork();
    if (child == 0) {
        int told[2];
        if (pipe(told) != 0) _exit(1);
        if (fork() == 0) {
            char error[256];
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            syrinx_confinement want = {0};
            bool ok = syrinx_confine(&want, data_dir, NULL, error, sizeof error) == 0 && write(told[1], "x", 1) == 1;
            while (ok) pause();
            _exit(1);
        }
        _exit(read(told[0], &byte, 1) == 1 ? 0 : 1);
    }
    close(ends[1]);
    int status = 0;
    waitpid(child, &status, 0);
    struct pollfd end = {.fd = ends[0], .events = POLLIN};
    bool gone = poll(&end, 1, 20000) == 1 && read(ends[0], &byte, 1) == 0;
    close(ends[0]);
    return gone && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* No plugin runs when its folder is not there. */
static bool refuses_missing_folder(void) {
    pid_t child = fork();
    if (child == 0) {
        char error[256] = "";
        syrinx_confinement want = {0};
        int result = syrinx_confine(&want, "/nowhere/at/all", NULL, error, sizeof error);
        _exit(result == -1 && strstr(error, "/nowhere/at/all") ? 0 : 1);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void) {
    prepare();
    bool ok = true;
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        if (manners[i].uid == 0 || getuid() == 0) ok = run_child(&manners[i]) && ok;
    if (!refuses_missing_folder()) printf("FAILED: a missing folder is not refused\n"), ok = false;
    if (!dies_with_its_parent()) printf("FAILED: a helper outlives its parent\n"), ok = false;
    clean();
    puts(ok ? "confinement: all as it shall be" : "confinement: FAILED");
    return ok ? 0 : 1;
}
