/* SPDX-License-Identifier: Apache-2.0
 *
 * eSpeak NG by its manifest: what a tts promises, barge-in within a chunk, and one library for many sessions. */
#include <unistd.h>

#include "bound_test.h"

static const char *const sentence = "We have a table for two at the window, and the kitchen is open until ten.";
static const char config[] = "{\"language\":\"en\",\"words_per_minute\":175,\"pitch\":50}";
enum { RATE = 22050, CHUNK = RATE / 50 };

static void speaks(bound *b) {
    fake_session *s = bound_session(b, RATE, 0, "");
    int64_t start = fake_now();
    CHECK(fake_send(s, SYX_EV_SPEAK, 1, 7, sentence, "") == SYX_OK, "takes a clause");
    const fake_event *audio = fake_wait(s, SYX_EV_AUDIO_OUT, 1, 20000), *done = fake_wait_id(s, SYX_EV_DONE, 1, 7, 20000);
    double seconds = (double)s->samples / RATE;
    CHECK(audio && done && seconds > 2.5 && seconds < 8, "speaks the whole sentence (%.1f s)", seconds);
    CHECK(clip_level(s->pcm, s->samples) > -35, "audibly (%.1f dBFS)", clip_level(s->pcm, s->samples));
    if (audio) printf("   first chunk after %.2f ms\n", (double)(audio->at_ns - start) / 1e6);
    fake_close(s);
}

/* Cancels while the library is in the middle of a long clause; credit is endless, so only the callback can stop it. */
static void barge_in(bound *b) {
    char longest[4000];
    size_t used = 0;
    while (used + 100 < sizeof longest) used += (size_t)snprintf(longest + used, sizeof longest - used, "%s ", sentence);
    fake_session *s = bound_session(b, RATE, 0, "");
    fake_send(s, SYX_EV_SPEAK, 1, 0, longest, "");
    while (fake_samples(s) == 0) usleep(50);
    int64_t start = fake_now();
    fake_cancel(s, 1);
    size_t at_cancel = s->samples_at_cancel;
    const fake_event *over = fake_wait(s, SYX_EV_CANCELLED, 1, 20000);
    CHECK(over != NULL, "a cancelled clause has its terminal");
    if (over) printf("   stopped %.1f us after cancel\n", (double)(over->at_ns - start) / 1e3);
    size_t spoken = over ? (size_t)over->i1 : 0;
    CHECK(over && spoken <= at_cancel + 4096, "the library stopped within a few chunks (%zu samples of about %d)", spoken,
          RATE * 200);
    CHECK(fake_samples(s) == at_cancel, "nothing is heard after cancel");
    CHECK(fake_send(s, SYX_EV_SPEAK, 1, 9, "late", "") == SYX_ESTALE, "a late clause of it is refused");
    fake_send(s, SYX_EV_SPEAK, 2, 0, "Yes.", "");
    CHECK(fake_wait(s, SYX_EV_DONE, 2, 20000) != NULL, "the next answer is spoken");
    fake_close(s);
}

static void credit(bound *b) {
    fake_session *whole = bound_session(b, RATE, 0, ""), *s = bound_session(b, RATE, 0, "");
    fake_send(whole, SYX_EV_SPEAK, 1, 0, sentence, "");
    fake_wait(whole, SYX_EV_DONE, 1, 20000);
    fake_limit(s, RATE / 10);
    fake_send(s, SYX_EV_SPEAK, 1, 0, sentence, "");
    fake_send(whole, SYX_EV_SPEAK, 2, 0, "Another session speaks while this one waits.", "");
    CHECK(fake_wait(whole, SYX_EV_DONE, 2, 20000) != NULL, "a session without credit does not hold the library");
    CHECK(fake_samples(s) <= RATE / 10, "and keeps within its credit");
    for (int64_t limit = fake_real() + 20000000000; !fake_wait(s, SYX_EV_DONE, 1, 1) && fake_real() < limit;) {
        fake_grant(s, RATE / 10);
        fake_pump(s);
    }
    size_t expected = (size_t)fake_wait(whole, SYX_EV_DONE, 1, 0)->i1;
    CHECK(clip_alike(s->pcm, s->samples, whole->pcm, expected, RATE), "nothing is lost by waiting (%zu, %zu samples)",
          s->samples, expected);
    fake_limit(s, 0);
    fake_send(s, SYX_EV_SPEAK, 2, 0, sentence, "");
    fake_run(s, 30);
    fake_cancel(s, 2);
    CHECK(fake_wait(s, SYX_EV_CANCELLED, 2, 20000) != NULL, "cancel ends a clause that waits for credit");
    fake_send(s, SYX_EV_SPEAK, 3, 0, sentence, "");
    fake_close(s);
    fake_close(whole);
    CHECK(true, "a session closes while its audio waits");
}

static size_t length(fake_session *s, uint64_t generation, const char *text, const char *json) {
    fake_send(s, SYX_EV_SPEAK, generation, 0, text, json);
    const fake_event *done = fake_wait(s, SYX_EV_DONE, generation, 20000);
    return done ? (size_t)done->i1 : 0;
}

