/* SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"

#include <string.h>

#include "load.h"
#include "speech.h"

/* Every third turn barges in when 400 ms of the reply have come. */
enum { BARGE_EVERY = 3 };
static const int64_t barge_after = 400 * NS_PER_MS;
static const int64_t patience = 5 * NS_PER_S;
/* A server may run 100 ms ahead; one frame more is the network's. */
static const int64_t lead_allowed = 120 * NS_PER_MS;

/* ------------------------------------------------------------------------------------------- the caller's script -- */

static uint32_t draw(struct talk *t, uint32_t low, uint32_t high) {
    t->random = t->random * 1664525u + 1013904223u;
    return low + (t->random >> 8) % (high - low);
}

static void begin_pause(struct talk *t, int64_t now, uint32_t low_ms, uint32_t high_ms) {
    t->step = TALK_PAUSE;
    t->pause_ends = now + draw(t, low_ms, high_ms) * NS_PER_MS;
}

static void begin_speech(struct talk *t, bool cutting) {
    t->step = TALK_SPEAK;
    t->cutting = cutting;
    t->spoken = 0;
    t->burst = draw(t, 35, 50); /* 0.7 to 1 s: long enough for a cut reply to fall silent within */
}

static void end_of_barge_in(struct session *s) {
    struct talk *t = &s->talk;
    struct talk_results *r = &s->load->talk;
    if (t->reply_bytes >= (size_t)s->load->options.reply_ms / 20 * s->load->options.frame_bytes) {
        r->uncut++;
        return;
    }
    r->cut++;
    if (in_window(s->load, t->onset)) histogram_add(&r->stop, t->last_audio - t->onset);
}

static void end_speech(struct session *s, int64_t now) {
    struct talk *t = &s->talk;
    if (t->cutting) end_of_barge_in(s);
    t->step = TALK_WAIT;
    t->speech_end = now + FRAME_NS;
    t->reply_bytes = 0;
    t->committed = false;
    t->turn++;
    s->load->talk.turns++;
}

static bool wants_to_barge_in(const struct session *s, int64_t now) {
    return (s->talk.turn + s->index) % BARGE_EVERY == 0 && now - s->talk.first_audio >= barge_after;
}

/* What time alone brings about. */
static void advance(struct session *s, int64_t now) {
    struct talk *t = &s->talk;
    struct load *load = s->load;
    if (t->step == TALK_PAUSE && now >= t->pause_ends) {
        begin_speech(t, false);
    } else if (t->step == TALK_WAIT && now >= t->speech_end + patience) {
        load->talk.missing++;
        begin_pause(t, now, 300, 600);
    } else if (t->step == TALK_LISTEN && wants_to_barge_in(s, now)) {
        begin_speech(t, true);
    } else if (t->step == TALK_LISTEN && now >= t->first_audio + load->options.reply_ms * NS_PER_MS + patience) {
        load->talk.wrong_length++;
        begin_pause(t, now, 300, 600);
    }
}

static void opened(struct session *s, int64_t now) {
    s->talk = (struct talk){.random = s->index * 2654435761u};
    /* Callers do not speak in chorus. */
    begin_pause(&s->talk, now, 200, 2700);
}

static void step(struct session *s, int64_t now) {
    struct talk *t = &s->talk;
    advance(s, now);
    if (t->step != TALK_SPEAK) {
        load_send(s, silence_frame(), now);
        return;
    }
    if (t->spoken == 0) t->onset = t->last_audio = now;
    load_send(s, speech_frame(t->spoken++), now);
    if (t->spoken == t->burst) end_speech(s, now);
}

/* --------------------------------------------------------------------------------------------- the server's half -- */

static void begin_reply(struct session *s, int64_t now) {
    struct talk *t = &s->talk;
    t->step = TALK_LISTEN;
    t->first_audio = now;
    if (in_window(s->load, t->speech_end)) histogram_add(&s->load->talk.response, now - t->speech_end);
}

