/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions of a helper that behaves: timers, credit, tasks, slots, full rings. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "host.h"

static live l;
static syx_provider *provider;
static syx_session *session;

static bool begin(void) {
    record_clear();
    l = (live){.options = {.sessions = 4}};
    bool ready = live_start(&l, helper_program, probe_module, "probe");
    provider = ready ? live_provider(&l, SYX_AGENT, "{}") : NULL;
    session = NULL;
    ready = provider && live_session(&l, SYX_AGENT, provider, 1, "", &session) >= 0;
    EXPECT(ready);
    if (!ready) printf("%s\n", l.error);
    return ready;
}

static void end(void) {
    if (session) close_session(&l, session);
    if (provider) live_kind(&l, SYX_AGENT)->vt->close(provider);
    EXPECT(syrinx_helper_alive(l.helper));
    live_end(&l);
}

/* As the host does it, with the timer that it was asked for `index`th. */
static syx_status fire(size_t index) {
    record_lock();
    uint64_t cookie = seen.timers[index].cookie;
    record_unlock();
    return send_event(&l, session, SYX_EV_TIMER, cookie, "");
}

/* 64 run and the 65th does not; cancelled ones never come, not even when the host's had already fired. */
static void timers(void) {
    if (!begin()) return;
    send_event(&l, session, SYX_EV_PROMPT, 0, "timers");
    EXPECT(wait_event(1, SYX_EV_DONE, 1, LONG_MS));
    EXPECT(strcmp(find_event(1, SYX_EV_DONE, 0).text, "64") == 0);
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(seen.timer_count == 64);
    /* The host's timer 0 fires while the plugin, still busy, is about to cancel it. */
    send_event(&l, session, SYX_EV_PROMPT, 0, "sleep 2000");
    send_event(&l, session, SYX_EV_PROMPT, 0, "cancel");
    EXPECT(fire(0) == SYX_OK);
    EXPECT(wait_event(1, SYX_EV_DONE, 3, LONG_MS));
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    for (size_t i = 0; i < 64; i++) EXPECT(fire(i) >= 0);
    EXPECT(wait_event(1, SYX_EV_DELTA, 32, LONG_MS));
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(count_events(1, SYX_EV_DELTA) == 32);
    for (size_t i = 0; i < 32; i++) EXPECT(find_event(1, SYX_EV_DELTA, i).id == 2 * i + 1);
    for (size_t i = 2; i < 64; i += 2) EXPECT(seen.timers[i].cancelled);
    /* All are free again, and those that run are cancelled by the session's end. */
    record_clear();
    send_event(&l, session, SYX_EV_PROMPT, 0, "timers");
    EXPECT(wait_event(1, SYX_EV_DONE, 1, LONG_MS));
    EXPECT(strcmp(find_event(1, SYX_EV_DONE, 0).text, "64") == 0);
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    close_session(&l, session);
    session = NULL;
    for (size_t i = 0; i < 64; i++) EXPECT(seen.timers[i].cancelled);
    end();
}

/* Beyond its credit the plugin waits; what was under way comes later. All of it, in order. */
static void credit(void) {
    enum { WANTED = 3000 };
    if (!begin()) return;
    record_lock();
    seen.credit = 100;
    record_unlock();
    char order[32];
    snprintf(order, sizeof order, "emit %d", WANTED);
    send_event(&l, session, SYX_EV_PROMPT, 0, order);
    for (int rounds = 0; rounds < 1000 && !count_events(1, SYX_EV_DONE); rounds++) {
        EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
        record_lock();
        seen.credit = 100;
        record_unlock();
        send_event(&l, session, SYX_EV_WRITABLE, 0, "");
    }
    EXPECT(seen.refused > 0);
    EXPECT(count_events(1, SYX_EV_DELTA) == WANTED && count_events(1, SYX_EV_DONE) == 1);
    for (size_t i = 0, next = 0; i < seen.count; i++)
        if (seen.events[i].type == SYX_EV_DELTA) EXPECT(seen.events[i].id == next++);
    end();
}

