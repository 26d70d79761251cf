/* SPDX-License-Identifier: Apache-2.0
 *
 * A session's utterances: how they end, and when there is work on them. All of it runs under the lock. */
#include "session_state.h"

utterance *session_find(syx_session *s, uint64_t generation) {
    utterance *u = s->head;
    while (u && u->generation != generation) u = u->next;
    return u;
}

utterance *session_current(syx_session *s) {
    utterance *u = s->head;
    while (u && u->terminal) u = u->next;
    return u;
}

void session_remove(syx_session *s, utterance *u) {
    utterance **link = &s->head;
    while (*link != u) link = &(*link)->next;
    *link = u->next;
    s->count--;
    utterance_free(u);
}

static syx_status emit_terminal(syx_session *s, const utterance *u) {
    const syx_core *core = s->provider->core;
    const char *text = u->text ? u->text : "";
    if (u->terminal == SYX_EV_ERROR)
        return syx_emit_error(core, s->host, u->generation, 0, u->error, SYX_ERR_RETRYABLE, text);
    return syx_emit_text(core, s->host, u->terminal, u->generation, syx_cstr(text), u->confidence);
}

void session_flush(syx_session *s) {
    for (utterance *u = s->head, *next; u; u = next) {
        next = u->next;
        if (!u->terminal) continue;
        if (emit_terminal(s, u) == SYX_EAGAIN) return;
        session_remove(s, u);
    }
    if (!s->draining || s->head) return;
    syx_event ev = syx_ev(SYX_EV_DRAINED, 0, 0);
    s->draining = s->provider->core->emit(s->host, &ev) == SYX_EAGAIN;
}

void session_sweep(syx_session *s) {
    for (utterance *u = s->head; u; u = u->next)
        if (!u->terminal && !u->busy && syx_cancelled(&s->cancelled, u->generation))
            utterance_finish(u, SYX_EV_CANCELLED, "");
}

/* True when a task would find something to do. */
static bool has_work(syx_session *s) {
    if (s->wanted_changed) return true;
    utterance *u = session_current(s);
    if (!u) return false;
    if (u->busy && syx_cancelled(&s->cancelled, u->generation)) return true;
    return (!s->waiting || s->woken) && (u->samples >= BLOCK || u->ended);
}

void session_schedule(syx_session *s) {
    if (s->task_pending || !has_work(s)) return;
    s->task_pending = s->provider->core->run(s->host, worker_task, s, 0) == SYX_OK;
}

bool session_renounce(syx_session *s) {
    bool woken = s->woken;
    if (woken) s->woken = s->waiting = false;
    return woken;
}

void session_advance(syx_session *s) {
    session_sweep(s);
    session_flush(s);
    session_schedule(s);
}
