/* SPDX-License-Identifier: Apache-2.0
 *
 * L: the lives of providers and sessions, and what they leave behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "interpose.h"
#include "scenario.h"

/* Bytes a round that count as a leak: below lies what caches and tables take now and then. */
enum { LEAK_BYTES = 24, LEAK_LEAST = 16384, LEAK_BATCHES = 3 };

static bool swift(const ck *c) { return c->d->flags & SYX_PF_RUNTIME_SWIFT; }
static bool rust(const ck *c) {
    return c->module && c->module->build_info && strncmp(c->module->build_info, "rust", 4) == 0;
}

static bool is_leak(size_t before, size_t after, size_t rounds) {
    size_t grown = after > before ? after - before : 0;
    return grown >= LEAK_LEAST && grown / rounds >= LEAK_BYTES;
}

static void compare_usage(ck *c, const ck_usage *base, size_t rounds, const char *what) {
    ck_usage now = ck_usage_settled(base);
    CK_NEED(c, now.fds <= base->fds, "%zu times %s left %d files open", rounds, what, now.fds - base->fds);
    CK_NEED(c, now.threads <= base->threads, "%zu times %s left %d threads", rounds, what, now.threads - base->threads);
    size_t grown = now.heap > base->heap ? now.heap - base->heap : 0;
    CK_NEED(c, !is_leak(base->heap, now.heap, rounds), "%zu times %s left %zu bytes, %zu each", rounds, what, grown, grown / rounds);
}

void check_life_providers(ck *c) {
    size_t rounds = ck_rounds(c, 100);
    int64_t start = fake_real(), limit = c->o->quick ? 4000000000 : 20000000000;
    for (int i = 0; i < 3; i++) ck_close(c, ck_provider(c));
    ck_usage base = ck_usage_settled(&(ck_usage){1 << 20, 1 << 20, 0});
    size_t done = 0;
    for (; done < rounds && fake_real() - start < limit && c->verdict != CK_FAIL; done++) ck_close(c, ck_provider(c));
    compare_usage(c, &base, done ? done : 1, "open and close of a provider");
}

static void session_round(ck *c, syx_provider *p, size_t steps) {
    fake_session *s = ck_session(c, p);
    if (!s) return;
    for (size_t i = 0; i < steps; i++) scenario_step(c, s, i, NULL);
    fake_close(s);
}

void check_life_sessions(ck *c) {
    syx_provider *p = ck_provider(c);
    size_t rounds = c->o->quick ? 800 : 3000, steps = scenario_steps(c), done = 0;
    if (!p) return;
    /* What pools and caches fill is there after a few; Swift's pools of tasks and threads take more. */
    int64_t warm = fake_real();
    for (int i = 0; i < (swift(c) ? 1500 : 10) && fake_real() - warm < 20000000000; i++) session_round(c, p, steps);
    ck_usage base = ck_usage_settled(&(ck_usage){1 << 20, 1 << 20, 0});
    /* A leak grows each time; what a pool takes once, when the threads happen to meet, does not. */
    for (int batch = 0; batch < LEAK_BATCHES; batch++) {
        base.heap = ck_usage_settled(&base).heap;
        int64_t start = fake_real(), limit = c->o->quick ? 3000000000 : 20000000000;
        for (done = 0; done < rounds && fake_real() - start < limit && c->verdict != CK_FAIL; done++)
            session_round(c, p, done % 8 ? 2 : steps);
        if (!is_leak(base.heap, ck_usage_settled(&base).heap, done ? done : 1)) break;
    }
    compare_usage(c, &base, done ? done : 1, "a session");
    ck_close(c, p);
}

/* ------------------------------------------------------------------------------------------------- out of memory -- */

/* Whether memory can be made to fail for this plugin. */
static bool can_fail(ck *c) {
    if (!interpose_works()) ck_skip(c, "allocations cannot be intercepted here");
    else if (c->o->bound) ck_skip(c, "a bound library's allocations are not the plugin's");
    else if (swift(c)) ck_skip(c, "Swift's runtime ends the process when memory is out");
    else if (rust(c)) ck_skip(c, "Rust's runtime ends the process when memory is out");
    else return true;
    return false;
}

/* Only what the plugin's own image asks for fails: the libraries behind it are not its to answer for. */
void check_life_memory(ck *c) {
    if (!can_fail(c)) return;
    syx_provider *p = ck_provider(c);
    session_round(c, p, 2);
    size_t failed = 0, n = 1, most = ck_rounds(c, 400);
    for (; p && n <= most; n++) {
        syx_err err;
        syx_status status;
        interpose_fail(n);
        fake_session *s = fake_open_begin(c->d, p, &c->format, c->options, &status, &err);
        size_t asked = interpose_asked();
        interpose_fail(0);
        if (s && !s->session) return ck_fail(c, "session_open() answered %d and gave no session when allocation %zu failed", status, n);
        if (s) fake_run(s, 0), fake_close(s);
        else failed++;
        if (asked < n) break;
    }
    session_round(c, p, scenario_steps(c));
    ck_close(c, p);
    ck_pass(c, "%zu allocations failed one after another, %zu refusals", n - 1, failed);
}

