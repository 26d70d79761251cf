/* SPDX-License-Identifier: Apache-2.0
 *
 * Shuts a child in and lets it try everything, as the present user and, under root, as an ordinary one too. Some
 * attempts need a layer that a kernel may lack: they are skipped then, and said to be. */
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
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

/* What only one layer prevents. */
static bool needs_landlock(const char *name) {
    static const char *const names[] = {"read_passwd", "read_secret", "read_by_dots", "read_by_link", "list_root"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static void run_all(const attempt *list, size_t count, const char *wanted) {
    for (size_t i = 0; i < count; i++) {
        if (needs_landlock(list[i].name) && !(syrinx_confined_layers() & SYRINX_LAYER_LANDLOCK)) {
            printf("  skipped, no Landlock: %s\n", list[i].name);
        } else if (!list[i].run()) {
            printf("  FAILED: %s is not %s\n", list[i].name, wanted);
            failures++;
        }
    }
}

static int confined_child(uid_t uid, bool unconfined) {
    if (uid && (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0))
        return perror("setuid"), 2;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    syrinx_confinement want = {.memory_bytes = (uint64_t)512 << 20, .unconfined = unconfined};
    char error[256], layers[160];
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (syrinx_confine(&want, data_dir, NULL, error, sizeof error) != 0) return printf("  refused: %s\n", error), 2;
    clock_gettime(CLOCK_MONOTONIC, &to);
    syrinx_layers_text(syrinx_confined_layers(), layers, sizeof layers);
    double us = (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
    printf("uid %d: %s (%.0f us)\n", (int)uid, layers, us);
    if (unconfined) return 0;
    run_all(allowed, allowed_count, "working");
    run_all(forbidden, forbidden_count, "denied");
    run_all(allowed, allowed_count, "working after the attacks");
    printf("  %zu denied, %zu allowed, %d failed\n", forbidden_count, allowed_count, failures);
    return failures ? 1 : 0;
}

static bool run_child(uid_t uid, bool unconfined) {
    int status = 0, ends[2];
    fflush(stdout);
    if (pipe(ends) != 0) return false;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1), close(ends[0]), close(ends[1]); /* files can no longer grow: stdout may be one */
        int code = confined_child(uid, unconfined);
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
    bool ok = run_child(getuid() ? getuid() : 0, false);
    if (getuid() == 0) ok = run_child(12345, false) && ok;
    ok = run_child(0, true) && ok;
    if (!refuses_missing_folder()) printf("FAILED: a missing folder is not refused\n"), ok = false;
    clean();
    puts(ok ? "confinement: all as it shall be" : "confinement: FAILED");
    return ok ? 0 : 1;
}
