/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that a process survives. */
#include "tests.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "call.h"

static call open_call(syx_kind kind, const char *config) {
    call c;
    EXPECT(call_open(&c, kind, config) == SYX_OK);
    return c;
}

/* ----------------------------------------------------------------------------------------------- as it shall be -- */

static void answers_properly(void) {
    call agent = open_call(SYX_AGENT, "");
    EXPECT(call_request(&agent, 7) == SYX_OK && count_of(SYX_EV_DELTA, 7) == 1 && count_of(SYX_EV_DONE, 7) == 1);
    call stt = open_call(SYX_STT, "{}");
    EXPECT(call_event(&stt, SYX_EV_AUDIO_IN, 0) == SYX_OK);
    EXPECT(call_request(&stt, 8) == SYX_OK && count_of(SYX_EV_FINAL, 8) == 1);
    call turn = open_call(SYX_TURN, "{\"fault\":\"none\"}");
    EXPECT(call_request(&turn, 9) == SYX_OK && count_of(SYX_EV_TURN_END, 9) == 1);
    call backend = open_call(SYX_BACKEND, "{}");
    EXPECT(call_event(&backend, SYX_EV_DRAIN, 0) == SYX_OK && count_of(SYX_EV_DRAINED, 0) == 1);
    EXPECT(call_event(&agent, 5000, 0) == SYX_SKIP);
    call_close(&agent), call_close(&stt), call_close(&turn), call_close(&backend);
    EXPECT(rec.after_close == 0);
}
static void hears_speech(void) {
    float loud, silent;
    call vad = open_call(SYX_VAD, "{}");
    EXPECT(call_frame(&vad, true, &loud) == SYX_OK && call_frame(&vad, false, &silent) == SYX_OK);
    EXPECT(loud > 0.9f && silent < 0.1f);
    call filter = open_call(SYX_FILTER, "{}");
    EXPECT(call_frame(&filter, true, NULL) == SYX_OK && rec.count == 0);
}
static void waits_for_credit(void) {
    call tts = open_call(SYX_TTS, "{}");
    rec.credit = 4;
    EXPECT(call_request(&tts, 7) == SYX_OK && count_of(SYX_EV_AUDIO_OUT, 7) == 4 && count_of(SYX_EV_DONE, 7) == 0);
    rec.credit = 100;
    EXPECT(call_event(&tts, SYX_EV_WRITABLE, 0) == SYX_OK);
    EXPECT(count_of(SYX_EV_AUDIO_OUT, 7) == 10 && count_of(SYX_EV_DONE, 7) == 1);
    EXPECT(first_of(SYX_EV_AUDIO_OUT)->bytes == SAMPLES * 2 && first_of(SYX_EV_AUDIO_OUT)->rate == RATE);
}
static void answers_in_a_task(void) {
    call agent = open_call(SYX_AGENT, "{\"where\":\"task\"}");
    EXPECT(call_request(&agent, 7) == SYX_OK && rec.count == 0 && rec.task);
    rec.task(rec.task_argument);
    EXPECT(count_of(SYX_EV_DONE, 7) == 1);
}
static void refuses_wrong_options(void) {
    static const char *const wrong[] = {"[]", "{", "{\"fault\":\"nonsense\"}", "{\"where\":\"here\"}",
                                        "{\"garbage\":\"x\"}", "{\"status\":7}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        call c;
        EXPECT(call_open(&c, SYX_AGENT, wrong[i]) == SYX_EINVAL);
    }
}

/* ---------------------------------------------------------------------------------------------------- how often -- */

static void counts_calls(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"status\",\"after\":2,\"times\":1,\"status\":\"EQUOTA\"}");
    EXPECT(call_request(&c, 1) == SYX_OK && call_request(&c, 2) == SYX_OK);
    EXPECT(call_request(&c, 3) == SYX_EQUOTA);
    EXPECT(call_request(&c, 4) == SYX_OK);
}
static unsigned pattern(const char *config) {
    call c = open_call(SYX_AGENT, config);
    unsigned bits = 0;
    for (int i = 0; i < 30; i++) bits = bits << 1 | (call_request(&c, (uint64_t)i) != SYX_OK);
    return bits;
}
static void repeats_by_seed(void) {
    unsigned one = pattern("{\"fault\":\"status\",\"probability\":0.5,\"seed\":1}");
    EXPECT(one == pattern("{\"fault\":\"status\",\"probability\":0.5,\"seed\":1}"));
    EXPECT(one != pattern("{\"fault\":\"status\",\"probability\":0.5,\"seed\":2}"));
    int struck = __builtin_popcount(one);
    EXPECT(struck > 5 && struck < 25);
    EXPECT(pattern("{\"fault\":\"status\",\"probability\":0}") == 0);
}
static void refuses_everywhere(void) {
    call c;
    EXPECT(call_open(&c, SYX_AGENT, "{\"fault\":\"status\",\"where\":\"open\",\"status\":\"EAUTH\"}") == SYX_EAUTH);
    EXPECT(call_open(&c, SYX_TTS, "{\"fault\":\"status\",\"where\":\"session_open\"}") == SYX_EUNAVAILABLE);
    const char *pending = "{\"fault\":\"status\",\"where\":\"session_open\",\"status\":\"PENDING\"}";
    EXPECT(call_open(&c, SYX_STT, pending) == SYX_PENDING);
    EXPECT(rec.count == 0);
    call vad = open_call(SYX_VAD, "{\"fault\":\"status\",\"status\":\"ENOMEM\"}");
    EXPECT(call_frame(&vad, true, NULL) == SYX_ENOMEM);
    call odd = open_call(SYX_VAD, "{\"fault\":\"status\",\"status\":\"UNKNOWN_SUCCESS\"}");
    EXPECT(call_frame(&odd, true, NULL) == 9999);
    call stt = open_call(SYX_STT, "{\"fault\":\"status\",\"where\":\"audio\",\"status\":\"EINTERNAL\"}");
    EXPECT(call_event(&stt, SYX_EV_AUDIO_IN, 0) == SYX_EINTERNAL);
}