/* A slot is free when the helper says so, which nothing here can wait for. */
static syx_status open_when_free(syx_hsession handle, syx_session **opened) {
    syx_status status = SYX_EQUOTA;
    for (int tries = 0; tries < 5000 && (status == SYX_EQUOTA || status == SYX_EAGAIN); tries++) {
        if (tries) nanosleep(&(struct timespec){0, 1000000}, NULL);
        status = live_session(&l, SYX_AGENT, provider, handle, "", opened);
    }
    return status;
}

/* One after another; a close waits for those that were accepted, and the slot's next session starts clean. */
static void tasks(void) {
    if (!begin()) return;
    send_event(&l, session, SYX_EV_PROMPT, 0, "tasks 80");
    EXPECT(wait_event(1, SYX_EV_DELTA, 1, LONG_MS));
    int taken = atoi(find_event(1, SYX_EV_DELTA, 0).text);
    EXPECT(taken >= 64 && taken < 80);
    EXPECT(wait_event(1, SYX_EV_DELTA, 1 + (size_t)taken, LONG_MS));
    for (int i = 0; i < taken; i++) {
        seen_event done = find_event(1, SYX_EV_DELTA, 1 + (size_t)i);
        EXPECT(done.id == (uint64_t)i && strcmp(done.text, "task, 0 overlaps") == 0);
    }
    for (syx_hsession handle = 2; handle < 40; handle++) {
        close_session(&l, session);
        session = NULL;
        EXPECT(open_when_free(handle, &session) >= 0);
        if (!session) break;
        send_event(&l, session, SYX_EV_PROMPT, 0, "tasks 5");
        if (handle % 3 == 0) EXPECT(wait_event(handle, SYX_EV_DELTA, 2, LONG_MS));
    }
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    record_lock();
    for (size_t i = 0; i < seen.count; i++)
        if (strncmp(seen.events[i].text, "task", 4) == 0) EXPECT(strcmp(seen.events[i].text, "task, 0 overlaps") == 0);
    record_unlock();
    end();
}

/* A session that is refused after the host has stopped waiting: its frames are answered, its slot comes back. */
static void late_answers(void) {
    if (!begin()) return;
    syx_provider *detector = live_provider(&l, SYX_VAD, "{}");
    EXPECT(detector);
    for (syx_hsession handle = 10; detector && handle < 14; handle++) {
        syx_session *late = NULL;
        bool refused = handle % 2;
        EXPECT(live_session(&l, SYX_VAD, detector, handle, refused ? "refuse 2000" : "late 2000", &late) == SYX_PENDING);
        if (!late) break;
        int before = l.witness.frames;
        EXPECT(send_frame(&l, late) == SYX_PENDING);
        EXPECT(wait_event(handle, refused ? SYX_EV_ERROR : SYX_EV_READY, 1, LONG_MS));
        EXPECT(wait_frames(&l.witness, before + 1, LONG_MS));
        close_session(&l, late);
    }
    if (detector) live_kind(&l, SYX_VAD)->vt->close(detector);
    end();
}

/* Nothing more goes into the ring but what opens and closes. */
static bool fill_ring(void) {
    static char text[32001];
    memset(text, 'x', sizeof text - 1);
    bool full = false;
    for (int i = 0; i < 200 && !full; i++) full = send_event(&l, session, SYX_EV_DTMF_IN, 0, text) == SYX_EAGAIN;
    while (full && send_event(&l, session, SYX_EV_DTMF_IN, 0, "") != SYX_EAGAIN) {}
    /* The smallest there is. */
    for (int i = 0; i < 64; i++) live_kind(&l, SYX_AGENT)->vt->reset(session);
    return full;
}

/* The plugin does nothing while more comes than the ring holds: closes are remembered. */
static void full_ring(void) {
    if (!begin()) return;
    syx_session *others[2] = {NULL, NULL};
    for (syx_hsession i = 0; i < 2; i++)
        EXPECT(live_session(&l, SYX_AGENT, provider, 50 + i, "", &others[i]) >= 0);
    send_event(&l, session, SYX_EV_PROMPT, 0, "sleep 2000");
    EXPECT(fill_ring());
    for (int i = 0; i < 2; i++)
        if (others[i]) close_session(&l, others[i]);
    EXPECT(wait_event(1, SYX_EV_DONE, 1, LONG_MS));
    for (syx_hsession handle = 60; handle < 80; handle++) {
        syx_session *next = NULL;
        syx_status status = open_when_free(handle, &next);
        EXPECT(status >= 0);
        if (status < 0) break;
        send_event(&l, next, SYX_EV_PROMPT, 0, "here");
        EXPECT(wait_event(handle, SYX_EV_DONE, 1, LONG_MS));
        close_session(&l, next);
    }
    end();
}

