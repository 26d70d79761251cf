/* SPDX-License-Identifier: Apache-2.0 */
#include "bound_test.h"

static const char toy_vad[] =
    "\"functions\":{\"create\":{\"symbol\":\"toy_vad_create\",\"returns\":\"t\",\"args\":[\"cstr\"]},"
    "\"run\":{\"symbol\":\"toy_vad_run\",\"returns\":\"i32\",\"args\":[\"t\",\"ptr\",\"i32\",\"ptr\"]},"
    "\"destroy\":{\"symbol\":\"toy_destroy\",\"returns\":\"void\",\"args\":[\"t\"]}},"
    "\"types\":{\"t\":\"ptr\"},\"variables\":{\"percent\":\"i32\"},"
    "\"format\":{\"format\":\"s16\",\"rates\":[8000,16000]},"
    "\"open\":[{\"call\":\"create\",\"args\":[\"$options.name\"],\"into\":\"v\",\"fail_if\":\"null\"}],"
    "\"process\":[{\"call\":\"run\",\"args\":[\"$v\",\"$inout\",\"$samples\",{\"i32\":\"$percent\"}]}],"
    "\"close\":[{\"call\":\"destroy\",\"args\":[\"$v\"]}],"
    "\"result\":{\"probability\":{\"value\":\"$percent\",\"scale\":0.01}},"
    "\"session_schema\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"default\":\"x\"}}}";

static void toy(void) {
    bound b = bound_open(bound_load_toy("vad", toy_vad), "{}");
    fake_session *s = bound_session(&b, 8000, 0, "{\"name\":\"fine\"}");
    CHECK(s != NULL, "a vad that takes frames of any length opens: %s", b.err.msg);
    int16_t loud[480], kept[480];
    for (int i = 0; i < 480; i++) loud[i] = i % 2 ? 20000 : 0;
    memcpy(kept, loud, sizeof loud);
    syx_result result;
    CHECK(bound_frame(s, loud, NULL, 80, 8000, &result) == SYX_OK && fabsf(result.probability - 0.5f) < 0.01f,
          "the probability is read through a pointer (%.2f)", (double)result.probability);
    CHECK(memcmp(loud, kept, sizeof loud) == 0, "the host's frame is not written to");
    for (int i = 0; i < 9; i++) bound_frame(s, loud, NULL, 480, 8000, &result);
    CHECK(result.probability == 1, "and never above 1 (%.2f)", (double)result.probability);
    fake_close(s);
    CHECK(!bound_session(&b, 8000, 0, "{\"name\":\"broken\"}") && strstr(b.err.msg, "toy_vad_create"), "%s", b.err.msg);
    bound_close(&b);
}

static void webrtc(uint32_t rate) {
    bound b = bound_open(bound_load_package("bound-webrtc-vad"), "{\"mode\":2}");
    CHECK(b.provider != NULL, "bound-webrtc-vad opens: %s", b.err.msg);
    clip speech = clip_new(0);
    bound tts = bound_open(bound_load_package("bound-espeak-ng"), "{\"language\":\"en\",\"words_per_minute\":175,\"pitch\":50}");
    fake_session *talk = bound_session(&tts, 22050, 0, "");
    fake_send(talk, SYX_EV_SPEAK, 1, 1, "one two three four five six seven eight nine ten", "");
    fake_wait(talk, SYX_EV_DONE, 1, 20000);
    clip spoken = {talk->pcm, talk->samples};
    clip_free(&speech);
    speech = clip_resample(spoken, 22050, rate);
    fake_session *s = bound_session(&b, rate, rate / 50, "");
    size_t voiced = 0, frames = 0, silent = 0;
    uint32_t n = rate / 50;
    int16_t silence[960] = {0};
    syx_result result;
    for (size_t at = rate / 4; at + n <= speech.samples - rate / 2; at += n, frames++) {
        bound_frame(s, speech.pcm + at, NULL, n, rate, &result);
        voiced += result.probability > 0.5f;
    }
    for (int i = 0; i < 100; i++) {
        bound_frame(s, silence, NULL, n, rate, &result);
        silent += result.probability < 0.5f;
    }
    CHECK(voiced * 10 > frames * 7, "at %u Hz it hears speech (%zu of %zu frames)", rate, voiced, frames);
    CHECK(silent > 85, "and silence (%zu of 100 frames)", silent);
    CHECK(fake_send(s, SYX_EV_CONFIG, 0, 0, "", "{\"mode\":3}") == SYX_OK, "its mode changes in a call");
    fake_close(s);
    fake_close(talk);
    bound_close(&tts);
    bound_close(&b);
    clip_free(&speech);
}

void test_vad_bound(void) {
    toy();
    webrtc(16000);
    webrtc(8000);
}
