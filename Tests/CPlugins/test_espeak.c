/* SPDX-License-Identifier: Apache-2.0 */
#include "tts.h"

static const char *const german = "Guten Morgen, wir haben heute frische Brötchen und Kaffee.";
static const char *const english = "Good morning, we have fresh rolls and coffee today.";

static clip speak(fake_session *s, uint64_t generation, const char *text, const char *json) {
    size_t before = s->samples;
    fake_send(s, SYX_EV_SPEAK, generation, 0, text, json);
    fake_wait(s, SYX_EV_DONE, generation, 20000);
    clip c = clip_new(s->samples - before);
    memcpy(c.pcm, s->pcm + before, c.samples * sizeof *c.pcm);
    return c;
}

static bool alike(clip a, clip b) { return clip_alike(a.pcm, a.samples, b.pcm, b.samples, 22050); }

/* Clauses of generation 2 that do not sound like `alone`; DONE says how long each is. */
static int damaged(fake_session *s, size_t at, uint64_t clauses, clip alone) {
    int count = 0;
    for (uint64_t i = 0; i < clauses; i++) {
        const fake_event *done = fake_wait_id(s, SYX_EV_DONE, 2, i, 0);
        size_t samples = done ? (size_t)done->i1 : 0;
        bool inside = samples > 0 && at + samples <= s->samples;
        count += !inside || !clip_alike(s->pcm + at, samples, alone.pcm, alone.samples, 22050);
        at += samples;
    }
    return count;
}

/* Two sessions with two languages at once: each clause must be what it is alone. */
static void two_at_once(tts *t) {
    enum { ROUNDS = 20 };
    fake_session *a = tts_session(t, "{\"language\":\"de\"}"), *b = tts_session(t, "");
    clip ga = speak(a, 1, german, ""), eb = speak(b, 1, english, "");
    CHECK(ga.samples > 22050 && eb.samples > 22050 && !alike(ga, eb), "both languages speak");
    size_t a0 = a->samples, b0 = b->samples;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        fake_send(a, SYX_EV_SPEAK, 2, i, german, "");
        fake_send(b, SYX_EV_SPEAK, 2, i, english, "");
    }
    CHECK(fake_wait_id(a, SYX_EV_DONE, 2, ROUNDS - 1, 20000) && fake_wait_id(b, SYX_EV_DONE, 2, ROUNDS - 1, 20000),
          "all clauses are done");
    int bad = damaged(a, a0, ROUNDS, ga) + damaged(b, b0, ROUNDS, eb);
    CHECK(bad == 0, "two sessions at once are undamaged (%d of %d clauses damaged)", bad, 2 * ROUNDS);
    clip_free(&ga);
    clip_free(&eb);
    fake_close(a);
    fake_close(b);
}

static void languages(tts *t) {
    fake_session *s = tts_session(t, "");
    clip plain = speak(s, 1, english, ""), en = speak(s, 2, english, "{\"language\":\"en\"}");
    clip de = speak(s, 3, german, "{\"language\":\"de-AT\"}");
    CHECK(alike(plain, en), "a clause in the session's language keeps its voice");
    CHECK(de.samples > 22050, "an unknown region falls back to its language");
    fake_send(s, SYX_EV_SPEAK, 4, 0, english, "{\"language\":\"xx\"}");
    CHECK(fake_wait(s, SYX_EV_ERROR, 4, 5000) != NULL, "an unknown language is an error");
    fake_send(s, SYX_EV_SPEAK, 5, 0, english, "{\"voice\":\"../../etc/passwd\"}");
    CHECK(fake_wait(s, SYX_EV_DONE, 5, 5000) != NULL, "a path is not a voice");
    CHECK(fake_send(s, SYX_EV_CONFIG, 0, 0, "", "{\"language\":\"fr\",\"rate\":1.5}") == SYX_OK, "options change");
    clip fr = speak(s, 6, "Bonjour tout le monde", "");
    CHECK(fr.samples > 8000, "and French is spoken");
    clip_free(&plain);
    clip_free(&en);
    clip_free(&de);
    clip_free(&fr);
    fake_close(s);
}

void test_espeak(void) {
    tts t = tts_open("espeak-ng", "", 22050);
    tts_speaks(&t, "espeak-ng");
    tts_cancels(&t, "espeak-ng");
    tts_waits_for_credit(&t, "espeak-ng");
    tts_refuses_and_survives(&t, "espeak-ng");
    two_at_once(&t);
    languages(&t);
    tts_close(&t);
    syx_err err;
    CHECK(!fake_provider(t.desc, "{\"language\":\"zz-zz\"}", &err) && err.msg[0], "%s", err.msg);
}
