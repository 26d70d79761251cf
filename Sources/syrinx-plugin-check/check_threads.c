/* SPDX-License-Identifier: Apache-2.0
 *
 * T: calls from varying threads, at once, and on time. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checks.h"
#include "scenario.h"

typedef struct {
    ck *c;
    fake_session *s;
    syx_provider *p;
    size_t step;
    outcome *o;
    volatile bool stop;
    volatile size_t cancels;
    bool failed;
} job;

static void *one_step(void *arg) {
    job *j = arg;
    scenario_step(j->c, j->s, j->step, j->o);
    return NULL;
}

static void *open_session(void *arg) {
    job *j = arg;
    j->s = ck_session(j->c, j->p);
    return NULL;
}

static void *close_session(void *arg) {
    fake_close(((job *)arg)->s);
    return NULL;
}

static void on_new_thread(void *(*work)(void *), void *arg) {
    pthread_t t;
    if (pthread_create(&t, NULL, work, arg) != 0) abort();
    pthread_join(t, NULL);
}

void check_thread_wandering(ck *c) {
    outcome here = {0}, there = {0};
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (!s) return;
    scenario_run(c, s, &here);
    fake_close(s);
    job j = {.c = c, .p = p, .o = &there};
    on_new_thread(open_session, &j);
    if (!j.s) return;
    for (j.step = 0; j.step < scenario_steps(c); j.step++) on_new_thread(one_step, &j);
    scenario_collect(c, j.s, &there);
    on_new_thread(close_session, &j);
    ck_close(c, p);
    const char *difference = scenario_differs(c, &here, &there);
    if (!difference) return;
    if (c->d->flags & SYX_PF_GLOBAL_STATE) ck_warn(c, "each call from another thread changes %s", difference);
    else ck_fail(c, "each call from another thread changes %s", difference);
}

/* Generations that are never asked for: nothing of the scenario may be touched. */
static void *cancels(void *arg) {
    job *j = arg;
    for (uint64_t g = 1000; !j->stop; g++) {
        j->s->vt->cancel(j->s->session, g % 64 + 1000);
        j->cancels = j->cancels + 1;
        /* The way to a helper has an end. */
        if (j->c->mode == CK_ISOLATED) nanosleep(&(struct timespec){0, 200000}, NULL);
    }
    return NULL;
}

