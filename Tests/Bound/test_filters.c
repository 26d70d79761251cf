/* SPDX-License-Identifier: Apache-2.0
 *
 * Filters: speexdsp bit for bit, re-blocking, float libraries, options. */
#include <speex/speex_preprocess.h>

#include "bound_test.h"

static SpeexPreprocessState *direct_speex(int samples, int rate, spx_int32_t suppress) {
    SpeexPreprocessState *st = speex_preprocess_state_init(samples, rate);
    spx_int32_t on = 1;
    speex_preprocess_ctl(st, SPEEX_PREPROCESS_SET_DENOISE, &on);
    speex_preprocess_ctl(st, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, &suppress);
    return st;
}

static clip noisy(uint32_t rate, uint32_t seconds) {
    clip c = clip_new((size_t)rate * seconds);
    clip_noise(c, 0, c.samples, -40, 3);
    clip_tone(c, rate, rate / 2, 440, -20, rate);
    return c;
}

static void bit_for_bit(uint32_t rate, uint32_t frame, bool in_place) {
    bound b = bound_open(bound_load_package("bound-speexdsp"), "{\"suppress_db\":-30}");
    CHECK(b.provider != NULL, "bound-speexdsp opens: %s", b.err.msg);
    fake_session *s = bound_session(&b, rate, frame, "");
    uint32_t block = rate / 50;
    SpeexPreprocessState *st = direct_speex((int)block, (int)rate, -30);
    clip c = noisy(rate, 4), expected = noisy(rate, 4);
    int16_t out[3000];
    syx_result result;
    size_t wrong = 0;
    for (size_t at = 0; at + frame <= c.samples; at += frame) {
        for (uint32_t k = 0; k < frame; k += block) speex_preprocess_run(st, expected.pcm + at + k);
        int16_t *to = in_place ? c.pcm + at : out;
        syx_status status = bound_frame(s, c.pcm + at, to, frame, rate, &result);
        wrong += status != SYX_OK || memcmp(to, expected.pcm + at, frame * 2) != 0;
    }
    CHECK(wrong == 0, "speexdsp at %u Hz, frames of %u: bit for bit what a direct call gives (%zu frames differ)", rate, frame,
          wrong);
    CHECK(result.pts == 0 && result.probability == 0, "the result is filled");
    speex_preprocess_state_destroy(st);
    fake_close(s);
    bound_close(&b);
    clip_free(&c);
    clip_free(&expected);
}

/* Frames of 10, 30 and odd lengths give the same samples, one block later. */
static void reblocked(uint32_t frame, uint32_t announced) {
    const uint32_t rate = 16000, block = 320;
    bound b = bound_open(bound_load_package("bound-speexdsp"), "{}");
    fake_session *s = bound_session(&b, rate, announced, "");
    SpeexPreprocessState *st = direct_speex((int)block, (int)rate, -25);
    clip c = noisy(rate, 3), expected = noisy(rate, 3);
    for (size_t at = 0; at + block <= expected.samples; at += block) speex_preprocess_run(st, expected.pcm + at);
    syx_result result;
    size_t done = 0, wrong = 0;
    for (; done + frame <= c.samples; done += frame)
        wrong += bound_frame(s, c.pcm + done, c.pcm + done, frame, rate, &result) != SYX_OK;
    for (size_t i = 0; i < block; i++) wrong += c.pcm[i] != 0;
    size_t whole = done / block * block;
    CHECK(wrong == 0 && memcmp(c.pcm + block, expected.pcm, (whole - block) * 2) == 0,
          "frames of %u (announced %u): the same samples, one block later", frame, announced);
    speex_preprocess_state_destroy(st);
    fake_close(s);
    bound_close(&b);
    clip_free(&c);
    clip_free(&expected);
}

