/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions that are closed while something of theirs is under way. */
#include <pthread.h>

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

void test_closing(void) { frames_of_closed_sessions(); }