void check_life_provider_memory(ck *c) {
    if (!can_fail(c)) return;
    size_t failed = 0, n = 1, most = ck_rounds(c, 200);
    for (; n <= most; n++) {
        syx_err err;
        syx_status status;
        interpose_fail(n);
        syx_provider *p = fake_provider_at(c->d, c->config, c->o->folder, &status, &err);
        size_t asked = interpose_asked();
        interpose_fail(0);
        if (status >= 0 && !p) return ck_fail(c, "open() answered %d and gave no provider when allocation %zu failed", status, n);
        ck_close(c, p);
        failed += p == NULL;
        if (asked < n) break;
    }
    ck_close(c, ck_provider(c));
    ck_pass(c, "%zu allocations failed one after another, %zu refusals", n - 1, failed);
}

/* ---------------------------------------------------------------------------------------------- closing anywhere -- */

static void sweep(ck *c) {
    syx_provider *p = ck_provider(c);
    size_t steps = scenario_steps(c), stride = c->o->quick && steps > 12 ? steps / 12 : 1;
    for (size_t stop = 0; p && stop <= steps; stop += stride) {
        fake_session *s = ck_session(c, p);
        if (!s) return;
        for (size_t i = 0; i < stop; i++) {
            /* The waiting steps are left out just before the end: the session closes with its work in flight. */
            bool waits = !((1 << c->d->kind) & CK_MEDIA) && i + 1 == stop && stop % 2;
            if (!waits) scenario_step(c, s, i, NULL);
        }
        fake_close(s);
    }
    fake_session *last = ck_session(c, p);
    if (last) fake_run(last, 50), fake_close(last);
    ck_close(c, p);
}