static void options_and_reset(void) {
    bound b = bound_open(bound_load_package("bound-speexdsp"), "{\"suppress_db\":-5}");
    fake_session *s = bound_session(&b, 16000, 320, "{\"suppress_db\":-40}"), *plain = bound_session(&b, 16000, 320, "");
    clip c = noisy(16000, 3), d = noisy(16000, 3);
    syx_result result;
    for (size_t at = 0; at + 320 <= c.samples; at += 320) {
        bound_frame(s, c.pcm + at, c.pcm + at, 320, 16000, &result);
        bound_frame(plain, d.pcm + at, d.pcm + at, 320, 16000, &result);
    }
    double strong = clip_level(c.pcm + 32000, 16000), weak = clip_level(d.pcm + 32000, 16000);
    CHECK(strong < weak - 5, "a session's option wins over the provider's (%.1f and %.1f dB)", strong, weak);
    CHECK(fake_send(plain, SYX_EV_CONFIG, 0, 0, "", "{\"suppress_db\":-40}") == SYX_OK, "options change in a call");
    CHECK(fake_send(plain, SYX_EV_CONFIG, 0, 0, "", "{\"suppress_db\":\"x\"}") == SYX_EINVAL, "a text is no number");
    CHECK(fake_send(plain, SYX_EV_CONFIG, 0, 0, "", "{broken") == SYX_EINVAL, "and JSON must be whole");
    clip e = noisy(16000, 3), first = noisy(16000, 3);
    for (size_t at = 0; at + 320 <= e.samples; at += 320) bound_frame(plain, e.pcm + at, e.pcm + at, 320, 16000, &result);
    CHECK(clip_level(e.pcm + 32000, 16000) < weak - 5, "and the library is told (%.1f dB)", clip_level(e.pcm + 32000, 16000));
    clip again = noisy(16000, 3);
    s->vt->reset(s->session);
    plain->vt->reset(plain->session);
    for (size_t at = 0; at + 320 <= e.samples; at += 320) {
        bound_frame(s, first.pcm + at, first.pcm + at, 320, 16000, &result);
        bound_frame(plain, again.pcm + at, again.pcm + at, 320, 16000, &result);
    }
    CHECK(memcmp(first.pcm, c.pcm, c.samples * 2) == 0, "reset equals fresh");
    CHECK(memcmp(again.pcm, c.pcm, c.samples * 2) == 0, "and keeps changed options");
    fake_close(s);
    fake_close(plain);
    bound_close(&b);
    clip *all[] = {&c, &d, &e, &first, &again};
    for (size_t i = 0; i < 5; i++) clip_free(all[i]);
}

static const char gain[] =
    "\"functions\":{\"create\":{\"symbol\":\"toy_gain_create\",\"returns\":\"i32\",\"args\":[\"ptr\",\"i32\",\"f32\"]},"
    "\"run\":{\"symbol\":\"toy_gain_run\",\"returns\":\"i32\",\"args\":[\"t\",\"ptr\",\"ptr\"]},"
    "\"destroy\":{\"symbol\":\"toy_destroy\",\"returns\":\"void\",\"args\":[\"t\"]}},"
    "\"types\":{\"t\":\"ptr\"},\"variables\":{\"g\":\"t\"},"
    "\"format\":{\"format\":\"f32\",\"rates\":[16000],\"frame_ms\":10},"
    "\"open\":[{\"call\":\"create\",\"args\":[{\"t\":\"$g\"},\"$samples\",\"$config.gain\"],\"fail_if\":\"negative\","
    "\"message\":\"too loud\"}],"
    "\"process\":[{\"call\":\"run\",\"args\":[\"$g\",\"$in\",\"$out\"]}],"
    "\"close\":[{\"call\":\"destroy\",\"args\":[\"$g\"]}],"
    "\"config_schema\":{\"type\":\"object\",\"properties\":{\"gain\":{\"type\":\"number\",\"default\":0.5}}}";

