/* SPDX-License-Identifier: Apache-2.0 */
#include "echo.h"

#include <string.h>

#include "load.h"
#include "speech.h"

/* Head of each frame. The rest is the speech table at `sequence`, so the answer can be checked to the last byte. */
struct head {
    uint32_t session, sequence;
    int64_t sent_at;
};

static void opened(struct session *s, int64_t now) {
    (void)now;
    s->echo = (struct echo){0};
}

static void step(struct session *s, int64_t now) {
    uint8_t frame[CONN_OUT];
    size_t len = s->load->options.frame_bytes;
    if (s->load->phase >= PHASE_DRAIN || now >= s->close_at) return;
    struct head head = {s->index, s->echo.sent, now};
    memcpy(frame, speech_frame(head.sequence), len);
    memcpy(frame, &head, sizeof head);
    if (load_send(s, frame, now)) s->echo.sent++;
}

/* The frame is one of ours and whole, whichever it is. */
static bool is_intact(const struct session *s, const struct ws_frame *frame, struct head *head) {
    const size_t skip = sizeof *head;
    if (frame->len != s->load->options.frame_bytes) return false;
    memcpy(head, frame->payload, skip);
    const uint8_t *body = frame->payload + skip, *expected = speech_frame(head->sequence) + skip;
    bool ours = head->session == s->index && head->sequence < s->echo.sent;
    return ours && memcmp(body, expected, frame->len - skip) == 0;
}

static void account(struct session *s, const struct head *head, int64_t now) {
    struct load *load = s->load;
    bool first = head->sequence == 0;
    load->echo.lost += head->sequence - s->echo.received;
    s->echo.received = head->sequence + 1;
    if (s->passing && first) histogram_add(&load->echo.starting, s->opening_took + now - head->sent_at);
    if (!s->passing && in_window(load, head->sent_at)) histogram_add(&load->echo.latency, now - head->sent_at);
}

static void message(struct session *s, const struct ws_frame *frame, int64_t now) {
    struct head head;
    if (frame->opcode != WS_BINARY) return;
    bool intact = is_intact(s, frame, &head);
    if (intact && head.sequence >= s->echo.received) {
        account(s, &head, now);
        return;
    }
    s->load->echo.mismatched++;
    /* A damaged frame stands for the one expected; a frame that came twice, or too late, for none. */
    if (!intact) s->echo.received++;
}

static bool settled(const struct session *s) {
    return s->echo.received >= s->echo.sent;
}

static void leaving(struct session *s) {
    if (s->echo.sent > s->echo.received) s->load->echo.lost += s->echo.sent - s->echo.received;
    s->echo = (struct echo){0};
}

static void report(const struct load *load, struct report *r) {
    report_times(r, "latency", &load->echo.latency);
    if (load->options.mode == MODE_CHURN) report_times(r, "starting", &load->echo.starting);
    report_number(r, "lost", (double)load->echo.lost);
    report_number(r, "mismatched", (double)load->echo.mismatched);
}

static uint64_t faults(const struct load *load) {
    return load->echo.lost + load->echo.mismatched;
}

const struct behaviour echo_behaviour = {opened, step, message, settled, leaving, report, faults};