void check_life_kill_points(ck *c) {
    sweep(c);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

void check_life_silence(ck *c) {
    sweep(c);
    ck_no_breach(c, FAKE_AFTER_CLOSE);
}

/* ------------------------------------------------------------------------------------------------- side by side -- */

static outcome alone(ck *c, syx_provider *p) {
    outcome o = {0};
    fake_session *s = ck_session(c, p);
    if (s) scenario_run(c, s, &o), fake_close(s);
    return o;
}

/* Every session takes each step before one takes the next; `gently` waits for the answers in between. */
static const char *interleave(ck *c, syx_provider *p, size_t many, const outcome *first, bool gently) {
    enum { MANY = 50 };
    static fake_session *all[MANY];
    static outcome results[MANY];
    memset(results, 0, sizeof results);
    for (size_t i = 0; i < many; i++)
        if (!(all[i] = ck_session(c, p))) return NULL;
    for (size_t step = 0; step < scenario_steps(c); step++)
        for (size_t i = 0; i < many; i++) {
            scenario_step(c, all[(i + step) % many], step, &results[(i + step) % many]);
            if (gently) fake_wait_ends(all[(i + step) % many], SCENARIO_WAIT_MS);
        }
    const char *difference = NULL;
    for (size_t i = 0; i < many; i++) {
        scenario_collect(c, all[i], &results[i]);
        if (!difference) difference = scenario_differs(c, first, &results[i]);
        fake_close(all[i]);
    }
    return difference;
}

void check_life_interleaved(ck *c) {
    syx_provider *p = ck_provider(c);
    size_t many = c->d->max_sessions && c->d->max_sessions < 50 ? c->d->max_sessions : c->o->quick ? 12 : 50;
    if (!p) return;
    outcome first = alone(c, p);
    const char *at_once = interleave(c, p, many, &first, false);
    const char *in_turn = at_once ? interleave(c, p, many, &first, true) : NULL;
    ck_close(c, p);
    if (!at_once) return ck_pass(c, "%zu sessions at once equal one alone", many);
    if (!in_turn) ck_warn(c, "with %zu sessions under load differs: %s; one after another they are equal", many, at_once);
    else if (c->d->flags & SYX_PF_GLOBAL_STATE) ck_warn(c, "with %zu sessions at once differs: %s (SYX_PF_GLOBAL_STATE is set)", many, in_turn);
    else ck_fail(c, "with %zu sessions at once differs: %s", many, in_turn);
}

void check_life_neighbour(ck *c) {
    syx_provider *p = ck_provider(c);
    fake_session *a = ck_session(c, p), *b = ck_session(c, p);
    if (!a || !b) return;
    outcome o = {0};
    size_t steps = scenario_steps(c);
    for (size_t i = 0; i < steps; i++) {
        if (i < steps / 2) scenario_step(c, b, i, NULL);
        if (i == steps / 2) fake_close(b);
        scenario_step(c, a, i, &o);
    }
    if (steps < 2) fake_close(b);
    scenario_collect(c, a, &o);
    CK_NEED(c, o.complete && o.refused == 0, "a session does not work on after its neighbour was closed");
    fake_close(a);
    ck_close(c, p);
}

void check_life_repeatable(ck *c) {
    syx_provider *p = ck_provider(c);
    outcome a = alone(c, p), b = alone(c, p);
    const char *difference = scenario_differs(c, &a, &b);
    if (difference) ck_warn(c, "two sessions that get the same differ: %s", difference);
    ck_close(c, p);
}

/* -------------------------------------------------------------------------------------------------------- ends -- */

void check_life_drain(ck *c) {
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (!s) return;
    bool requests = (1 << c->d->kind) & CK_REQUESTS;
    if (requests) scenario_ask(c, s, 1, scenario_sentence);
    syx_status status = fake_send(s, SYX_EV_DRAIN, 0, 0, "", "");
    CK_NEED(c, status >= 0, "DRAIN was refused: %d; what is not known is answered with SYX_SKIP", status);
    bool ended = fake_wait_ends(s, SCENARIO_WAIT_MS);
    CK_NEED(c, ended, "what was under way at DRAIN did not end");
    if (status == SYX_SKIP) {
        ck_pass(c, "it skips DRAIN and finishes what is under way");
    } else if (!fake_wait(s, SYX_EV_DRAINED, 0, c->mode == CK_ISOLATED ? 500 : 5000)) {
        /* In a helper the answer to an event stays there: silence may be a skip. */
        if (c->mode == CK_ISOLATED) ck_pass(c, "no DRAINED came; it may have skipped DRAIN");
        else ck_fail(c, "it took DRAIN and no DRAINED came");
    }
    fake_close(s);
    ck_close(c, p);
}

void check_life_reset(ck *c) {
    if (!SYX_HAS(c->d->vt, syx_plugin_vt, reset) || !c->d->vt->reset) return ck_skip(c, "it has no reset()");
    syx_provider *p = ck_provider(c);
    outcome fresh = alone(c, p), again = {0};
    fake_session *s = ck_session(c, p);
    if (!s) return;
    for (size_t i = 0; i < scenario_steps(c); i++) scenario_step(c, s, i, NULL);
    c->d->vt->reset(s->session);
    s->event_count = s->request_count = s->samples = 0;
    c->base = 100; /* generations grow, whatever was reset */
    scenario_run(c, s, &again);
    const char *difference = scenario_differs(c, &fresh, &again);
    if (difference) ck_fail(c, "after reset() a session differs from a new one: %s", difference);
    fake_close(s);
    ck_close(c, p);
}

void check_life_idle(ck *c) {
    syx_provider *p = ck_provider(c);
    syx_err err;
    syx_status status;
    for (int i = 0; p && i < 50; i++) {
        fake_session *s = fake_open_begin(c->d, p, &c->format, c->options, &status, &err);
        CK_NEED(c, s, "session_open() number %d was refused: %d, %.200s", i + 1, status, err.msg);
        CK_NEED(c, s->session, "session_open() answered %d and gave no session", status);
        fake_close(s);
    }
    ck_close(c, p);
    ck_no_breach(c, FAKE_AFTER_CLOSE);
}

void check_life_limit(ck *c) {
    static fake_session *all[200];
    uint32_t most = c->d->max_sessions;
    if (most == 0) return ck_skip(c, "it sets no limit of sessions");
    if (most > 199) return ck_skip(c, "its limit of %u sessions is too high to be tried", most);
    syx_provider *p = ck_provider(c);
    syx_err err;
    syx_status status;
    for (uint32_t i = 0; i < most; i++)
        if (!(all[i] = ck_session(c, p))) return;
    fake_session *more = fake_open_begin(c->d, p, &c->format, c->options, &status, &err);
    if (more) fake_close(more), ck_warn(c, "it opens more than the %u sessions that it allows", most);
    else if (status != SYX_EQUOTA) ck_warn(c, "beyond its limit it answers %d, not SYX_EQUOTA", status);
    for (uint32_t i = 0; i < most; i++) fake_close(all[i]);
    ck_close(c, p);
}

void check_life_joined(ck *c) {
    /* A runtime's own pool may come once and stay. */
    if (swift(c)) {
        syx_provider *warm = ck_provider(c);
        session_round(c, warm, scenario_steps(c));
        ck_close(c, warm);
    }
    ck_usage base = ck_usage_now();
    syx_provider *p = ck_provider(c);
    session_round(c, p, scenario_steps(c));
    ck_close(c, p);
    ck_usage now = ck_usage_settled(&base); /* one that was joined may still be listed for a moment */
    int left = now.threads - base.threads;
    /* A runtime or a library with one state per process may keep its own. */
    bool excused = swift(c) || (c->d->flags & SYX_PF_GLOBAL_STATE);
    if (left > 0 && excused) ck_warn(c, "%d threads are left after close()", left);
    else if (left > 0) ck_fail(c, "%d threads are left after close()", left);
}
