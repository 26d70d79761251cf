/* SPDX-License-Identifier: Apache-2.0
 *
 * Hostile helpers beside an honest one. This process goes on, the hostile one is ended or ignored, and the honest
 * one's frames keep coming. */
#include "hostile.h"

#include <string.h>

#include "network.h"

/* No helper is ended because it stood still for a moment: none of the attacks is one of time. */
enum { AT_LEAST_MS = 20, HANG_MS = 5000, PATIENCE_MS = 20000 };

static const struct {
    const char *name;
    hostile_end end;
} attacks[] = {
#define ENTRY(name, end) {#name, end},
    ATTACKS(ENTRY)};

/* The honest one. */
static live other;
static syx_provider *detector;
static syx_session *listening;
static int64_t slowest;

static void hear_the_other(void) {
    int before = other.witness.frames;
    int64_t start = now_ns();
    EXPECT(send_frame(&other, listening) == SYX_PENDING);
    EXPECT(wait_frames(&other.witness, before + 1, PATIENCE_MS));
    int64_t took = now_ns() - start;
    if (took > slowest) slowest = took;
}

static bool begin_other(void) {
    other = (live){.options = {.sessions = 4, .rt_hang_ms = PATIENCE_MS, .ctl_hang_ms = PATIENCE_MS}};
    if (!live_start(&other, helper_program, probe_module, "honest")) return false;
    detector = live_provider(&other, SYX_VAD, "{}");
    return detector && live_session(&other, SYX_VAD, detector, 1000, "", &listening) >= 0;
}

static void end_other(void) {
    close_session(&other, listening);
    live_kind(&other, SYX_VAD)->vt->close(detector);
    EXPECT(syrinx_helper_alive(other.helper));
    live_end(&other);
}

/* The lying table may lack what is wanted of it. */
static bool is_usable(const live *l) {
    const syx_plugin_desc *agent = live_kind(l, SYX_AGENT), *vad = live_kind(l, SYX_VAD);
    return agent && vad && agent->vt->handle && vad->vt->process;
}

static void talk(const live *l, syx_session *session) {
    send_event(l, session, SYX_EV_PROMPT, 1, "hello");
    send_frame(l, session);
}

static void use(live *l, syx_session *session) {
    int64_t until = now_ns() + (int64_t)AT_LEAST_MS * 1000000;
    do {
        talk(l, session);
        hear_the_other();
    } while (now_ns() < until && !wait_lost(&l->witness, 0));
}

/* The cause that the protocol's breach has; a hostile helper may as well stand still, or go by itself. */
static void judge(live *l, syx_session *session, hostile_end end, const char *name) {
    int64_t until = now_ns() + (int64_t)PATIENCE_MS * 1000000;
    while (end == DIES && now_ns() < until && !wait_lost(&l->witness, 2))
        if (session) talk(l, session);
    if (end == DIES) {
        EXPECT(wait_lost(&l->witness, 0));
        EXPECT(l->witness.death.cause == SYRINX_DEATH_PROTOCOL);
        if (l->witness.death.cause != SYRINX_DEATH_PROTOCOL) printf("  %s: %s\n", name, l->witness.death.doing);
    }
    if (end == LIVES) EXPECT(!wait_lost(&l->witness, 0));
    syrinx_helper_kill(l->helper);
    EXPECT(wait_lost(&l->witness, PATIENCE_MS));
}

static void endure(size_t which, unsigned seed) {
    char name[40];
    snprintf(name, sizeof name, "%s-%u", attacks[which].name, seed);
    record_clear();
    net_clear(true);
    net.full = strcmp(attacks[which].name, "hoard") == 0;
    live l = {.options = {.sessions = 4, .ctl_hang_ms = HANG_MS, .rt_hang_ms = HANG_MS, .load_ms = HANG_MS}};
    if (!live_start(&l, hostile_program, "/nonexistent", name)) {
        EXPECT(strcmp(attacks[which].name, "table") == 0);
        EXPECT(strncmp(l.code, "plugin.", 7) == 0 && l.error[0]);
        hear_the_other();
        return;
    }
    syx_provider *provider = is_usable(&l) ? live_provider(&l, SYX_AGENT, "{}") : NULL;
    syx_session *session = NULL;
    if (strcmp(attacks[which].name, "greedy") == 0) {
        record_lock();
        seen.credit = 0;
        record_unlock();
    }
    if (provider) live_session(&l, SYX_AGENT, provider, 1, "", &session);
    if (session) use(&l, session);
    judge(&l, session, attacks[which].end, name);
    if (session) close_session(&l, session);
    if (provider) live_kind(&l, SYX_AGENT)->vt->close(provider);
    live_end(&l);
    hear_the_other();
}

void test_hostile(unsigned seeds) {
    if (!begin_other()) {
        EXPECT(!"the honest helper starts");
        return;
    }
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        int64_t start = now_ns();
        for (unsigned seed = 1; seed <= seeds; seed++) endure(i, seed);
        printf("  %-9s %5.1f s\n", attacks[i].name, (double)(now_ns() - start) / 1e9);
    }
    end_other();
    printf("%zu attacks, %u seeds each; slowest frame of the helper beside them: %.1f ms\n",
        sizeof attacks / sizeof *attacks, seeds, (double)slowest / 1e6);
}
