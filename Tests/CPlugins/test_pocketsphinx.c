/* SPDX-License-Identifier: Apache-2.0
 *
 * Speech from one engine into the other. */
#include "check.h"

#include <unistd.h>

#define PHRASES                                                                                                   \
    "\"hints\":[\"i would like to book a table\",\"for two people please\",\"at seven tonight\",\"what time is it\"," \
    "\"goodbye\",\"yes please\",\"no thank you\",\"my name is john\",\"xqzzt unheard\"]"
#define HINTS "{" PHRASES "}"
#define GRAMMAR                                                                                                     \
    "{\"grammar\":\"#JSGF V1.0;\\ngrammar lights;\\npublic <command> = turn (on | off) the <room> light;\\n"          \
    "<room> = kitchen | bedroom;\\n\"}"
#define KEYPHRASES "{\"keyphrases\":[{\"phrase\":\"hello computer\",\"threshold\":1e-20}]}"

static const syx_format format = {SYX_FMT_S16, 16000, 1, 0};

static const syx_plugin_desc *desc(void) {
    char path[512];
    return fake_find(fake_load(plugins_dir, "pocketsphinx", path, sizeof path), "pocketsphinx");
}

static void feed(fake_session *s, uint64_t generation, clip c) {
    for (size_t at = 0; at < c.samples; at += 320) {
        size_t left = c.samples - at;
        fake_audio(s, generation, c.pcm + at, left < 320 ? (uint32_t)left : 320, 16000);
    }
    fake_send(s, SYX_EV_END_OF_INPUT, generation, 0, "", "");
}

static const char *hear(fake_session *s, uint64_t generation, clip c) {
    feed(s, generation, c);
    const fake_event *e = fake_wait(s, SYX_EV_FINAL, generation, 60000);
    return e ? e->text : "(no final)";
}

static const char *hear_spoken(fake_session *s, uint64_t generation, const char *voice, const char *text) {
    clip c = clip_spoken("flite", voice, 16000, text);
    const char *heard = hear(s, generation, c);
    clip_free(&c);
    return heard;
}

static fake_session *open(syx_provider *p, const char *options) {
    syx_err err;
    int64_t start = fake_now();
    fake_session *s = fake_open(desc(), p, &format, options, &err);
    CHECK(s != NULL, "a session opens: %s", err.msg);
    if (!s) exit(1);
    printf("   pocketsphinx: session ready in %.0f ms\n", (double)(fake_now() - start) / 1e6);
    return s;
}

static void expect(fake_session *s, uint64_t generation, const char *voice, const char *said, const char *wanted) {
    const char *heard = hear_spoken(s, generation, voice, said);
    const fake_event *e = fake_wait(s, SYX_EV_FINAL, generation, 0);
    double confidence = e ? e->f0 : -1;
    CHECK(strcmp(heard, wanted) == 0, "%s: \"%s\" is heard as \"%s\" (confidence %.2f)", voice, said, heard, confidence);
    CHECK(confidence >= 0 && confidence <= 1, "its confidence is a probability (%.2f)", confidence);
}

static void hints(syx_provider *p) {
    fake_session *s = open(p, HINTS);
    expect(s, 1, "slt", "i would like to book a table", "i would like to book a table");
    expect(s, 2, "rms", "for two people please", "for two people please");
    expect(s, 3, "kal16", "at seven tonight", "at seven tonight");
    expect(s, 4, "slt", "my name is john", "my name is john");
    CHECK(fake_count(s, SYX_EV_PARTIAL, 1) >= 2, "partials come on the way (%zu)", fake_count(s, SYX_EV_PARTIAL, 1));
    fake_session *again = open(p, HINTS);
    expect(again, 1, "rms", "what time is it", "what time is it");
    fake_close(again);
    fake_close(s);
}

/* What a telephone leaves of a voice: nothing above 3.6 kHz (a windowed sinc). */
static clip narrow(clip c) {
    enum { HALF = 64 };
    clip out = clip_new(c.samples);
    for (size_t i = 0; i < c.samples; i++) {
        double sum = 0;
        for (int k = -HALF; k <= HALF; k++) {
            ptrdiff_t at = (ptrdiff_t)i + k;
            if (at < 0 || at >= (ptrdiff_t)c.samples) continue;
            double x = M_PI * 2 * 3600 / 16000 * k, window = 0.5 + 0.5 * cos(M_PI * k / (HALF + 1));
            sum += c.pcm[at] * window * (k == 0 ? 2 * 3600 / 16000.0 : sin(x) / (M_PI * k));
        }
        out.pcm[i] = (int16_t)lrint(fmax(-32768, fmin(32767, sum)));
    }
    return out;
}

