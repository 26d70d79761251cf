/* SPDX-License-Identifier: Apache-2.0
 *
 * F: requests, their ends, cancelling, credit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "scenario.h"

static const char long_text[] =
    "We have a table for two at the window, and the kitchen is open until ten. If you would rather sit outside, there is one "
    "under the lime tree as well. Please tell me which of them you would like, and at what time you are going to arrive.";

static fake_session *begin(ck *c, syx_provider **p) {
    *p = ck_provider(c);
    return ck_session(c, *p);
}

static void end(ck *c, syx_provider *p, fake_session *s) {
    fake_close(s);
    ck_close(c, p);
}

void check_stream_terminals(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    outcome o = {0};
    if (!s) return;
    scenario_run(c, s, &o);
    CK_NEED(c, o.refused == 0, "%zu plain requests were refused", o.refused);
    CK_NEED(c, o.complete, "a request has no terminal event after %d s", SCENARIO_WAIT_MS / 1000);
    fake_run(s, 50);
    end(c, p, s);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
    ck_no_breach(c, FAKE_STRAY_TERMINAL);
}

/* Keeps an answer from being complete at once: little credit, few events. */
static void hold(ck *c, fake_session *s) {
    fake_limit(s, c->format.rate / 10);
    fake_limit_events(s, 6);
}

/* Room for all events again, terminals too; the credit for audio stays short. */
static void let_events_go(fake_session *s) { fake_grant_events(s, SIZE_MAX); }

