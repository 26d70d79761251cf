/* SPDX-License-Identifier: Apache-2.0
 *
 * Helpers leave nothing behind: in this process when they end, in the machine when their host does. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

static int entries(const char *folder) {
    int count = 0;
    DIR *open = opendir(folder);
    while (open && readdir(open)) count++;
    if (open) closedir(open);
    return count;
}

static int ring_mappings(void) {
    char line[512];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) count += strstr(line, "syrinx-ring") != NULL;
    if (maps) fclose(maps);
    return count;
}

static void use_once(int i) {
    live l = {.options = {.sessions = 4}};
    bool started = live_start(&l, helper_program, i % 10 == 3 ? "/nonexistent.so" : probe_module, "probe");
    EXPECT(started == (i % 10 != 3));
    if (!started) return;
    syx_provider *provider = live_provider(&l, SYX_VAD, "{}");
    syx_session *session = NULL;
    EXPECT(provider && live_session(&l, SYX_VAD, provider, 1, "", &session) >= 0);
    if (session) send_frame(&l, session);
    if (i % 4 == 1) syrinx_helper_kill(l.helper);
    if (session) close_session(&l, session);
    if (provider) live_kind(&l, SYX_VAD)->vt->close(provider);
    live_end(&l);
    EXPECT(l.witness.lost);
}

static void starts_and_ends(int times) {
    use_once(0); /* the supervisor's thread and descriptors stay */
    int descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task"), mappings = ring_mappings();
    for (int i = 1; i <= times; i++) use_once(i);
    EXPECT(entries("/proc/self/fd") == descriptors);
    EXPECT(entries("/proc/self/task") == threads);
    EXPECT(ring_mappings() == mappings && mappings == 0);
    EXPECT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

/* ---- a host that is killed: this program, started again ---- */

int host_that_is_killed(void) {
    live one = {.options = {.sessions = 4}}, two = one;
    if (!live_start(&one, helper_program, chaos_module, "chaos")) return 1;
    if (!live_start(&two, helper_program, probe_module, "probe")) return 1;
    syx_provider *provider = live_provider(&one, SYX_AGENT, "{\"fault\":\"hang_spin\"}");
    syx_session *session = NULL;
    if (!provider || live_session(&one, SYX_AGENT, provider, 1, "", &session) < 0) return 1;
    send_event(&one, session, SYX_EV_PROMPT, 0, "hang");
    printf("%d %d\n", syrinx_helper_pid(one.helper), syrinx_helper_pid(two.helper));
    fflush(stdout);
    for (;;) pause();
}

static bool ends(int pidfd) {
    struct pollfd wait = {.fd = pidfd, .events = POLLIN};
    return poll(&wait, 1, LONG_MS) == 1;
}

static void killed_host(const char *self) {
    int out[2];
    if (pipe(out) != 0) abort();
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], 1);
        close(out[0]);
        close(out[1]);
        execl(self, self, helper_program, chaos_module, probe_module, hostile_program, "host", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *said = fdopen(out[0], "r");
    int pids[2] = {0, 0};
    bool told = said && fscanf(said, "%d %d", &pids[0], &pids[1]) == 2;
    EXPECT(told);
    int fds[2] = {-1, -1};
    for (int i = 0; told && i < 2; i++) fds[i] = (int)syscall(SYS_pidfd_open, pids[i], 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (int i = 0; told && i < 2; i++) {
        EXPECT(fds[i] >= 0 && ends(fds[i]));
        if (fds[i] >= 0) close(fds[i]);
    }
    if (said) fclose(said);
}

void test_life(const char *self) {
    starts_and_ends(300);
    for (int i = 0; i < 20; i++) killed_host(self);
}