static void telephone(syx_provider *p) {
    static const char *const voices[] = {"slt", "rms", "kal16", "awb"};
    static const char *const phrases[] = {"what time is it", "i would like to book a table", "no thank you", "yes please"};
    int understood = 0;
    for (size_t v = 0; v < 4; v++) {
        fake_session *s = open(p, HINTS);
        for (uint64_t i = 0; i < 4; i++) {
            clip wide = clip_spoken("flite", voices[v], 16000, phrases[i]), c = narrow(wide);
            const char *heard = hear(s, i + 1, c);
            bool right = strcmp(heard, phrases[i]) == 0;
            if (!right) printf("   by telephone, %s: \"%s\" is heard as \"%s\"\n", voices[v], phrases[i], heard);
            understood += right;
            clip_free(&wide);
            clip_free(&c);
        }
        fake_close(s);
    }
    CHECK(understood >= 14, "a telephone's callers are understood: %d of 16", understood);
}

static void silence_and_nothing(syx_provider *p) {
    fake_session *s = open(p, HINTS);
    clip c = clip_new(16000);
    clip_noise(c, 0, c.samples, -70, 9);
    CHECK(strcmp(hear(s, 1, c), "") == 0, "silence is an empty final: \"%s\"", hear(s, 1, c));
    CHECK(fake_send(s, SYX_EV_END_OF_INPUT, 2, 0, "", "") == SYX_OK, "an utterance without audio may end");
    CHECK(fake_wait(s, SYX_EV_FINAL, 2, 20000) != NULL, "with an empty final");
    CHECK(fake_send(s, SYX_EV_END_OF_INPUT, 2, 0, "", "") == SYX_SKIP, "but not twice");
    CHECK(fake_audio(s, 1, c.pcm, 320, 16000) == SYX_SKIP, "audio of a past utterance is skipped");
    CHECK(fake_audio(s, 0, c.pcm, 320, 16000) == SYX_SKIP, "audio between utterances is skipped");
    CHECK(fake_audio(s, 3, c.pcm, 320, 8000) == SYX_EINVAL, "another rate is refused");
    clip_free(&c);
    fake_close(s);
}

static void grammar(syx_provider *p) {
    fake_session *s = open(p, GRAMMAR);
    expect(s, 1, "slt", "turn on the kitchen light", "turn on the kitchen light");
    expect(s, 2, "rms", "turn off the bedroom light", "turn off the bedroom light");
    fake_close(s);
}

static void keyphrases(syx_provider *p) {
    fake_session *s = open(p, KEYPHRASES);
    expect(s, 1, "slt", "hello computer", "hello computer");
    expect(s, 2, "slt", "the weather is fine today", "");
    expect(s, 3, "rms", "i would like a cup of coffee", "");
    fake_close(s);
}

static void general(syx_provider *p) {
    fake_session *s = open(p, "");
    clip c = clip_spoken("flite", "rms", 16000, "what time does the train leave tomorrow morning");
    int64_t start = fake_now();
    feed(s, 1, c);
    const fake_event *e = fake_wait(s, SYX_EV_FINAL, 1, 60000);
    double ms = e ? (double)(e->at_ns - start) / 1e6 : -1;
    CHECK(e && strstr(e->text, "time"), "the full model hears \"%s\" (confidence %.2f)", e ? e->text : "", e ? e->f0 : 0);
    printf("   pocketsphinx full model: RTF %.3f (%.0f ms for %.1f s)\n", ms / 1000 / ((double)c.samples / 16000), ms,
           (double)c.samples / 16000);
    clip_free(&c);
    fake_close(s);
}

static void cancels(syx_provider *p) {
    fake_session *s = open(p, HINTS);
    clip c = clip_spoken("flite", "slt", 16000, "i would like to book a table for two people please");
    for (size_t at = 0; at + 320 <= c.samples; at += 320) fake_audio(s, 1, c.pcm + at, 320, 16000);
    int64_t start = fake_now();
    fake_cancel(s, 1);
    const fake_event *e = fake_wait(s, SYX_EV_CANCELLED, 1, 5000);
    double ms = e ? (double)(e->at_ns - start) / 1e6 : -1;
    printf("   pocketsphinx: cancelled in %.1f ms\n", ms);
    CHECK(e != NULL, "cancel discards an utterance under way");
    CHECK(fake_send(s, SYX_EV_END_OF_INPUT, 1, 0, "", "") == SYX_ESTALE, "its end is stale");
    CHECK(fake_count(s, SYX_EV_FINAL, 1) == 0, "and it has no final");
    expect(s, 2, "slt", "yes please", "yes please");
    clip_free(&c);
    fake_close(s);
}

