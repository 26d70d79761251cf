/* SPDX-License-Identifier: Apache-2.0 */
#include "rt.h"

/* Share of a clip's frames of `ms` milliseconds that count as speech. */
static double share(rt *r, clip c, size_t from, size_t to, uint32_t ms) {
    uint32_t samples = r->rate * ms / 1000;
    size_t voiced = 0, frames = 0;
    syx_result result;
    for (size_t at = from; at + samples <= to; at += samples, frames++)
        if (rt_frame(r, c.pcm + at, samples, 0, &result) == SYX_OK) voiced += result.probability > 0.5f;
    return frames ? (double)voiced / (double)frames : -1;
}

static void at_once(uint32_t rate) {
    rt r = rt_open("energy-vad", "energy", "", rate, 0);
    uint32_t n = rate / 50;
    clip c = clip_new((size_t)n * 4);
    clip_tone(c, 0, n, 300, -20, rate);
    clip_noise(c, n, n, -70, 1);
    clip_tone(c, 2 * n, n, 300, -30, rate);
    syx_result result;
    rt_frame(&r, c.pcm, n, 0, &result);
    CHECK(result.probability > 0.5f, "%u Hz: speech in the very first frame (%.2f)", rate, (double)result.probability);
    CHECK(fabsf(result.level_dbfs + 20) < 0.5f, "%u Hz: its level is right (%.1f)", rate, (double)result.level_dbfs);
    rt_frame(&r, c.pcm + n, n, 0, &result);
    CHECK(result.probability < 0.35f, "%u Hz: near silence at once (%.2f)", rate, (double)result.probability);
    rt_frame(&r, c.pcm + 2 * n, n, 0, &result);
    CHECK(result.probability > 0.5f, "%u Hz: speech again at once (%.2f)", rate, (double)result.probability);
    rt_frame(&r, c.pcm + 3 * n, n, SYX_FR_SILENCE, &result);
    CHECK(result.probability < 0.01f, "%u Hz: digital silence (%.3f)", rate, (double)result.probability);
    clip_free(&c);
    rt_close(&r);
}

static void noise_steps(void) {
    const uint32_t rate = 16000;
    rt r = rt_open("energy-vad", "energy", "", rate, 0);
    clip c = clip_new(rate * 24);
    clip_noise(c, 0, rate * 8, -65, 1);
    clip_noise(c, rate * 8, rate * 8, -38, 2);
    clip_tone(c, rate * 14, rate * 2, 300, -15, rate);
    clip_noise(c, rate * 16, rate * 8, -65, 3);
    clip_tone(c, rate * 20, rate * 2, 300, -35, rate);
    CHECK(share(&r, c, 0, rate * 8, 20) == 0, "quiet noise is not speech");
    share(&r, c, rate * 8, rate * 12, 20);
    CHECK(share(&r, c, rate * 12, rate * 14, 20) == 0, "a step in noise is learnt within 4 s");
    CHECK(share(&r, c, rate * 14, rate * 16, 20) == 1, "speech above the louder noise");
    CHECK(share(&r, c, rate * 16, rate * 20, 20) == 0, "back to quiet");
    CHECK(share(&r, c, rate * 20, rate * 22, 20) == 1, "the floor fell: softer speech is heard again");
    clip_free(&c);
    rt_close(&r);
}

/* A floor learnt from the speech itself un-detects a long utterance. */
static void long_speech(void) {
    const uint32_t rate = 16000;
    clip sentence = clip_spoken("flite", "slt", rate, "the quick brown fox jumps over the lazy dog and runs along the river "
                                                      "until the evening comes and all the lights are lit");
    rt r = rt_open("energy-vad", "energy", "", rate, 0);
    double first = share(&r, sentence, 4800, sentence.samples - 4800, 20), last = first;
    for (int i = 0; i < (int)(60 * rate / sentence.samples); i++)
        last = share(&r, sentence, 4800, sentence.samples - 4800, 20);
    CHECK(first > 0.7, "most frames of a sentence are speech (%.2f)", first);
    CHECK(fabs(first - last) < 0.03, "and still are after 60 s without a pause (%.2f)", last);
    rt_close(&r);

    rt t = rt_open("energy-vad", "energy", "", rate, 0);
    clip tone = clip_new(rate * 60);
    clip_tone(tone, 0, tone.samples, 440, -20, rate);
    CHECK(share(&t, tone, 0, tone.samples, 20) == 1, "a tone of 60 s stays what it was");
    clip_free(&tone);
    clip_free(&sentence);
    rt_close(&t);
}

static void noisy_speech(void) {
    const uint32_t rate = 8000;
    clip spoken = clip_spoken("flite", "rms", 16000, "i would like to book a table for two please"), c = clip_resample(spoken, 16000, rate);
    clip line = clip_new(rate * 5 + c.samples);
    memcpy(line.pcm + rate * 4, c.pcm, c.samples * sizeof *c.pcm);
    clip_noise(line, 0, line.samples, -50, 7);
    rt r = rt_open("energy-vad", "energy", "", rate, 0);
    CHECK(share(&r, line, 0, rate * 4, 10) < 0.01, "line noise is not speech");
    double voiced = share(&r, line, rate * 4 + 2400, rate * 4 + c.samples - 2400, 10);
    CHECK(voiced > 0.6, "speech over line noise is (%.2f)", voiced);
    rt_close(&r);
    clip_free(&spoken);
    clip_free(&c);
    clip_free(&line);
}

static void refusals(void) {
    rt r = rt_open("energy-vad", "energy", "{\"threshold_db\":6}", 16000, 0);
    int16_t pcm[2000] = {0};
    syx_result result;
    CHECK(rt_frame(&r, pcm, 159, 0, &result) == SYX_EINVAL, "a frame under 10 ms is refused");
    CHECK(rt_frame(&r, pcm, 961, 0, &result) == SYX_EINVAL, "a frame over 60 ms is refused");
    CHECK(rt_frame(&r, pcm, 960, 0, &result) == SYX_OK, "60 ms is taken");
    CHECK(rt_frame(&r, pcm, 320, SYX_FR_ECHO_REF, &result) == SYX_SKIP, "an echo reference is not the caller");
    r.rate = 8000;
    CHECK(rt_frame(&r, pcm, 160, 0, &result) == SYX_EINVAL, "another rate is refused");
    r.rate = 16000;
    rt_close(&r);
}

void test_energy(void) {
    const uint32_t rates[] = {8000, 16000, 24000, 48000};
    for (size_t i = 0; i < 4; i++) at_once(rates[i]);
    noise_steps();
    long_speech();
    noisy_speech();
    refusals();
    rt r = rt_open("energy-vad", "energy", "", 16000, 0);
    clip c = clip_new(16000 * 20);
    clip_noise(c, 0, c.samples, -30, 5);
    printf("   energy: %.3f us per 20 ms frame\n", rt_cost(&r, c, 320) / 1000);
    clip_free(&c);
    rt_close(&r);
}