/* Stands still until SIGCONT, and has stopped when this returns. */
static void stop_helper(void) {
    siginfo_t ignored;
    kill(syrinx_helper_pid(l.helper), SIGSTOP);
    EXPECT(waitid(P_PID, (id_t)syrinx_helper_pid(l.helper), &ignored, WSTOPPED | WNOWAIT) == 0);
}

/* The ring is full when a timer fires, when there is room for events again, and when a generation is cancelled. The
 * first two the host tries again; the cancel is remembered, and nothing that comes after it goes before it. */
static void told_when_there_is_room(void) {
    if (!begin()) return;
    send_event(&l, session, SYX_EV_PROMPT, 0, "timers");
    EXPECT(wait_event(1, SYX_EV_DONE, 1, LONG_MS));
    record_lock();
    seen.credit = 0;
    record_unlock();
    send_event(&l, session, SYX_EV_PROMPT, 0, "emit 3000");
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS) && seen.timer_count == 64);
    record_lock();
    seen.credit = -1;
    record_unlock();
    stop_helper();
    EXPECT(fill_ring());
    EXPECT(fire(0) == SYX_EAGAIN && fire(0) == SYX_EAGAIN);
    EXPECT(send_event(&l, session, SYX_EV_WRITABLE, 0, "") == SYX_EAGAIN);
    for (uint64_t generation = 8; generation < 11; generation++) cancel_session(&l, session, generation);
    kill(syrinx_helper_pid(l.helper), SIGCONT);
    while (send_event(&l, session, SYX_EV_PROMPT, 0, "after") == SYX_EAGAIN) sched_yield();
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(fire(0) == SYX_OK && fire(0) == SYX_SKIP);
    EXPECT(send_event(&l, session, SYX_EV_WRITABLE, 0, "") == SYX_OK);
    EXPECT(wait_event(1, SYX_EV_DONE, 3, LONG_MS) && wait_event(1, SYX_EV_DELTA, 3001, LONG_MS));
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS) && count_events(1, SYX_EV_DELTA) == 3001);
    EXPECT(count_events(1, SYX_EV_CANCELLED) == 3);
    for (size_t i = 0; i < 3; i++) EXPECT(find_event(1, SYX_EV_CANCELLED, i).id == 8 + i);
    size_t cancelled = 0, after = 0;
    for (size_t i = 0; i < seen.count; i++) {
        if (seen.events[i].type == SYX_EV_CANCELLED) cancelled = i;
        if (strcmp(seen.events[i].text, "after") == 0) after = i;
    }
    EXPECT(cancelled < after);
    end();
}

/* Nothing of the session comes after the cancel: it is sent all the same. */
static void cancelled_when_there_is_room(void) {
    if (!begin()) return;
    stop_helper();
    EXPECT(fill_ring());
    cancel_session(&l, session, 8);
    kill(syrinx_helper_pid(l.helper), SIGCONT);
    EXPECT(wait_event(1, SYX_EV_CANCELLED, 1, LONG_MS));
    /* One of a session that closes is not sent to the next one of its place. */
    stop_helper();
    EXPECT(fill_ring());
    cancel_session(&l, session, 9);
    close_session(&l, session);
    kill(syrinx_helper_pid(l.helper), SIGCONT);
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(live_session(&l, SYX_AGENT, provider, 2, "", &session) >= 0);
    EXPECT(send_event(&l, session, SYX_EV_PROMPT, 0, "after") == SYX_OK && wait_event(2, SYX_EV_DONE, 1, LONG_MS));
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(count_events(1, SYX_EV_CANCELLED) == 1 && count_events(2, SYX_EV_CANCELLED) == 0);
    end();
}

void test_sessions(void) {
    timers();
    credit();
    tasks();
    late_answers();
    full_ring();
    told_when_there_is_room();
    cancelled_when_there_is_room();
}