/* More callers than decoders: those without one are buffered and served in turn. */
static void more_callers_than_decoders(void) {
    enum { CALLERS = 6 };
    syx_err err;
    syx_provider *p = fake_provider(desc(), "{\"decoders\":1," PHRASES "}", &err);
    CHECK(p != NULL, "a provider with hints opens: %s", err.msg);
    if (!p) return;
    clip c = clip_spoken("flite", "slt", 16000, "no thank you");
    fake_session *s[CALLERS];
    for (int i = 0; i < CALLERS; i++) s[i] = open(p, "");
    for (int i = 0; i < CALLERS; i++) feed(s[i], 1, c);
    for (int i = 0; i < CALLERS; i++) {
        const fake_event *e = fake_wait(s[i], SYX_EV_FINAL, 1, 60000);
        CHECK(e && strcmp(e->text, "no thank you") == 0, "caller %d of 6 on one decoder: \"%s\"", i, e ? e->text : "");
    }
    clip minute = clip_new(16000 * 31);
    for (int i = 0; i < CALLERS; i++) fake_audio(s[i], 2, c.pcm, (uint32_t)c.samples, 16000);
    syx_status last = SYX_OK;
    for (size_t at = 0; at + 16000 <= minute.samples && last == SYX_OK; at += 16000)
        last = fake_audio(s[5], 2, minute.pcm + at, 16000, 16000);
    fake_cancel(s[5], 2);
    CHECK(fake_wait(s[5], SYX_EV_CANCELLED, 2, 5000) != NULL, "cancel reaches who waits for a decoder");
    clip_free(&c);
    clip_free(&minute);
    for (int i = 0; i < CALLERS; i++) fake_close(s[i]);
    desc()->vt->close(p);
}

/* Feeds audio until the recogniser has said something of it, so that the session has a decoder. */
static void take_decoder(fake_session *s, uint64_t generation, clip c) {
    for (size_t at = 0; at + 320 <= c.samples; at += 320) fake_audio(s, generation, c.pcm + at, 320, 16000);
    CHECK(fake_wait(s, SYX_EV_PARTIAL, generation, 60000) != NULL, "an utterance is being decoded");
}

/* Feeds a whole utterance to a session that finds no decoder, until its task has found that out. */
static void stand_in_line(fake_session *s, uint64_t generation, clip c) {
    while (fake_pump(s) > 0) continue;
    feed(s, generation, c);
    int64_t end = fake_real() + 60000000000;
    while (fake_pump(s) == 0 && fake_real() < end) usleep(1000);
}

/* A caller in line who hangs up, or says no more, is in nobody's way. */
static void who_leaves_the_line_lets_others_pass(void) {
    syx_err err;
    syx_provider *p = fake_provider(desc(), "{\"decoders\":1," PHRASES "}", &err);
    CHECK(p != NULL, "a provider with one decoder opens: %s", err.msg);
    if (!p) return;
    clip c = clip_spoken("flite", "slt", 16000, "no thank you");
    fake_session *first = open(p, ""), *second = open(p, ""), *third = open(p, "");
    take_decoder(first, 1, c);
    stand_in_line(second, 1, c);
    stand_in_line(third, 1, c);
    fake_cancel(second, 1);
    CHECK(fake_wait(second, SYX_EV_CANCELLED, 1, 5000) != NULL, "who waits first is cancelled");
    fake_send(first, SYX_EV_END_OF_INPUT, 1, 0, "", "");
    CHECK(fake_wait(first, SYX_EV_FINAL, 1, 60000) != NULL, "the decoder comes back");
    const fake_event *e = fake_wait(third, SYX_EV_FINAL, 1, 60000);
    CHECK(e && strcmp(e->text, "no thank you") == 0, "who waits behind gets it: \"%s\"", e ? e->text : "(no final)");
    CHECK(strcmp(hear(second, 2, c), "no thank you") == 0, "and who was cancelled is heard again");
    clip_free(&c);
    fake_close(first);
    fake_close(second);
    fake_close(third);
    desc()->vt->close(p);
}

