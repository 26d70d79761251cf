/* SPDX-License-Identifier: Apache-2.0
 *
 * Talkers of our own library: user data, a function for each session, events of a word, an "open" that fails. */
#include "bound_test.h"

#define TYPES "\"types\":{\"t\":\"ptr\"},"
#define DESTROY "\"destroy\":{\"symbol\":\"toy_destroy\",\"returns\":\"void\",\"args\":[\"t\"]}"
#define F32 "\"format\":{\"format\":\"f32\",\"rates\":[16000]},"
#define CLOSE "\"close\":[{\"call\":\"destroy\",\"args\":[\"$t\"]}]"

static const char with_user_data[] = TYPES
    "\"functions\":{\"create\":{\"symbol\":\"toy_talker_create\",\"returns\":\"t\",\"args\":[\"ptr\",\"ptr\",\"cstr\"]},"
    "\"talk\":{\"symbol\":\"toy_talk\",\"returns\":\"i32\",\"args\":[\"t\",\"cstr\"]}," DESTROY "},"
    "\"callbacks\":{\"sink\":{\"returns\":\"i32\",\"args\":[\"ptr\",\"ptr\",\"u64\"],\"self\":0,"
    "\"on\":[{\"emit\":\"AUDIO_OUT\",\"data\":\"$1\",\"samples\":\"$2\"}],"
    "\"return\":{\"if\":\"$cancelled\",\"then\":-1,\"else\":0}}}," F32
    "\"open\":[{\"call\":\"create\",\"args\":[\"@sink\",\"$self\",\"$options.voice\"],\"into\":\"t\",\"fail_if\":\"null\","
    "\"message\":\"nobody speaks\"}],"
    "\"speak\":[{\"call\":\"talk\",\"args\":[\"$t\",\"$text\"],\"fail_if\":\"nonzero\"}]," CLOSE ","
    "\"session_schema\":{\"type\":\"object\",\"properties\":{\"voice\":{\"type\":\"string\",\"default\":\"a\"}}}";

static const char without[] = TYPES
    "\"functions\":{\"create\":{\"symbol\":\"toy_plain_create\",\"returns\":\"t\",\"args\":[\"ptr\",\"ptr\"]},"
    "\"talk\":{\"symbol\":\"toy_plain_talk\",\"returns\":\"i32\",\"args\":[\"t\",\"cstr\"]}," DESTROY "},"
    "\"callbacks\":{\"sink\":{\"returns\":\"i32\",\"args\":[\"ptr\",\"i32\"],"
    "\"on\":[{\"emit\":\"AUDIO_OUT\",\"data\":\"$0\",\"samples\":\"$1\"}],"
    "\"return\":{\"if\":\"$cancelled\",\"then\":1,\"else\":0}},"
    "\"word\":{\"returns\":\"void\",\"args\":[\"i32\",\"i32\"],"
    "\"on\":[{\"emit\":\"MARK\",\"byte\":\"$0\",\"sample\":\"$1\"}]}},"
    "\"format\":{\"format\":\"s16\",\"rates\":[16000]},"
    "\"open\":[{\"call\":\"create\",\"args\":[\"@sink\",\"@word\"],\"into\":\"t\",\"fail_if\":\"null\"}],"
    "\"speak\":[{\"call\":\"talk\",\"args\":[\"$t\",\"$text\"],\"fail_if\":\"nonzero\"}]," CLOSE;

static void user_data(void) {
    bound b = bound_open(bound_load_toy("tts", with_user_data), "{}");
    fake_session *s = bound_session(&b, 16000, 0, "{\"voice\":\"a\"}"), *t = bound_session(&b, 16000, 0, "{\"voice\":\"b\"}");
    CHECK(s && t && fake_wait(s, SYX_EV_READY, 0, 5000), "opens on a worker, and says READY: %s", b.err.msg);
    if (!s || !t) return;
    fake_send(s, SYX_EV_SPEAK, 1, 1, "aaaa", "");
    fake_send(t, SYX_EV_SPEAK, 1, 1, "bb", "");
    CHECK(fake_wait(s, SYX_EV_DONE, 1, 5000) && fake_wait(t, SYX_EV_DONE, 1, 5000), "two sessions speak");
    bool own = s->samples == 400 && t->samples == 200;
    for (size_t i = 0; own && i < 400; i++) own = s->pcm[i] == 'a' * 128 && (i >= 200 || t->pcm[i] == 'b' * 128);
    CHECK(own, "each hears itself, from f32 (%zu and %zu samples)", s->samples, t->samples);
    fake_close(s);
    fake_close(t);
    CHECK(!bound_session(&b, 16000, 0, "{\"voice\":\"nobody\"}") && strstr(b.err.msg, "nobody speaks"),
          "an \"open\" that fails is an ERROR: %s", b.err.msg);
    bound_close(&b);
}

