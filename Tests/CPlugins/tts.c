/* SPDX-License-Identifier: Apache-2.0 */
#include "tts.h"

#include <unistd.h>

static const char *const sentence = "We have a table for two at the window, and the kitchen is open until ten.";

tts tts_open(const char *plugin, const char *config, uint32_t rate) {
    char path[512];
    syx_err err;
    tts t = {.rate = rate};
    t.desc = fake_find(fake_load(plugins_dir, plugin, path, sizeof path), plugin);
    t.provider = fake_provider(t.desc, config, &err);
    CHECK(t.provider != NULL, "%s opens: %s", plugin, err.msg);
    if (!t.provider) exit(1);
    return t;
}

void tts_close(tts *t) { t->desc->vt->close(t->provider); }

fake_session *tts_session(tts *t, const char *options) {
    syx_err err;
    fake_session *s = fake_open(t->desc, t->provider, &(syx_format){SYX_FMT_S16, t->rate, 1, 0}, options, &err);
    CHECK(s != NULL, "%s: a session opens: %s", t->desc->id, err.msg);
    if (!s) exit(1);
    return s;
}

static void check_marks(fake_session *s, const char *name) {
    size_t marks = fake_count(s, SYX_EV_MARK, 1), words = 16;
    int64_t last_byte = -1, last_sample = -1;
    bool rising = true, words_begin = true;
    for (size_t i = 0; i < s->event_count; i++) {
        const fake_event *e = &s->events[i];
        if (e->type != SYX_EV_MARK) continue;
        rising = rising && e->i0 > last_byte && e->i1 >= last_sample && e->i1 < (int64_t)s->samples;
        last_byte = e->i0;
        last_sample = e->i1;
        words_begin = words_begin && (e->i0 == 0 || sentence[e->i0 - 1] == ' ');
    }
    CHECK(marks + 2 >= words && marks <= words, "%s marks its words (%zu of %zu)", name, marks, words);
    CHECK(rising && words_begin, "%s: marks rise and point at words", name);
}

void tts_speaks(tts *t, const char *name) {
    fake_session *s = tts_session(t, "");
    int64_t start = fake_now();
    CHECK(fake_send(s, SYX_EV_SPEAK, 1, 7, sentence, "") == SYX_OK, "%s takes a clause", name);
    const fake_event *audio = fake_wait(s, SYX_EV_AUDIO_OUT, 1, 20000);
    double first = audio ? (double)(audio->at_ns - start) / 1e6 : -1;
    const fake_event *done = fake_wait_id(s, SYX_EV_DONE, 1, 7, 20000);
    double whole = done ? (double)(done->at_ns - start) / 1e6 : -1, seconds = (double)s->samples / t->rate;
    CHECK(done != NULL, "%s is done", name);
    CHECK(seconds > 2.5 && seconds < 8, "%s speaks the whole sentence (%.1f s)", name, seconds);
    CHECK(clip_level(s->pcm, s->samples) > -35, "%s is audible (%.1f dBFS)", name, clip_level(s->pcm, s->samples));
    check_marks(s, name);
    printf("   %s: first audio %.2f ms, whole %.1f ms for %.1f s, RTF %.4f\n", name, first, whole, seconds,
           whole / 1000 / seconds);
    fake_close(s);
}

void tts_cancels(tts *t, const char *name) {
    fake_session *s = tts_session(t, "");
    for (uint64_t id = 0; id < 12; id++) fake_send(s, SYX_EV_SPEAK, 5, id, sentence, "");
    fake_wait(s, SYX_EV_AUDIO_OUT, 5, 20000);
    int64_t start = fake_now();
    fake_cancel(s, 5);
    size_t at_cancel = s->samples_at_cancel;
    for (uint64_t id = 0; id < 12; id++) {
        bool over = fake_wait_id(s, SYX_EV_DONE, 5, id, 0) || fake_wait_id(s, SYX_EV_CANCELLED, 5, id, 5000);
        CHECK(over, "%s: clause %d of a cancelled answer has its terminal", name, (int)id);
    }
    double ms = (double)(fake_now() - start) / 1e6;
    CHECK(fake_samples(s) == at_cancel, "%s: no audio after cancel", name);
    printf("   %s: cancelled in %.1f ms\n", name, ms);
    CHECK(ms < 5000 || sanitized, "%s: cancelled in %.1f ms", name, ms);
    CHECK(fake_send(s, SYX_EV_SPEAK, 5, 99, sentence, "") == SYX_ESTALE, "%s: a late clause of it is refused", name);
    fake_send(s, SYX_EV_SPEAK, 6, 0, "Yes.", "");
    CHECK(fake_wait(s, SYX_EV_DONE, 6, 20000) != NULL, "%s: the next answer is spoken", name);
    fake_close(s);
}

