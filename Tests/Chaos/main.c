/* SPDX-License-Identifier: Apache-2.0
 *
 * Each fault in a process of its own: how that ends, or what it emitted, is what the fault promises. */
#include <dirent.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "call.h"
#include "tests.h"

enum { HANG_MS = 150, LIMIT_MS = 20000, ENDED = 1000, STOPPED = 2000, HUNG = 3000 };

static int failures, count;

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Exit status, ENDED + signal, STOPPED + signal, or HUNG when it has not ended by the limit. */
static int watch(pid_t child, int limit_ms) {
    int status = 0;
    int64_t end = now_ms() + limit_ms;
    while (waitpid(child, &status, WNOHANG | WUNTRACED) == 0 && now_ms() < end)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    int result = WIFSTOPPED(status)    ? STOPPED + WSTOPSIG(status)
                 : WIFSIGNALED(status) ? ENDED + WTERMSIG(status)
                 : now_ms() >= end     ? HUNG
                                       : WEXITSTATUS(status);
    if (result >= STOPPED) kill(child, SIGKILL), waitpid(child, &status, 0);
    return result;
}

static int run_child(void (*body)(void), int limit_ms) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        if (!freopen("/dev/null", "w", stderr)) _exit(98); /* glibc's own words at an abort */
        body();
        fflush(stdout);
        _exit(0);
    }
    return watch(child, limit_ms);
}

static void judge(const char *name, int result, int wanted) {
    count++;
    if (result == wanted) return;
    failures++;
    printf("FAILED %s: ended with %d, not %d\n", name, result, wanted);
}

/* ------------------------------------------------------------------------------------------------ ends and stops -- */

static const struct {
    const char *fault;
    int wanted;
} ends[] = {
    {"segfault", ENDED + SIGSEGV},       {"abort", ENDED + SIGABRT},     {"trap", ENDED + SIGILL},
    {"stack_overflow", ENDED + SIGSEGV}, {"double_free", ENDED + SIGABRT}, {"exit", 3},
    {"_exit", 4},                        {"kill_self", ENDED + SIGKILL}, {"stop_self", STOPPED + SIGSTOP},
    {"hang_spin", HUNG},                 {"hang_sleep", HUNG},           {"deadlock", HUNG},
};
static const char *const places[] = {"open", "session_open", "handle", "audio", "task", "cancel", "close"};

static char config[256];
static syx_kind kind;

/* A short call that comes by every place. */
static void whole_call(void) {
    call c;
    call_open(&c, kind, config);
    if (kind == SYX_VAD || kind == SYX_FILTER) call_frame(&c, true, NULL);
    call_event(&c, SYX_EV_AUDIO_IN, 0);
    call_request(&c, GENERATION);
    if (rec.task) rec.task(rec.task_argument);
    c.vt->cancel(c.session, GENERATION);
    call_close(&c);
}

static void test_ends(void) {
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        kind = SYX_AGENT;
        snprintf(config, sizeof config, "{\"fault\":\"%s\"}", ends[i].fault);
        judge(config, run_child(whole_call, ends[i].wanted == HUNG ? HANG_MS : LIMIT_MS), ends[i].wanted);
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(config, sizeof config, "{\"fault\":\"segfault\",\"where\":\"%s\"}", places[i]);
        judge(config, run_child(whole_call, LIMIT_MS), ENDED + SIGSEGV);
    }
    const syx_kind media[] = {SYX_VAD, SYX_FILTER};
    for (size_t i = 0; i < 2; i++) {
        kind = media[i];
        snprintf(config, sizeof config, "{\"fault\":\"trap\"}");
        judge("trap in process", run_child(whole_call, LIMIT_MS), ENDED + SIGILL);
    }
}

static void test_bodies(void) {
    for (size_t i = 0; i < test_count; i++) judge(tests[i].name, run_child(tests[i].run, LIMIT_MS), 0);
}

int main(int argc, char **argv) {
    void *image = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    const syx_module *(*entry)(void) = NULL;
    if (image) *(void **)&entry = dlsym(image, "syrinx_plugin_entry_1");
    if (!entry) return fprintf(stderr, "usage: check PLUGIN.SO (%s)\n", image ? "no entry" : dlerror()), 2;
    module = entry();
    test_ends();
    test_bodies();
    printf("chaos: %d faults and answers, %d not as promised\n", count, failures);
    return failures ? 1 : 0;
}
