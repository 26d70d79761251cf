/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions that are closed while something of theirs is under way. */
#include <pthread.h>
#include <string.h>

#include "host.h"

/* ---- frames on their way back ---- */

enum { CLOSERS = 2, CLOSING_MS = 1500, UNDER_WAY = 8 };

typedef struct {
    live *l;
    syx_provider *detector;
    syx_hsession first;
    int64_t until;
} closer;

static void *open_and_close(void *argument) {
    const closer *c = argument;
    for (syx_hsession handle = c->first; now_ns() < c->until && !wait_lost(&c->l->witness, 0); handle++) {
        syx_session *session = NULL;
        if (live_session(c->l, SYX_VAD, c->detector, handle, "", &session) < 0) continue;
        /* The first answers come back while the session is closed. */
        for (int i = 0; i < UNDER_WAY; i++) send_frame(c->l, session);
        close_session(c->l, session);
    }
    return NULL;
}

/* A frame of a session that has just been closed is no lie of the helper's: its other sessions live. */
static void frames_of_closed_sessions(void) {
    record_clear();
    live l = {.options = {.sessions = 16, .ctl_hang_ms = 5000, .rt_hang_ms = 5000}};
    bool ready = live_start(&l, helper_program, probe_module, "probe");
    syx_provider *detector = ready ? live_provider(&l, SYX_VAD, "{}") : NULL;
    syx_session *beside = NULL;
    EXPECT(detector && live_session(&l, SYX_VAD, detector, 1, "", &beside) >= 0);
    if (!beside) return live_end(&l);
    closer closers[CLOSERS];
    pthread_t threads[CLOSERS];
    for (int i = 0; i < CLOSERS; i++) {
        closers[i] = (closer){&l, detector, (syx_hsession)(i + 1) << 32, now_ns() + (int64_t)CLOSING_MS * 1000000};
        pthread_create(&threads[i], NULL, open_and_close, &closers[i]);
    }
    for (int i = 0; i < CLOSERS; i++) pthread_join(threads[i], NULL);
    EXPECT(!wait_lost(&l.witness, 0) && syrinx_helper_settle(l.helper, LONG_MS));
    int before = l.witness.frames;
    EXPECT(send_frame(&l, beside) == SYX_PENDING && wait_frames(&l.witness, before + 1, LONG_MS));
    close_session(&l, beside);
    live_kind(&l, SYX_VAD)->vt->close(detector);
    EXPECT(syrinx_helper_alive(l.helper));
    live_end(&l);
}

/* ---- tasks that have not begun ---- */

static const char *tasks_run(const live *l, syx_session *session, syx_hsession handle) {
    static char text[16];
    send_event(l, session, SYX_EV_PROMPT, 0, "ran");
    EXPECT(wait_event(handle, SYX_EV_DONE, 1, LONG_MS));
    snprintf(text, sizeof text, "%.15s", find_event(handle, SYX_EV_DONE, 0).text);
    return text;
}

/* What run() has accepted runs, also for a session that is closed before: its argument would be lost. The provider is
 * closed after all of it, for they use what it has. */
static void tasks_of_closed_sessions(void) {
    record_clear();
    live l = {.options = {.sessions = 4, .workers = 2, .ctl_hang_ms = 5000}};
    bool ready = live_start(&l, helper_program, probe_module, "probe");
    syx_provider *provider = ready ? live_provider(&l, SYX_AGENT, "{}") : NULL;
    syx_session *sessions[3] = {NULL}, *last = NULL;
    const char *orders[3] = {"tasks 20", "tasks 20", "tasks 5"};
    for (int i = 0; provider && i < 3; i++)
        EXPECT(live_session(&l, SYX_AGENT, provider, (syx_hsession)i + 1, "", &sessions[i]) >= 0);
    if (!sessions[2]) return live_end(&l);
    /* Both workers have enough to do when the third comes, and goes. */
    for (int i = 0; i < 3; i++) EXPECT(send_event(&l, sessions[i], SYX_EV_PROMPT, 0, orders[i]) == SYX_OK);
    EXPECT(wait_event(3, SYX_EV_DELTA, 1, LONG_MS) && find_event(3, SYX_EV_DELTA, 0).text[0] == '5');
    for (int i = 2; i >= 0; i--) close_session(&l, sessions[i]);
    EXPECT(wait_sessions_closed(&l.witness, 3, LONG_MS));
    /* One that is refused has no session_close, whatever it has asked for. */
    syx_status refused = live_session(&l, SYX_AGENT, provider, 4, "refuse after run", &last);
    EXPECT(refused == SYX_EQUOTA || refused == SYX_PENDING);
    if (last) close_session(&l, last);
    EXPECT(syrinx_helper_settle(l.helper, LONG_MS));
    EXPECT(live_session(&l, SYX_AGENT, provider, 5, "", &last) >= 0);
    if (last) {
        EXPECT(strcmp(tasks_run(&l, last, 5), "46") == 0);
        send_event(&l, last, SYX_EV_PROMPT, 0, "tasks 5");
        close_session(&l, last);
    }
    live_kind(&l, SYX_AGENT)->vt->close(provider);
    EXPECT(syrinx_helper_alive(l.helper) && l.witness.closed >= 4);
    live_end(&l);
}

void test_closing(void) {
    frames_of_closed_sessions();
    tasks_of_closed_sessions();
}