/* More sessions than there are compiled functions: the last ones get a closure of libffi. */
static void a_function_each(void) {
    enum { SESSIONS = 40 };
    bound b = bound_open(bound_load_toy("tts", without), "{}");
    fake_session *s[SESSIONS];
    int wrong = 0;
    for (int i = 0; i < SESSIONS; i++) s[i] = bound_session(&b, 16000, 0, "");
    for (int i = 0; i < SESSIONS; i++) fake_send(s[i], SYX_EV_SPEAK, 1, 1, (char[]){(char)('A' + i), ' ', 'x', 0}, "");
    for (int i = 0; i < SESSIONS; i++) {
        bool done = fake_wait(s[i], SYX_EV_DONE, 1, 5000) != NULL;
        wrong += !done || s[i]->samples != 300 || s[i]->pcm[0] != ('A' + i) * 100;
    }
    CHECK(wrong == 0, "%d sessions, each with a function of its own (%d wrong)", SESSIONS, wrong);
    const fake_event *mark = fake_wait(s[0], SYX_EV_MARK, 1, 0);
    CHECK(fake_count(s[0], SYX_EV_MARK, 1) == 2 && mark && mark->i0 == 0 && mark->i1 == 0, "words are marked");
    mark = mark ? mark + 1 : NULL;
    while (mark && mark->type != SYX_EV_MARK) mark++;
    CHECK(mark && mark->i0 == 2 && mark->i1 == 200, "at their byte and sample");
    for (int i = 0; i < SESSIONS; i++) fake_close(s[i]);
    bound_close(&b);
}

/* The library never stops by itself: only the answer of the callback ends it. */
static void endless(void) {
    static char text[8192];
    snprintf(text, sizeof text, "%s", with_user_data);
    char *symbol = strstr(text, "\"toy_talk\"");
    memmove(symbol + strlen("\"toy_talk_for_ever\""), symbol + strlen("\"toy_talk\""), strlen(symbol + strlen("\"toy_talk\"")) + 1);
    memcpy(symbol, "\"toy_talk_for_ever\"", strlen("\"toy_talk_for_ever\""));
    char *args = strstr(text, "[\"t\",\"cstr\"]");
    memcpy(args, "[\"t\"]       ", strlen("[\"t\",\"cstr\"]"));
    args = strstr(text, "[\"$t\",\"$text\"]");
    memcpy(args, "[\"$t\"]        ", strlen("[\"$t\",\"$text\"]"));
    bound b = bound_open(bound_load_toy("tts", text), "{}");
    fake_session *s = bound_session(&b, 16000, 0, "");
    CHECK(s != NULL, "opens: %s", b.err.msg);
    if (!s) return;
    fake_limit(s, 0);
    int stops = toy_number("toy_stops");
    fake_send(s, SYX_EV_SPEAK, 1, 1, "x", "");
    while (toy_number("toy_stops") == stops) fake_run(s, 1);
    const fake_event *error = NULL;
    for (int i = 0; i < 20000 && !error; i++) {
        error = fake_wait(s, SYX_EV_ERROR, 1, 1);
        /* The fake host keeps so many events and no more. */
        if (!error && s->event_count > FAKE_EVENTS / 2) s->event_count = 0;
        fake_grant(s, 16000 * 10);
    }
    CHECK(error && strstr(error->text, "more than"), "ten minutes in a clause are enough: %s", error ? error->text : "");
    CHECK(fake_samples(s) <= 16000u * 600, "and no more is kept");
    fake_close(s);
    bound_close(&b);
}

void test_talkers(void) {
    user_data();
    a_function_each();
    endless();
}
