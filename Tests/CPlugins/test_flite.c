/* SPDX-License-Identifier: Apache-2.0 */
#include "tts.h"

static void voices(tts *t) {
    const char *const names[] = {"slt", "rms", "awb", "kal16"};
    size_t samples[4];
    for (int i = 0; i < 4; i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"voice\":\"%s\",\"language\":\"en\"}", names[i]);
        fake_session *s = tts_session(t, "");
        int64_t start = fake_now();
        fake_send(s, SYX_EV_SPEAK, 1, 0, "good morning to you", json);
        const fake_event *audio = fake_wait(s, SYX_EV_AUDIO_OUT, 1, 20000);
        fake_wait(s, SYX_EV_DONE, 1, 20000);
        samples[i] = s->samples;
        CHECK(s->samples > 8000, "flite %s speaks", names[i]);
        printf("   flite %s: first audio %.2f ms\n", names[i], audio ? (double)(audio->at_ns - start) / 1e6 : -1);
        fake_close(s);
    }
    CHECK(samples[0] != samples[1] && samples[1] != samples[2], "the voices differ");
}

static void rate(tts *t) {
    size_t samples[2];
    for (int i = 0; i < 2; i++) {
        fake_session *s = tts_session(t, i ? "{\"rate\":1.5}" : "");
        fake_send(s, SYX_EV_SPEAK, 1, 0, "the quick brown fox jumps over the lazy dog", "");
        fake_wait(s, SYX_EV_DONE, 1, 20000);
        samples[i] = s->samples;
        fake_close(s);
    }
    double ratio = (double)samples[0] / (double)samples[1];
    CHECK(ratio > 1.35 && ratio < 1.65, "rate 1.5 is one and a half times as fast (%.2f)", ratio);
}

/* Under overload the cheap voice steps in: with a limit of 1, forty sessions at once must end soon. */
static void overload(void) {
    enum { SESSIONS = 40 };
    tts t = tts_open("flite", "{\"overload_clauses\":1}", 16000);
    fake_session *s[SESSIONS];
    int64_t start = fake_now();
    for (int i = 0; i < SESSIONS; i++) s[i] = tts_session(&t, "");
    for (int i = 0; i < SESSIONS; i++) fake_send(s[i], SYX_EV_SPEAK, 1, 0, "please hold the line for a moment", "");
    for (int i = 0; i < SESSIONS; i++) CHECK(fake_wait(s[i], SYX_EV_DONE, 1, 20000) != NULL, "clause %d is spoken", i);
    double ms = (double)(fake_now() - start) / 1e6;
    size_t lengths = 0;
    for (int i = 0; i < SESSIONS; i++) lengths += s[i]->samples != s[SESSIONS / 2]->samples;
    CHECK(lengths > 0 && lengths < SESSIONS / 4, "most clauses use the fast voice, the last the usual one (%zu)", lengths);
    printf("   flite overloaded: 40 sessions in %.0f ms\n", ms);
    for (int i = 0; i < SESSIONS; i++) fake_close(s[i]);
    tts_close(&t);
}

void test_flite(void) {
    tts t = tts_open("flite", "", 16000);
    tts_speaks(&t, "flite");
    tts_cancels(&t, "flite");
    tts_waits_for_credit(&t, "flite");
    tts_refuses_and_survives(&t, "flite");
    voices(&t);
    rate(&t);
    tts_close(&t);
    overload();
    syx_err err;
    CHECK(!fake_provider(t.desc, "{\"voice\":\"nobody\"}", &err) && strstr(err.msg, "nobody"), "%s", err.msg);
}
