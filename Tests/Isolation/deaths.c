/* SPDX-License-Identifier: Apache-2.0
 *
 * Helpers that die, hang or stand still: seen, told of, ended. Times are printed; the bounds are only against waiting
 * for ever. */
#include <signal.h>
#include <string.h>

#include "host.h"

/* Where a hang is what is looked at; elsewhere no helper that stood still for a moment is ended. */
enum { HANG_MS = 1000, PATIENT_MS = 10000, GENEROUS_MS = 20000 };

typedef struct {
    live l;
    syx_provider *provider;
    syx_session *session;
} call;

static bool begin(call *c, syx_kind kind, const char *config, uint32_t hang_ms) {
    *c = (call){.l = {.options = {.sessions = 4, .rt_hang_ms = hang_ms, .ctl_hang_ms = hang_ms}}};
    record_clear();
    if (!live_start(&c->l, helper_program, chaos_module, "chaos")) return false;
    c->provider = live_provider(&c->l, kind, config);
    return c->provider && live_session(&c->l, kind, c->provider, 1, "", &c->session) >= 0;
}

static void end(call *c) {
    if (c->session) close_session(&c->l, c->session);
    if (c->provider) live_kind(&c->l, SYX_AGENT)->vt->close(c->provider);
    live_end(&c->l);
}

/* Milliseconds from the call to `lost`. */
static double until_lost(syx_kind kind, const char *config, syrinx_death_cause cause, const char *doing) {
    call c;
    bool ready = begin(&c, kind, config, cause == SYRINX_DEATH_HANG ? HANG_MS : PATIENT_MS);
    EXPECT(ready);
    double ms = 0;
    if (ready) {
        int64_t start = now_ns();
        if (kind == SYX_VAD) EXPECT(send_frame(&c.l, c.session) == SYX_PENDING);
        else EXPECT(send_event(&c.l, c.session, SYX_EV_PROMPT, 1, "go") == SYX_OK);
        EXPECT(wait_lost(&c.l.witness, GENEROUS_MS));
        ms = (double)(c.l.witness.lost_at - start) / 1e6;
        EXPECT(c.l.witness.death.cause == cause);
        EXPECT(strstr(c.l.witness.death.doing, doing));
        /* Its sessions hear of it first. */
        EXPECT(count_events(1, SYX_EV_ERROR) == 1);
        EXPECT(find_event(1, SYX_EV_ERROR, 0).i0 == SYX_EUNAVAILABLE);
        EXPECT(!syrinx_helper_alive(c.l.helper));
        EXPECT(send_frame(&c.l, c.session) == SYX_ECLOSED);
    }
    end(&c);
    return ms;
}

/* Its limit is long: it must still hang when the second session has been asked for. Whoever opens a session while the helper hangs waits for some tens of milliseconds, and is told later. */
static void open_while_it_hangs(void) {
    call c;
    EXPECT(begin(&c, SYX_AGENT, "{\"fault\":\"hang_sleep\"}", 3000));
    if (c.session) {
        send_event(&c.l, c.session, SYX_EV_PROMPT, 1, "go");
        syx_session *second = NULL;
        int64_t start = now_ns();
        syx_status status = live_session(&c.l, SYX_AGENT, c.provider, 2, "", &second);
        printf("session_open while the helper hangs: back after %.1f ms\n", (double)(now_ns() - start) / 1e6);
        EXPECT(status == SYX_PENDING);
        EXPECT(wait_lost(&c.l.witness, GENEROUS_MS));
        EXPECT(count_events(1, SYX_EV_ERROR) == 1 && count_events(2, SYX_EV_ERROR) == 1);
        if (second) close_session(&c.l, second);
        syx_session *third = NULL;
        EXPECT(live_session(&c.l, SYX_AGENT, c.provider, 3, "", &third) == SYX_EUNAVAILABLE);
    }
    end(&c);
}

/* Two providers of one helper, each with its sessions; then all of it dies at once, and everything can still be closed. */
static void two_providers(void) {
    call c;
    EXPECT(begin(&c, SYX_AGENT, "{}", PATIENT_MS));
    syx_provider *detector = c.provider ? live_provider(&c.l, SYX_VAD, "{}") : NULL;
    syx_session *listening = NULL;
    EXPECT(detector && live_session(&c.l, SYX_VAD, detector, 2, "", &listening) >= 0);
    if (listening) {
        send_event(&c.l, c.session, SYX_EV_PROMPT, 1, "hello");
        for (int i = 0; i < 50; i++) EXPECT(send_frame(&c.l, listening) == SYX_PENDING);
        EXPECT(wait_frames(&c.l.witness, 50, LONG_MS) && wait_event(1, SYX_EV_DONE, 1, LONG_MS));
        syrinx_helper_stats stats = syrinx_helper_read_stats(c.l.helper);
        EXPECT(stats.providers == 2 && stats.sessions == 2 && stats.frames == 50);
        syrinx_helper_kill(c.l.helper);
        EXPECT(wait_lost(&c.l.witness, GENEROUS_MS));
        EXPECT(c.l.witness.death.cause == SYRINX_DEATH_SIGNAL && c.l.witness.death.detail == SIGKILL);
        EXPECT(count_events(1, SYX_EV_ERROR) == 1 && count_events(2, SYX_EV_ERROR) == 1);
        close_session(&c.l, listening);
        live_kind(&c.l, SYX_VAD)->vt->close(detector);
    }
    end(&c);
}

void test_deaths(void) {
    const char *segfault = "{\"fault\":\"segfault\"}", *spin = "{\"fault\":\"hang_spin\"}",
               *stop = "{\"fault\":\"stop_self\"}";
    printf("SIGSEGV to `lost`: %.1f ms in process, %.1f ms in handle\n",
        until_lost(SYX_VAD, segfault, SYRINX_DEATH_SIGNAL, "SIGSEGV in process"),
        until_lost(SYX_AGENT, segfault, SYRINX_DEATH_SIGNAL, "SIGSEGV in handle"));
    printf("hang to `lost`: %.0f ms in process, %.0f ms in handle (limit %d)\n",
        until_lost(SYX_VAD, spin, SYRINX_DEATH_HANG, "hang in process"),
        until_lost(SYX_AGENT, spin, SYRINX_DEATH_HANG, "hang in handle"), HANG_MS);
    printf("SIGSTOP to `lost`: %.0f ms in process, %.0f ms in handle\n",
        until_lost(SYX_VAD, stop, SYRINX_DEATH_HANG, "hang in process"),
        until_lost(SYX_AGENT, stop, SYRINX_DEATH_HANG, "hang in handle"));
    open_while_it_hangs();
    two_providers();
}