/* -------------------------------------------------------------------------------------------------------- events -- */

static void sends_an_error(void) {
    call c = open_call(SYX_STT, "{\"fault\":\"error\",\"status\":\"EDEADLINE\"}");
    EXPECT(call_request(&c, 7) == SYX_OK && rec.count == 1);
    EXPECT(first_of(SYX_EV_ERROR)->i0 == SYX_EDEADLINE && first_of(SYX_EV_ERROR)->generation == 7);
}
static void floods(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"flood\",\"count\":1000}");
    EXPECT(call_request(&c, 7) == SYX_OK && count_of(SYX_EV_DELTA, 7) == 1001);
}
/* The host takes no more: the end of the answer waits until it does. */
static void floods_until_refused(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"flood\",\"count\":1000}");
    rec.credit = 50;
    EXPECT(call_request(&c, 7) == SYX_OK && count_of(SYX_EV_DELTA, 7) == 50 && count_of(SYX_EV_DONE, 7) == 0);
    rec.credit = 50;
    EXPECT(call_event(&c, SYX_EV_WRITABLE, 0) == SYX_OK && count_of(SYX_EV_DONE, 7) == 1);
}
static void speaks_of_other_times(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"stale\"}");
    EXPECT(call_request(&c, 7) == SYX_OK);
    EXPECT(count_of(SYX_EV_DONE, 6) == 1 && count_of(SYX_EV_DONE, 8) == 1 && count_of(SYX_EV_DONE, UINT64_MAX) == 1);
    EXPECT(count_of(SYX_EV_DONE, 7) == 1);
}
static void ends_twice(void) {
    call c = open_call(SYX_STT, "{\"fault\":\"terminal_twice\"}");
    EXPECT(call_request(&c, 7) == SYX_OK && count_of(SYX_EV_FINAL, 7) == 2);
}
static void answers_late(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"delay\",\"ms\":1500}");
    EXPECT(call_request(&c, 7) == SYX_OK && rec.count == 0 && rec.delay_ms == 1500);
    EXPECT(call_event(&c, SYX_EV_TIMER, rec.cookie) == SYX_OK && count_of(SYX_EV_DONE, 7) == 1);
}
static void never_answers(void) {
    call c = open_call(SYX_TTS, "{\"fault\":\"drop\"}");
    EXPECT(call_request(&c, 7) == SYX_OK && rec.count == 0 && rec.timers == 0);
}
static void speaks_after_close(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"event_after_close\",\"ms\":1000}");
    call_close(&c);
    while (rec.after_close == 0) nanosleep(&(struct timespec){0, 1000000}, NULL);
}
static void is_slow(void) {
    call c = open_call(SYX_VAD, "{\"fault\":\"slow\",\"ms\":50}");
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    EXPECT(call_frame(&c, true, NULL) == SYX_OK);
    clock_gettime(CLOCK_MONOTONIC, &to);
    EXPECT((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 >= 49);
}

/* ------------------------------------------------------------------------------------------------------- garbage -- */

static const record *garbage(syx_kind kind, const char *name) {
    char config[96];
    snprintf(config, sizeof config, "{\"fault\":\"garbage\",\"garbage\":\"%s\"}", name);
    call c = open_call(kind, config);
    rec.count = 0;
    EXPECT(call_request(&c, 7) == SYX_OK);
    EXPECT(rec.count > 1 && count_of(SYX_EV_ERROR, 7) == 0); /* the proper answer follows */
    return &rec.records[0];
}
static void sends_broken_events(void) {
    EXPECT(garbage(SYX_AGENT, "null_event")->null_event);
    EXPECT(garbage(SYX_AGENT, "small_struct")->struct_size == 3);
    EXPECT(garbage(SYX_AGENT, "huge_struct")->struct_size == UINT32_MAX);
    EXPECT(garbage(SYX_AGENT, "wrong_session")->session == UINT64_C(0xdeadbeef00000000));
    EXPECT(garbage(SYX_AGENT, "wrong_kind")->type == SYX_EV_PROMPT);
    EXPECT(garbage(SYX_STT, "unknown_type")->type == 9999);
    EXPECT(garbage(SYX_STT, "unknown_space")->space == 77);
    EXPECT(isnan(garbage(SYX_STT, "nan")->f0));
    EXPECT(isinf(garbage(SYX_STT, "infinite")->f0));
    EXPECT(!garbage(SYX_AGENT, "invalid_utf8")->utf8);
    EXPECT(garbage(SYX_AGENT, "null_text")->null_text);
    EXPECT(garbage(SYX_AGENT, "huge_text")->text == 16 << 20);
    EXPECT(garbage(SYX_AGENT, "huge_json")->json == 16 << 20);
    EXPECT(garbage(SYX_AGENT, "bad_json")->json == 8);
}
static void answers_frames_badly(void) {
    float probability;
    call vad = open_call(SYX_VAD, "{\"fault\":\"garbage\",\"garbage\":\"bad_result\",\"times\":1}");
    EXPECT(call_frame(&vad, true, &probability) == SYX_OK && isnan(probability) && rec.count == 0);
    EXPECT(call_frame(&vad, true, &probability) == SYX_OK && probability > 0.9f);
    call filter = open_call(SYX_FILTER, "{\"fault\":\"garbage\",\"garbage\":\"bad_result\"}");
    EXPECT(call_frame(&filter, true, &probability) == SYX_OK && isnan(probability));
}
static void sends_broken_audio(void) {
    EXPECT(garbage(SYX_TTS, "null_audio")->null_audio);
    EXPECT(garbage(SYX_TTS, "null_data")->null_data);
    EXPECT(garbage(SYX_TTS, "wrong_rate")->rate == 11025);
    EXPECT(garbage(SYX_TTS, "wrong_format")->format == 99);
    EXPECT(garbage(SYX_TTS, "wrong_bytes")->bytes == 33);
    EXPECT(garbage(SYX_TTS, "many_channels")->channels == UINT32_MAX);
    EXPECT(garbage(SYX_TTS, "negative_pts")->pts < 0);
    call c = open_call(SYX_TTS, "{\"fault\":\"garbage\"}");
    rec.count = 0;
    EXPECT(call_request(&c, 7) == SYX_OK && rec.count == 21 + 10 + 1); /* each kind of garbage, ten frames, DONE */
}

/* ------------------------------------------------------------------------------------------------------ hoarding -- */

static int entries(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    while (folder && readdir(folder)) count++;
    if (folder) closedir(folder);
    return count;
}
static long resident_kib(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}
static void leaks_memory(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"leak\",\"bytes\":1048576}");
    long before = resident_kib();
    for (int i = 0; i < 20; i++) EXPECT(call_request(&c, 7) == SYX_OK);
    EXPECT(resident_kib() - before > 19 * 1024);
}
static void leaks_files(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"leak_fds\",\"count\":25}");
    int before = entries("/proc/self/fd");
    EXPECT(call_request(&c, 7) == SYX_OK && entries("/proc/self/fd") == before + 25);
}
static void leaks_threads(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"leak_threads\",\"count\":5}");
    int before = entries("/proc/self/task");
    EXPECT(call_request(&c, 7) == SYX_OK && entries("/proc/self/task") == before + 5);
}
static void tries_to_fork(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"fork_bomb\"}");
    EXPECT(call_request(&c, 7) == SYX_OK && strcmp(rec.log, "chaos: fork succeeded;") == 0);
    EXPECT(count_of(SYX_EV_DONE, 7) == 1);
}
static void tries_to_escape(void) {
    call c = open_call(SYX_AGENT, "{\"fault\":\"escape\"}");
    EXPECT(call_request(&c, 7) == SYX_OK && strstr(rec.log, "socket") && strstr(rec.log, "/etc/passwd succeeded"));
}

#define TEST(name) {#name, name}
const test tests[] = {
    TEST(answers_properly), TEST(hears_speech), TEST(waits_for_credit), TEST(answers_in_a_task),
    TEST(refuses_wrong_options), TEST(counts_calls), TEST(repeats_by_seed), TEST(refuses_everywhere),
    TEST(sends_an_error), TEST(floods), TEST(floods_until_refused), TEST(speaks_of_other_times), TEST(ends_twice),
    TEST(answers_late), TEST(never_answers), TEST(speaks_after_close), TEST(is_slow), TEST(sends_broken_events),
    TEST(answers_frames_badly), TEST(sends_broken_audio), TEST(leaks_memory), TEST(leaks_files), TEST(leaks_threads), TEST(tries_to_fork),
    TEST(tries_to_escape),
};
const size_t test_count = sizeof tests / sizeof *tests;