/* Any terminal will do: the answer may have been complete before the cancel came. */
void check_stream_cancel(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    int64_t worst = 0;
    if (!s) return;
    if (!c->d->vt->cancel) return ck_skip(c, "it has no cancel()");
    for (uint64_t g = 1; g <= 8; g++) {
        if (g % 4 != 0) hold(c, s);
        scenario_ask(c, s, g, long_text);
        if (g % 2) fake_run(s, 2);
        int64_t start = fake_real();
        fake_cancel(s, g);
        let_events_go(s);
        CK_NEED(c, fake_wait_ends(s, 5000), "a cancelled request has no terminal event after 5 s");
        int64_t took = fake_real() - start;
        worst = took > worst ? took : worst;
    }
    fake_grant(s, SIZE_MAX);
    if (c->d->kind != SYX_STT) CK_NEED(c, scenario_request(c, s, 9, "Yes."), "after a cancel the next request does not end");
    if (worst > 100000000) ck_warn(c, "a cancelled request took %lld ms to end; 100 are allowed", (long long)ck_ms(worst));
    end(c, p, s);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

static size_t terminal_index(const fake_session *s, uint64_t generation) {
    for (size_t i = s->event_count; i > 0; i--)
        if (fake_is_terminal(s->events[i - 1].type) && s->events[i - 1].generation == generation) return i - 1;
    return SIZE_MAX;
}

void check_stream_cancel_silence(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    if (!c->d->vt->cancel) return ck_skip(c, "it has no cancel()");
    for (uint64_t g = 1; g <= 4; g++) {
        hold(c, s);
        scenario_ask(c, s, g, long_text);
        if (g % 2) fake_run(s, 3);
        size_t stale = s->stale;
        fake_cancel(s, g);
        let_events_go(s);
        fake_wait_ends(s, 5000);
        fake_run(s, 30);
        size_t last = terminal_index(s, g);
        for (size_t i = last + 1; last != SIZE_MAX && i < s->event_count; i++)
            CK_NEED(c, s->events[i].generation != g || fake_is_terminal(s->events[i].type), "event %u of a cancelled generation comes after its terminal", s->events[i].type);
        /* From a helper comes what was on its way, too. */
        CK_NEED(c, s->stale - stale <= 64 || c->mode == CK_ISOLATED, "after a cancel it sent %zu more events of that generation: it does not stop working", s->stale - stale);
    }
    end(c, p, s);
}

void check_stream_cancel_odd(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    static const uint64_t odd[] = {0, 1, 2, 999999, UINT64_MAX, UINT64_MAX - 1, 1, 0};
    if (!s) return;
    if (!c->d->vt->cancel) return ck_skip(c, "it has no cancel()");
    for (size_t round = 0; round < 40; round++)
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) c->d->vt->cancel(s->session, odd[i] + (i > 2 ? 0 : round * 3));
    if ((1 << c->d->kind) & CK_REQUESTS) {
        CK_NEED(c, scenario_request(c, s, 5000, "Yes."), "after generations were cancelled that never were, a request does not end");
        fake_cancel(s, 5000);
        fake_cancel(s, 5000);
        fake_run(s, 30);
    }
    end(c, p, s);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

void check_stream_overlap(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    hold(c, s);
    scenario_ask(c, s, 1, long_text);
    scenario_ask(c, s, 2, "Yes.");
    syx_status third = scenario_ask(c, s, 3, "No.");
    if (c->d->vt->cancel) fake_cancel(s, 2);
    let_events_go(s);
    fake_grant(s, SIZE_MAX);
    CK_NEED(c, fake_wait_ends(s, SCENARIO_WAIT_MS), "of three requests at once one does not end");
    for (size_t i = 0; i < s->event_count && third >= 0; i++)
        CK_NEED(c, s->events[i].type != SYX_EV_CANCELLED || s->events[i].generation == 2, "generation %llu was cancelled along with another",
                (unsigned long long)s->events[i].generation);
    end(c, p, s);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

/* ------------------------------------------------------------------------------------------------------- credit -- */

void check_stream_credit(ck *c) {
    syx_provider *p;
    fake_session *freely = begin(c, &p), *s = ck_session(c, p);
    outcome whole = {0}, parts = {0};
    uint32_t step = c->format.rate / 10;
    if (!freely || !s) return;
    for (uint64_t g = 1; g <= 2; g++) scenario_request(c, freely, g, long_text);
    scenario_collect(c, freely, &whole);
    fake_limit(s, step);
    for (uint64_t g = 1; g <= 2; g++) scenario_ask(c, s, g, long_text);
    for (int i = 0; i < 100 && s->refused == 0; i++) fake_run(s, 30);
    CK_NEED(c, fake_samples(s) <= step, "it got more audio through than the credit");
    int64_t limit = fake_real() + 30000000000;
    while (!fake_wait_ends(s, 1) && fake_real() < limit) fake_grant(s, step);
    scenario_collect(c, s, &parts);
    CK_NEED(c, parts.complete, "with credit that comes in pieces a request does not end");
    const char *difference = scenario_differs(c, &whole, &parts);
    if (s->refused == 0) ck_warn(c, "it never met the end of its credit");
    fake_close(freely);
    end(c, p, s);
    if (difference) ck_fail(c, "with credit that comes in pieces differs: %s", difference);
}

/* Any event may meet a full queue, the terminal too. */
void check_stream_room(ck *c) {
    syx_provider *p;
    fake_session *freely = begin(c, &p), *s = ck_session(c, p);
    outcome whole = {0}, parts = {0};
    if (!freely || !s) return;
    for (uint64_t g = 1; g <= 2; g++) scenario_request(c, freely, g, "A table for two, please.");
    scenario_collect(c, freely, &whole);
    fake_limit_events(s, 0);
    int64_t limit = fake_real() + 30000000000;
    for (uint64_t g = 1; g <= 2; g++) {
        scenario_ask(c, s, g, "A table for two, please.");
        while (!fake_wait_ends(s, 1) && fake_real() < limit) fake_grant_events(s, 1);
    }
    scenario_collect(c, s, &parts);
    CK_NEED(c, parts.complete, "when the host takes one event at a time, a request does not end");
    const char *difference = scenario_differs(c, &whole, &parts);
    fake_close(freely);
    end(c, p, s);
    if (difference) ck_fail(c, "when the host takes one event at a time, differs: %s", difference);
}

void check_stream_no_spin(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    fake_limit_events(s, 0);
    fake_limit(s, 0);
    scenario_ask(c, s, 1, long_text);
    /* Work that is under way may go on and try each piece once. */
    size_t tried = SIZE_MAX;
    for (int i = 0; i < 20 && tried >= 20; i++) {
        size_t before = s->emits;
        fake_run(s, 150);
        tried = s->emits - before;
    }
    CK_NEED(c, tried < 20, "after 3 s it still tries %zu times in 150 ms to send what the host cannot take", tried);
    fake_limit_events(s, SIZE_MAX);
    fake_grant(s, SIZE_MAX);
    CK_NEED(c, fake_wait_ends(s, SCENARIO_WAIT_MS), "WRITABLE does not make it go on");
    end(c, p, s);
}

/* However: a plugin whose vendor cannot be reached from here ends each request with an error. */
static bool ended(fake_session *s, uint64_t generation) {
    static const uint16_t ends[] = {SYX_EV_DONE, SYX_EV_FINAL, SYX_EV_ERROR, SYX_EV_CANCELLED};
    for (int64_t until = fake_real() + 5000000000; fake_real() < until; fake_run(s, 2))
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            if (fake_count(s, ends[i], generation)) return true;
    return false;
}

void check_stream_emit_fails(ck *c) {
    static const syx_status faults[] = {SYX_EINTERNAL, SYX_EINVAL, SYX_ESTALE, SYX_ENOMEM, -77};
    syx_provider *p = ck_provider(c);
    for (size_t i = 0; p && i < sizeof faults / sizeof *faults; i++) {
        fake_session *s = ck_session(c, p);
        if (!s) return;
        fake_set.emit_fault = faults[i];
        fake_set.emit_faults = 3;
        scenario_ask(c, s, 1, "Yes.");
        fake_run(s, 60);
        size_t emits = s->emits;
        fake_set.emit_faults = 0;
        CK_NEED(c, emits < 20000, "emit() answered %d, and it tried %zu times", faults[i], emits);
        CK_NEED(c, scenario_ask(c, s, 2, "Yes.") < 0 || ended(s, 2), "after emit() had answered %d, the next request does not end", faults[i]);
        fake_close(s);
    }
    ck_close(c, p);
}

/* -------------------------------------------------------------------------------------------------------- events -- */

static void run_all(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    scenario_run(c, s, NULL);
    fake_run(s, 20);
    end(c, p, s);
}

void check_stream_events(ck *c) {
    run_all(c);
    ck_no_breach(c, FAKE_BAD_EVENT);
}

void check_stream_utf8(ck *c) {
    static const char *const texts[] = {"Gr\xC3\xBC\xC3\x9F" "e, \xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x98\x80!", "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", "na\xC3\xAFve"};
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    for (uint64_t i = 0; i < 3 && c->d->kind != SYX_TURN; i++) scenario_request(c, s, i + 1, texts[i]);
    end(c, p, s);
    ck_no_breach(c, FAKE_BAD_TEXT);
}

void check_stream_odd_text(ck *c) {
    static const char *const odd[] = {"", "   ", "...", "\xff\xfe\xc3", "\xF0\x9F", "\xC3\xA9t\xC3\xA9 \xF0\x9F\x98\x80", "a\x01" "b\tc\n", "<speak>&amp;</speak>",
                                      "1234567890123456789012345678901234567890", "%s%n%x", "\xE2\x80\xAE\xE2\x80\x8B", "{\"a\":"};
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    for (uint64_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        syx_status status = scenario_ask(c, s, i + 1, odd[i]);
        CK_NEED(c, status < 0 || fake_wait_ends(s, SCENARIO_WAIT_MS), "odd text number %d: its request does not end", (int)i);
    }
    /* A text of bytes that may be cut anywhere. */
    syx_event ev = syx_ev(scenario_request_type(c), 100, 0);
    ev.text = syx_span("caf\xC3\xA9", 4);
    if (c->d->kind != SYX_STT && fake_handle(s, &ev) >= 0) CK_NEED(c, fake_wait_ends(s, SCENARIO_WAIT_MS), "a text that ends within a character: its request does not end");
    end(c, p, s);
    ck_no_breach(c, FAKE_BAD_TEXT);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

void check_stream_unknown(ck *c) {
    static const uint16_t types[] = {0, 31, 63, 77, 127, 129, 139, 200, 999, 60000, 65535};
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s || !c->d->vt->handle) return;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        syx_status status = fake_send(s, types[i], 1, 0, "text", "{}");
        CK_NEED(c, c->mode == CK_ISOLATED || status == SYX_SKIP, "event type %u is answered %d, not SYX_SKIP", types[i], status);
    }
    syx_event ev = syx_ev(SYX_EV_AUDIO_IN, 0, 0);
    ev.space = 7;
    syx_status status = s->vt->handle(s->session, &ev);
    if (c->mode != CK_ISOLATED && status != SYX_SKIP && status >= 0) ck_warn(c, "an event of another space is answered %d, not SYX_SKIP", status);
    static const uint16_t later[] = {SYX_EV_CONFIG, SYX_EV_DTMF_IN};
    for (size_t i = 0; i < 2; i++) {
        status = fake_send(s, later[i], 0, 0, i ? "5" : "", i ? "" : "{}");
        if (status < 0) ck_warn(c, "event type %u is answered %d; what is not used is skipped", later[i], status);
    }
    fake_run(s, 20);
    end(c, p, s);
}

void check_stream_order(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s || !c->d->vt->handle) return;
    fake_send(s, SYX_EV_WRITABLE, 0, 0, "", "");
    fake_send(s, SYX_EV_TIMER, 0, 12345, "", "");
    fake_send(s, SYX_EV_TASK_DONE, 0, 12345, "", "");
    fake_send(s, SYX_EV_TASK_DONE, 0, 0, "", "");
    fake_send(s, SYX_EV_TOOL_RESULT, 1, 99, "late", "");
    fake_send(s, SYX_EV_TRANSCRIPT, 0, 0, "", "");
    fake_send(s, SYX_EV_AUDIO_IN, 0, 0, "", "");
    fake_send(s, SYX_EV_DRAIN, 0, 0, "", "");
    fake_send(s, SYX_EV_WRITABLE, 0, 0, "", "");
    fake_run(s, 20);
    end(c, p, s);
    s = begin(c, &p);
    if (!s) return;
    for (uint64_t g = 3; g < 3000000000000; g = g * 77 + 5)
        if ((1 << c->d->kind) & CK_REQUESTS) scenario_ask(c, s, g, "No.");
    CK_NEED(c, fake_wait_ends(s, SCENARIO_WAIT_MS), "generations with gaps do not all end");
    end(c, p, s);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

void check_stream_empty(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    for (uint64_t g = 1; g <= 3; g++) {
        syx_status status = fake_send(s, scenario_request_type(c), g, 0, "", "");
        CK_NEED(c, status < 0 || fake_wait_ends(s, SCENARIO_WAIT_MS), "an empty request does not end");
    }
    CK_NEED(c, scenario_request(c, s, 4, "Yes."), "after empty requests a plain one does not end");
    end(c, p, s);
}

void check_stream_long(ck *c) {
    enum { LONG = 200000 };
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    char *text = malloc(LONG + 1);
    for (size_t i = 0; i < LONG; i++) text[i] = "word "[i % 5];
    text[c->o->quick ? 20000 : LONG] = 0;
    fake_limit(s, SIZE_MAX);
    syx_status status = scenario_ask(c, s, 1, text);
    if (status >= 0) {
        fake_run(s, 500);
        fake_cancel(s, 1);
        CK_NEED(c, !c->d->vt->cancel || fake_wait_ends(s, SCENARIO_WAIT_MS), "a request of 200 kB does not end, though it was cancelled");
    } else {
        ck_pass(c, "it refuses %zu bytes with %d", strlen(text), status);
    }
    CK_NEED(c, !c->d->vt->cancel || scenario_request(c, s, 2, "Yes."), "after a very long request a plain one does not end");
    end(c, p, s);
}

void check_stream_many(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    size_t rounds = ck_rounds(c, 300), done = 0;
    int64_t limit = fake_real() + (c->o->quick ? 3000000000 : 15000000000);
    if (!s) return;
    for (; done < rounds && fake_real() < limit; done++) {
        scenario_ask(c, s, done + 1, "No.");
        CK_NEED(c, fake_wait_ends(s, SCENARIO_WAIT_MS), "request number %zu of one session does not end", done + 1);
    }
    ck_pass(c, "%zu requests in one session", done);
    end(c, p, s);
    ck_no_breach(c, FAKE_SECOND_TERMINAL);
}

void check_stream_confidence(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    size_t seen = 0;
    if (!s) return;
    scenario_run(c, s, NULL);
    for (size_t i = 0; i < s->event_count; i++) {
        const fake_event *e = &s->events[i];
        if (e->type != SYX_EV_FINAL && e->type != SYX_EV_PARTIAL && e->type != SYX_EV_TURN_END) continue;
        CK_NEED(c, isfinite(e->f0) && e->f0 >= 0 && e->f0 <= 1, "event %u has the confidence %g, not within 0 and 1", e->type, e->f0);
        CK_NEED(c, e->type != SYX_EV_PARTIAL || (e->i0 >= 0 && (size_t)e->i0 <= e->text_len), "PARTIAL says %lld stable bytes of %zu", (long long)e->i0, e->text_len);
        seen++;
    }
    end(c, p, s);
    if (!seen) ck_skip(c, "it sent none");
}

void check_stream_marks(ck *c) {
    static const char text[] = "Caf\xC3\xA9 and g\xC3\xA2teau, please, at the window.";
    syx_provider *p;
    fake_session *s = begin(c, &p);
    int64_t byte = -1, sample = -1;
    size_t marks = 0;
    if (!s) return;
    CK_NEED(c, scenario_request(c, s, 1, text), "a clause with accents does not end");
    for (size_t i = 0; i < s->event_count; i++) {
        const fake_event *e = &s->events[i];
        if (e->type != SYX_EV_MARK) continue;
        marks++;
        CK_NEED(c, e->i0 >= 0 && e->i0 <= (int64_t)strlen(text), "a MARK points to byte %lld of %zu", (long long)e->i0, strlen(text));
        CK_NEED(c, ((unsigned char)text[e->i0] & 0xC0) != 0x80, "a MARK points into the middle of a character");
        CK_NEED(c, e->i0 >= byte && e->i1 >= sample, "marks do not rise");
        CK_NEED(c, e->i1 >= 0 && e->i1 <= (int64_t)s->samples, "a MARK points to sample %lld of %zu", (long long)e->i1, s->samples);
        byte = e->i0, sample = e->i1;
    }
    end(c, p, s);
    if (!marks) ck_skip(c, "it sends no marks");
}

void check_stream_usage(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    scenario_run(c, s, NULL);
    size_t seen = 0;
    for (size_t i = 0; i < s->event_count; i++) seen += s->events[i].type == SYX_EV_USAGE;
    end(c, p, s);
    if (!seen) ck_skip(c, "it sends no USAGE");
    ck_no_breach(c, FAKE_BAD_TEXT);
}

void check_stream_partials(ck *c) {
    syx_provider *p;
    fake_session *s = begin(c, &p);
    if (!s) return;
    scenario_run(c, s, NULL);
    size_t partials = 0;
    for (size_t i = 0; i < s->event_count; i++) {
        const fake_event *e = &s->events[i];
        if (e->type != SYX_EV_PARTIAL) continue;
        partials++;
        CK_NEED(c, fake_count(s, SYX_EV_FINAL, e->generation) || e->generation == 0, "the partials of utterance %llu end in no FINAL", (unsigned long long)e->generation);
        for (size_t k = 0; k < i; k++)
            CK_NEED(c, s->events[k].type != SYX_EV_FINAL || s->events[k].generation != e->generation || e->generation == 0, "a PARTIAL comes after its utterance's FINAL");
    }
    end(c, p, s);
    if (!partials) ck_skip(c, "it sent no partials");
}