/* A caller plays the reply from its first frame on: that sets the time at which each further frame is needed. */
static void check_pace(struct session *s, int64_t now) {
    int64_t index = (int64_t)(s->talk.reply_bytes / s->load->options.frame_bytes);
    int64_t late = now - (s->talk.first_audio + index * FRAME_NS);
    if (late < -lead_allowed) s->load->talk.over_lead++;
    if (in_window(s->load, now)) histogram_add(&s->load->talk.late, late);
}

static void hear_reply(struct session *s, size_t len, int64_t now) {
    struct talk *t = &s->talk;
    size_t whole = (size_t)s->load->options.rate / 1000 * 2 * (size_t)s->load->options.reply_ms;
    check_pace(s, now);
    t->reply_bytes += len;
    if (t->reply_bytes < whole) return;
    if (t->reply_bytes == whole)
        s->load->talk.whole++;
    else
        s->load->talk.wrong_length++;
    begin_pause(t, now, 300, 600);
}

static void hear(struct session *s, size_t len, int64_t now) {
    struct talk *t = &s->talk;
    /* The end of a reply that was cut, late: the next one's turn is told of before its audio. */
    if (t->step == TALK_WAIT && !t->committed) return;
    if (t->step == TALK_WAIT) begin_reply(s, now);
    if (t->step == TALK_LISTEN) {
        hear_reply(s, len, now);
    } else if (t->step == TALK_SPEAK && t->cutting) {
        t->last_audio = now;
        t->reply_bytes += len;
    } else {
        s->load->talk.stray++;
    }
}

/* ------------------------------------------------------------------------------------------------------- events -- */

/* The value of "type" in a JSON object, without parsing the rest. */
static bool has_type(const struct ws_frame *frame, const char *type) {
    const char *text = (const char *)frame->payload, *end = text + frame->len;
    const char *at = memmem(text, frame->len, "\"type\"", 6);
    if (!at) return false;
    for (at += 6; at < end && (*at == ' ' || *at == ':' || *at == '"');) at++;
    size_t len = strlen(type);
    return (size_t)(end - at) > len && memcmp(at, type, len) == 0 && at[len] == '"';
}

static void count_event(struct session *s, const struct ws_frame *frame) {
    struct talk_results *r = &s->load->talk;
    r->events++;
    if (has_type(frame, "turn.committed")) {
        r->committed++;
        s->talk.committed = true;
    }
    r->ended += has_type(frame, "turn.ended");
    r->interruptions += has_type(frame, "interruption.confirmed");
    r->clears += has_type(frame, "audio.clear");
}

static void message(struct session *s, const struct ws_frame *frame, int64_t now) {
    if (frame->opcode == WS_TEXT)
        count_event(s, frame);
    else
        hear(s, frame->len, now);
}

/* Turns under way at the end are not judged. */
static bool settled(const struct session *s) {
    (void)s;
    return true;
}

static void leaving(struct session *s) {
    (void)s;
}

/* ------------------------------------------------------------------------------------------------------- results -- */

static void report(const struct load *load, struct report *r) {
    const struct talk_results *t = &load->talk;
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"turns", t->turns},           {"replies_whole", t->whole},
                  {"replies_cut", t->cut},       {"replies_missing", t->missing},
                  {"wrong_length", t->wrong_length}, {"uncut", t->uncut},
                  {"stray_frames", t->stray},    {"over_lead", t->over_lead},
                  {"events", t->events},         {"turns_committed", t->committed},
                  {"turns_ended", t->ended},     {"interruptions", t->interruptions},
                  {"clears", t->clears}};
    report_times(r, "response", &t->response);
    report_times(r, "stop", &t->stop);
    report_times(r, "pace_late", &t->late);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        report_number(r, counts[i].name, (double)counts[i].value);
}

static uint64_t faults(const struct load *load) {
    const struct talk_results *t = &load->talk;
    /* A cut that comes too late is a matter of speed; that none of several ever came is not. */
    uint64_t deaf = t->cut == 0 && t->uncut > 1 ? t->uncut : 0;
    return t->missing + t->wrong_length + t->stray + deaf;
}

const struct behaviour talk_behaviour = {opened, step, message, settled, leaving, report, faults};