static void floats(void) {
    bound b = bound_open(bound_load_toy("filter", gain), "{\"gain\":0.5}");
    CHECK(b.provider != NULL, "a float library opens: %s", b.err.msg);
    fake_session *s = bound_session(&b, 16000, 320, "");
    int16_t in[320], out[320];
    for (int i = 0; i < 320; i++) in[i] = (int16_t)(i * 200 - 32000);
    syx_result result;
    size_t wrong = bound_frame(s, in, out, 320, 16000, &result) != SYX_OK;
    for (int i = 0; i < 320; i++) wrong += abs(out[i] - in[i] / 2) > 1;
    CHECK(wrong == 0, "f32 goes there and back");
    CHECK(bound_frame(s, in, out, 161, 16000, &result) == SYX_EINVAL, "a frame that was not announced is refused");
    CHECK(bound_frame(s, in, out, 320, 8000, &result) == SYX_EINVAL, "so is another rate");
    CHECK(!bound_session(&b, 44100, 0, "") && b.err.msg[0], "and at open: %s", b.err.msg);
    fake_close(s);
    bound_close(&b);
    b = bound_open(bound_load_toy("filter", gain), "{\"gain\":1000}");
    CHECK(!bound_session(&b, 16000, 0, "") && strstr(b.err.msg, "too loud"), "fail_if says its message: %s", b.err.msg);
    bound_close(&b);
    b = bound_open(bound_load_toy("filter", gain), "{\"gain\":\"high\"}");
    CHECK(!b.provider && strstr(b.err.msg, "gain"), "a value of another type is named: %s", b.err.msg);
    b = bound_open(bound_load_toy("filter", gain), "{\"gain\":4}");
    s = bound_session(&b, 16000, 160, "");
    in[0] = 32767, in[1] = -32768, in[2] = 1;
    bound_frame(s, in, out, 160, 16000, &result);
    CHECK(out[0] == 32767 && out[1] == -32768 && out[2] == 4, "loud samples are clipped, not wrapped");
    fake_close(s);
    bound_close(&b);
}

/* The manifest that docs/BOUND.md shows: copied out of the page, so that it stays true. */
static void the_page(void) {
    static char page[65536], path[600];
    snprintf(path, sizeof path, "%s/../docs/BOUND.md", plugins_dir);
    FILE *f = fopen(path, "r");
    page[f ? fread(page, 1, sizeof page - 1, f) : 0] = 0;
    if (f) fclose(f);
    char *text = strstr(page, "```json\n{\n  \"bind\""), *end = text ? strstr(text + 8, "```") : NULL;
    CHECK(end != NULL, "the page has a manifest");
    if (!end) return;
    *end = 0;
    char *id = strstr(text, "\"my-denoise\"");
    memcpy(id, "\"toy\"       ", strlen("\"my-denoise\""));
    load_result r = bound_load_text("filter", text + 8);
    CHECK(r.module != NULL, "and it loads: %s", r.error);
    if (!r.module) return;
    bound b = bound_open(r, "{\"strength\":3}");
    fake_session *s = bound_session(&b, 16000, 320, "");
    clip c = noisy(16000, 5);
    syx_result result;
    size_t wrong = 0;
    for (size_t at = 0; at + 320 <= c.samples; at += 320)
        wrong += bound_frame(s, c.pcm + at, c.pcm + at, 320, 16000, &result) != SYX_OK;
    double quiet = clip_level(c.pcm + 64000, 8000);
    CHECK(wrong == 0 && quiet < -46, "and it suppresses noise: %.1f dB of -40", quiet);
    fake_close(s);
    bound_close(&b);
    clip_free(&c);
}

void test_filters_bound(void) {
    const uint32_t rates[] = {8000, 16000, 48000};
    for (size_t i = 0; i < 3; i++) bit_for_bit(rates[i], rates[i] / 50, true);
    bit_for_bit(16000, 320, false);
    bit_for_bit(16000, 640, true);
    reblocked(160, 160);
    reblocked(480, 480);
    reblocked(331, 0);
    reblocked(320, 0);
    options_and_reset();
    floats();
    the_page();
}