/* A worker that stood still would keep this from ending: the credit comes only after everything else is idle. */
void tts_waits_for_credit(tts *t, const char *name) {
    fake_session *free_run = tts_session(t, ""), *s = tts_session(t, "");
    for (uint64_t id = 0; id < 3; id++) fake_send(free_run, SYX_EV_SPEAK, 1, id, sentence, "");
    fake_wait_id(free_run, SYX_EV_DONE, 1, 2, 20000);
    fake_limit(s, t->rate / 10);
    for (uint64_t id = 0; id < 3; id++) fake_send(s, SYX_EV_SPEAK, 1, id, sentence, "");
    fake_run(s, 100);
    CHECK(fake_samples(s) <= t->rate / 10, "%s keeps within its credit", name);
    int64_t limit = fake_now() + 60000000000;
    while (!fake_wait_id(s, SYX_EV_DONE, 1, 2, 0) && fake_now() < limit) {
        fake_grant(s, t->rate / 10);
        fake_pump(s);
        usleep(200);
    }
    bool alike = clip_alike(s->pcm, s->samples, free_run->pcm, free_run->samples, t->rate);
    CHECK(alike, "%s: nothing is lost or reordered by waiting (%zu, %zu samples)", name, s->samples, free_run->samples);
    fake_limit(s, 0);
    fake_send(s, SYX_EV_SPEAK, 2, 0, sentence, "");
    fake_run(s, 50);
    fake_cancel(s, 2);
    CHECK(fake_wait(s, SYX_EV_CANCELLED, 2, 20000) != NULL, "%s: cancel ends a clause that waits for credit", name);
    fake_send(s, SYX_EV_DRAIN, 0, 0, "", "");
    CHECK(fake_wait(s, SYX_EV_DRAINED, 0, 20000) != NULL, "%s drains", name);
    fake_close(s);
    fake_close(free_run);
}

void tts_refuses_and_survives(tts *t, const char *name) {
    fake_session *s = tts_session(t, "");
    char *huge = malloc(100001);
    memset(huge, 'a', 100000);
    huge[100000] = 0;
    CHECK(fake_send(s, SYX_EV_SPEAK, 1, 0, huge, "") == SYX_EINVAL, "%s refuses 100 KB of text", name);
    CHECK(fake_send(s, SYX_EV_SPEAK, 1, 0, "x", "{broken") == SYX_EINVAL, "%s refuses broken JSON", name);
    CHECK(fake_send(s, 999, 1, 0, "x", "") == SYX_SKIP, "%s skips an unknown event", name);
    huge[4000] = 0;
    const char *const odd[] = {"", "   ", "...", "\xff\xfe\xc3", "\xC3\xA9t\xC3\xA9 \xF0\x9F\x98\x80",
                               "a\x01" "b\tc", "<speak>&amp;</speak>", "1234567890123456789012345678901234567890", huge};
    for (uint64_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        fake_send(s, SYX_EV_SPEAK, 2, i, odd[i], "");
        CHECK(fake_wait_id(s, SYX_EV_DONE, 2, i, 60000) != NULL, "%s: odd text %d is done", name, (int)i);
    }
    syx_err err;
    fake_session *other = fake_open(t->desc, t->provider, &(syx_format){SYX_FMT_S16, 44100, 1, 0}, "", &err);
    CHECK(!other && err.msg[0], "%s refuses another rate: %s", name, err.msg);
    free(huge);
    fake_close(s);
}