void check_thread_cancel(ck *c) {
    if (!SYX_HAS(c->d->vt, syx_plugin_vt, cancel) || !c->d->vt->cancel) return ck_skip(c, "it has no cancel()");
    syx_provider *p = ck_provider(c);
    for (size_t round = 0; p && round < ck_rounds(c, 20); round++) {
        fake_session *s = ck_session(c, p);
        if (!s) return;
        job j = {.c = c, .s = s};
        outcome o = {0};
        pthread_t t;
        pthread_create(&t, NULL, cancels, &j);
        while (j.cancels < 100) sched_yield();
        scenario_run(c, s, &o);
        j.stop = true;
        pthread_join(t, NULL);
        CK_NEED(c, o.complete, "requests do not end while other generations are cancelled from another thread");
        fake_close(s);
    }
    ck_close(c, p);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* handle() and session_open() alone, without the waiting. */
void check_thread_ctl_time(ck *c) {
    enum { MANY = 400 };
    static int64_t ns[MANY];
    size_t n = 0;
    syx_provider *p = ck_provider(c);
    for (int round = 0; p && round < 8; round++) {
        syx_err err;
        syx_status status;
        int64_t start = fake_real();
        fake_session *s = fake_open_begin(c->d, p, &c->format, c->options, &status, &err);
        ns[n++] = fake_real() - start;
        CK_NEED(c, s, "session_open() was refused: %d", status);
        bool requests = (1 << c->d->kind) & (CK_TTS | CK_AGENT | CK_TURN);
        for (int i = 0; i < 12 && n < MANY - 2 && c->d->vt->handle; i++) {
            start = fake_real();
            if (requests && c->d->kind != SYX_TURN) scenario_ask(c, s, (uint64_t)i + 1, "Yes.");
            else fake_send(s, c->d->kind == SYX_TURN ? SYX_EV_TRANSCRIPT : SYX_EV_DRAIN, (uint64_t)i + 1, 0, "Yes.", "");
            ns[n++] = fake_real() - start;
            fake_wait_ends(s, SCENARIO_WAIT_MS);
        }
        fake_close(s);
    }
    ck_close(c, p);
    qsort(ns, n, sizeof *ns, compare);
    double p95 = n ? (double)ns[n * 95 / 100] / 1e6 : 0;
    if (p95 > 5) ck_warn(c, "one [ctl] call in twenty takes %.1f ms or more; 5 ms are allowed", p95);
    else ck_pass(c, "p95 %.2f ms of %zu calls", p95, n);
}

void check_thread_not_blocked(ck *c) {
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (!s) return;
    int64_t worst = 0;
    int waited = 0;
    for (uint64_t i = 1; i <= 8; i++) {
        scenario_ask(c, s, i, "This is a long answer, and it goes on for a while, so that work is under way meanwhile.");
        nanosleep(&(struct timespec){0, 3000000}, NULL); /* a worker has begun by now */
        int64_t start = fake_real();
        fake_send(s, 31, 0, 0, "", "");
        if (c->d->vt->cancel) c->d->vt->cancel(s->session, 5000 + i);
        int64_t took = fake_real() - start;
        worst = took > worst ? took : worst;
        waited += took > 200000000;
    }
    fake_wait_ends(s, SCENARIO_WAIT_MS);
    fake_close(s);
    ck_close(c, p);
    /* One alone may be this thread's, which stood still. */
    if (waited > 1) ck_fail(c, "a call waited %lld ms for work that was under way", (long long)ck_ms(worst));
}

static void *whole_scenario(void *arg) {
    job *j = arg;
    outcome o = {0};
    for (int round = 0; round < 3 && !j->failed; round++) {
        fake_session *s = ck_session(j->c, j->p);
        if (!s) return j->failed = true, NULL;
        memset(&o, 0, sizeof o);
        scenario_run(j->c, s, &o);
        j->failed = !o.complete;
        fake_close(s);
    }
    return NULL;
}

static void together(ck *c, job *jobs, size_t n) {
    pthread_t threads[8];
    for (size_t i = 0; i < n; i++) pthread_create(&threads[i], NULL, whole_scenario, &jobs[i]);
    for (size_t i = 0; i < n; i++) pthread_join(threads[i], NULL);
    for (size_t i = 0; i < n; i++) CK_NEED(c, !jobs[i].failed, "sessions on %zu threads at once: one did not end its requests", n);
}

void check_thread_parallel(ck *c) {
    job jobs[4] = {0};
    syx_provider *p = ck_provider(c);
    if (c->d->max_sessions && c->d->max_sessions < 4) return ck_skip(c, "it allows fewer than four sessions");
    for (size_t i = 0; i < 4; i++) jobs[i] = (job){.c = c, .p = p};
    if (p) together(c, jobs, 4);
    ck_close(c, p);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

static void *churn(void *arg) {
    job *j = arg;
    for (int i = 0; i < 5 || !j->stop; i++) {
        if (i >= 200) break;
        ck_close(j->c, ck_provider(j->c));
    }
    return NULL;
}

void check_thread_providers(ck *c) {
    job work = {.c = c}, other = {.c = c};
    pthread_t t;
    work.p = ck_provider(c);
    if (!work.p) return;
    pthread_create(&t, NULL, churn, &other);
    whole_scenario(&work);
    other.stop = true;
    pthread_join(t, NULL);
    ck_close(c, work.p);
    CK_NEED(c, !work.failed, "a session does not end its requests while other providers open and close");
}

void check_thread_per_session(ck *c) {
    enum { MANY = 20 };
    fake_session *all[MANY];
    if (c->d->max_sessions && c->d->max_sessions < MANY) return ck_skip(c, "it allows only %u sessions", c->d->max_sessions);
    syx_provider *p = ck_provider(c);
    if (!p) return;
    for (int i = 0; i < MANY; i++)
        if (!(all[i] = ck_session(c, p))) return;
    int before = ck_usage_now().threads;
    for (int i = 0; i < MANY; i++) fake_close(all[i]);
    ck_close(c, p);
    if (before > MANY) ck_warn(c, "%d sessions made %d threads: one each does not scale", MANY, before);
}

void check_thread_signals(ck *c) {
    struct sigaction before[32], after;
    sigset_t mask, later;
    for (int i = 1; i < 32; i++) sigaction(i, NULL, &before[i]);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    fenv_t env;
    fegetenv(&env);
    int rounding = fegetround();
    unsigned control = env.__mxcsr & 0xffc0u;
    job j = {.c = c, .p = ck_provider(c)};
    if (!j.p) return;
    whole_scenario(&j);
    ck_close(c, j.p);
    fegetenv(&env);
    pthread_sigmask(SIG_SETMASK, NULL, &later);
    for (int i = 1; i < 32; i++) {
        if (i == SIGKILL || i == SIGSTOP) continue;
        sigaction(i, NULL, &after);
        CK_NEED(c, after.sa_handler == before[i].sa_handler, "it changed what happens on signal %d", i);
    }
    CK_NEED(c, memcmp(&mask, &later, 8) == 0, "it changed the caller's signal mask");
    CK_NEED(c, fegetround() == rounding && (env.__mxcsr & 0xffc0u) == control, "it changed the caller's floating point mode");
}

/* Workers are busy: the first tasks are refused. The request may fail, but it ends, and the session lives on. */
void check_thread_run_refused(ck *c) {
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (!s) return;
    fake_set.run_fault = SYX_EAGAIN;
    fake_set.run_faults = 2;
    syx_status status = scenario_ask(c, s, 1, "Yes.");
    fake_wait_ends(s, 3000);
    bool asked = fake_set.run_faults < 2;
    fake_set.run_faults = 0;
    bool ended = fake_wait_ends(s, 0);
    if (!asked) {
        ck_skip(c, "it gives no work to the host's workers");
    } else {
        CK_NEED(c, status < 0 || ended, "run() answered SYX_EAGAIN, and the request never ended");
        CK_NEED(c, scenario_request(c, s, 2, "Yes."), "after run() had answered SYX_EAGAIN once, the next request does not end");
    }
    fake_close(s);
    ck_close(c, p);
}