static void voices(bound *b) {
    fake_session *s = bound_session(b, RATE, 0, "{\"words_per_minute\":300}"), *slow = bound_session(b, RATE, 0, "");
    size_t fast = length(s, 1, sentence, ""), plain = length(slow, 1, sentence, "");
    CHECK(fast > 0 && fast * 10 < plain * 8, "a session's speed is its own (%zu, %zu samples)", fast, plain);
    CHECK(fake_send(slow, SYX_EV_CONFIG, 0, 0, "", "{\"words_per_minute\":300}") == SYX_OK, "options change in a call");
    size_t now = length(slow, 2, sentence, "");
    CHECK(now > 0 && now * 10 < plain * 8, "for the next clause (%zu samples)", now);
    size_t german = length(s, 3, "Guten Morgen, wir haben frische Brötchen.", "{\"language\":\"de-AT\"}");
    size_t english = length(s, 4, "Guten Morgen, wir haben frische Brötchen.", "{\"language\":\"en-US\"}");
    CHECK(german > 0 && english > 0 && german != english, "a clause's language chooses the voice (%zu, %zu)", german, english);
    fake_send(s, SYX_EV_SPEAK, 5, 0, "x", "{\"voice\":\"nobody-at-all\"}");
    const fake_event *error = fake_wait(s, SYX_EV_ERROR, 5, 5000);
    CHECK(error && strstr(error->text, "no such voice"), "an unknown voice is an error: %s", error ? error->text : "");
    CHECK(length(s, 6, "x", "{\"voice\":\"../../etc/passwd\"}") > 0, "a path is no voice");
    fake_close(s);
    fake_close(slow);
}

/* Hostile texts, and a session that is closed while the library speaks. */
static void survives(bound *b) {
    fake_session *s = bound_session(b, RATE, 0, "");
    char huge[5001];
    memset(huge, 'a', 5000);
    huge[5000] = 0;
    CHECK(fake_send(s, SYX_EV_SPEAK, 1, 0, huge, "") == SYX_EINVAL, "5000 bytes are refused");
    CHECK(fake_send(s, SYX_EV_SPEAK, 1, 0, "x", "{broken") == SYX_EINVAL, "so is broken JSON");
    CHECK(fake_send(s, 999, 1, 0, "x", "") == SYX_SKIP, "an unknown event is skipped");
    const char *const odd[] = {"", "   ", "\xff\xfe\xc3", "\xC3\xA9t\xC3\xA9 \xF0\x9F\x98\x80", "a\x01" "b\tc", "<speak>&amp;"};
    for (uint64_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        fake_send(s, SYX_EV_SPEAK, 2, i, odd[i], "");
        CHECK(fake_wait_id(s, SYX_EV_DONE, 2, i, 20000) != NULL, "odd text %d is done", (int)i);
    }
    fake_send(s, SYX_EV_DRAIN, 0, 0, "", "");
    CHECK(fake_wait(s, SYX_EV_DRAINED, 0, 20000) != NULL, "drains");
    for (uint64_t i = 0; i < 20; i++) fake_send(s, SYX_EV_SPEAK, 3, i, sentence, "");
    fake_close(s);
    syx_err err = b->err;
    CHECK(!fake_open(b->desc, b->provider, &(syx_format){SYX_FMT_S16, 16000, 1, 0}, "", &err), "another rate is refused");
}

/* Two builds of a package in one process have one library: they take turns, and each hears itself. */
static void two_modules(bound *first) {
    bound second = bound_open(bound_load_package("bound-espeak-ng"), config);
    CHECK(second.provider && second.desc != first->desc, "a second module binds the same library: %s", second.err.msg);
    fake_session *a = bound_session(first, RATE, 0, ""), *b = bound_session(&second, RATE, 0, "{\"language\":\"de\"}");
    size_t alone = length(a, 1, sentence, "");
    for (uint64_t i = 0; i < 10; i++) {
        fake_send(a, SYX_EV_SPEAK, 2, i, sentence, "");
        fake_send(b, SYX_EV_SPEAK, 2, i, "Guten Morgen, wir haben frische Brötchen.", "");
    }
    size_t wrong = 0;
    for (uint64_t i = 0; i < 10; i++) {
        const fake_event *x = fake_wait_id(a, SYX_EV_DONE, 2, i, 20000), *y = fake_wait_id(b, SYX_EV_DONE, 2, i, 20000);
        wrong += !x || !y || (size_t)llabs(x->i1 - (int64_t)alone) > alone / 50 || y->i1 < RATE;
    }
    CHECK(wrong == 0, "and both speak at once undamaged (%zu of 10 clauses wrong)", wrong);
    fake_close(a);
    fake_close(b);
    bound_close(&second);
}

void test_espeak_bound(void) {
    bound b = bound_open(bound_load_package("bound-espeak-ng"), config);
    CHECK(b.provider != NULL, "bound-espeak-ng opens: %s", b.err.msg);
    if (!b.provider) return;
    CHECK(b.desc->flags & SYX_PF_GLOBAL_STATE, "it says that the library has one state");
    speaks(&b);
    barge_in(&b);
    credit(&b);
    voices(&b);
    survives(&b);
    two_modules(&b);
    bound_close(&b);
}