/* The host feeds a session before it has heard that its options are wrong. */
static void audio_for_a_session_that_failed(void) {
    syx_err err;
    syx_status status;
    syx_provider *p = fake_provider(desc(), "{\"decoders\":2," PHRASES "}", &err);
    CHECK(p != NULL, "a provider with two decoders opens: %s", err.msg);
    if (!p) return;
    clip c = clip_spoken("flite", "slt", 16000, "no thank you");
    fake_session *first = open(p, "");
    take_decoder(first, 1, c);
    fake_session *wrong = fake_open_begin(
        desc(), p, &format, "{\"grammar\":\"#JSGF V1.0;\\ngrammar g;\\npublic <a> = qqxxzz;\"}", &status, &err);
    CHECK(wrong && status == SYX_PENDING, "a session with a grammar of its own is prepared");
    for (int i = 0; i < 10; i++) fake_audio(wrong, 1, c.pcm, 320, 16000);
    CHECK(fake_wait(wrong, SYX_EV_ERROR, 0, 60000) != NULL, "its grammar is refused");
    const fake_event *e = fake_wait(wrong, SYX_EV_ERROR, 1, 60000);
    CHECK(e && e->i0 == SYX_EUNAVAILABLE, "and so is what it was given to hear");
    fake_send(first, SYX_EV_END_OF_INPUT, 1, 0, "", "");
    CHECK(fake_wait(first, SYX_EV_FINAL, 1, 60000) != NULL, "another session hears on");
    clip_free(&c);
    fake_close(wrong);
    fake_close(first);
    desc()->vt->close(p);
}

static void expect_refusal(syx_provider *p, const char *options, const char *reason) {
    syx_err err;
    fake_session *s = fake_open(desc(), p, &format, options, &err);
    CHECK(!s && strstr(err.msg, reason), "%.40s is refused: %s", options, err.msg);
    if (s) fake_close(s);
}

/* What the library finds no sense in it would print to the process's standard output. */
static void nonsense(syx_provider *p) {
    static const char *const grammars[] = {
        "words, no grammar", "public <a> = go; on;", "public <a> = go; <b", "public <a> = go;; public <b> = on;",
        "public <a> = {x;y} \\\"", "<>", "#JSGF V1.0; nothing", "/* c */ x", "public <a> = go; // c\\n }",
    };
    char path[] = "/tmp/syrinx-stdout-XXXXXX";
    int file = mkstemp(path), before = dup(STDOUT_FILENO);
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    size_t count = sizeof grammars / sizeof *grammars, refused = 0;
    for (size_t i = 0; i < count; i++) {
        char options[256];
        syx_err err;
        snprintf(options, sizeof options, "{\"grammar\":\"%s\"}", grammars[i]);
        fake_session *s = fake_open(desc(), p, &format, options, &err);
        if (s) fake_close(s);
        refused += !s && strstr(err.msg, "no grammar");
    }
    fflush(stdout);
    off_t printed = lseek(file, 0, SEEK_END);
    dup2(before, STDOUT_FILENO);
    close(before);
    close(file);
    unlink(path);
    CHECK(refused == count, "%zu of %zu grammars that are none are refused", refused, count);
    CHECK(printed == 0, "and nothing is printed (%lld bytes)", (long long)printed);
}

static void refusals(syx_provider *p) {
    expect_refusal(p, "{\"hints\":[\"qqxxzz\"]}", "no word");
    expect_refusal(p, "{\"hints\":[1,2]}", "strings");
    expect_refusal(p, "{\"hints\":\"text\"}", "wrong type");
    expect_refusal(p, "{\"hints\":[\"a\"],\"grammar\":\"x\"}", "one of");
    expect_refusal(p, "{\"grammar\":\"#JSGF V1.0;\\ngrammar g;\\nimport <x.y>;\\npublic <a> = go;\"}", "import");
    expect_refusal(p, "{\"grammar\":\"#JSGF V1.0;\\ngrammar g;\\npublic <a> = qqxxzz;\"}", "qqxxzz");
    expect_refusal(p, "{\"grammar\":\"#JSGF V1.0;\\ngrammar g;\\npublic <a> = (go | \"}", "no grammar");
    expect_refusal(p, "{\"keyphrases\":[{\"threshold\":1}]}", "phrase");
    expect_refusal(p, "{\"keyphrases\":[\"go\"]}", "phrase");
    expect_refusal(p, "[broken", "JSON");
    syx_err err;
    CHECK(!fake_provider(desc(), "{\"model_dir\":\"/nowhere\"}", &err) && strstr(err.msg, "apt-get install"), "%s", err.msg);
}

void test_pocketsphinx(void) {
    syx_err err;
    int64_t start = fake_now();
    syx_provider *p = fake_provider(desc(), "", &err);
    CHECK(p != NULL, "pocketsphinx opens: %s", err.msg);
    if (!p) return;
    printf("   pocketsphinx: opened in %.0f ms\n", (double)(fake_now() - start) / 1e6);
    hints(p);
    telephone(p);
    silence_and_nothing(p);
    grammar(p);
    keyphrases(p);
    general(p);
    cancels(p);
    refusals(p);
    nonsense(p);
    desc()->vt->close(p);
    more_callers_than_decoders();
    who_leaves_the_line_lets_others_pass();
    audio_for_a_session_that_failed();
}
