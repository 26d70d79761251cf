/* SPDX-License-Identifier: Apache-2.0 */
#include "rt.h"

/* Filters a clip in place, frames of 20 ms. */
static void filter(rt *r, clip c) {
    uint32_t n = r->rate / 50;
    syx_result result;
    for (size_t at = 0; at + n <= c.samples; at += n) rt_frame(r, c.pcm + at, n, 0, &result);
}

static void noise_floor(const char *plugin, const char *id, uint32_t rate, double wanted) {
    rt r = rt_open(plugin, id, "", rate, rate / 50);
    clip c = clip_new(rate * 6);
    clip_noise(c, 0, c.samples, -40, 3);
    double before = clip_level(c.pcm + rate * 4, rate * 2);
    filter(&r, c);
    double after = clip_level(c.pcm + rate * 4, rate * 2);
    CHECK(before - after >= wanted, "%s at %u Hz takes %.1f dB off white noise", id, rate, before - after);
    if (rate == 16000) printf("   %s: %.1f us per 20 ms frame\n", id, rt_cost(&r, c, rate / 50) / 1000);
    clip_free(&c);
    rt_close(&r);
}

static void speech_survives(const char *plugin, const char *id) {
    clip speech = clip_spoken("flite", "slt", 16000, "the weather is fine today");
    clip c = clip_new(speech.samples + 32000);
    memcpy(c.pcm + 32000, speech.pcm, speech.samples * sizeof *speech.pcm);
    clip_noise(c, 0, c.samples, -50, 4);
    double before = clip_level(speech.pcm, speech.samples);
    rt r = rt_open(plugin, id, "", 16000, 320);
    filter(&r, c);
    double after = clip_level(c.pcm + 32000, speech.samples);
    CHECK(fabs(before - after) < 4, "%s keeps speech (%.1f dB before, %.1f after)", id, before, after);
    clip_free(&speech);
    clip_free(&c);
    rt_close(&r);
}

/* A room: the far end comes back 60 ms later, 12 dB down, with a short tail. */
static void echo(const char *config, double *first, double *second) {
    const uint32_t rate = 16000, n = 320;
    clip far = clip_spoken("flite", "rms", rate, "this is a long announcement that the caller hears on a loudspeaker, and "
                                                 "that comes back into the microphone a little later, again and again");
    clip near = clip_new(far.samples);
    for (size_t i = 960; i < far.samples; i++)
        near.pcm[i] = (int16_t)(far.pcm[i - 960] * 0.25 + (i >= 1200 ? far.pcm[i - 1200] * 0.1 : 0));
    clip original = clip_new(near.samples);
    memcpy(original.pcm, near.pcm, near.samples * sizeof *near.pcm);
    rt r = rt_open("webrtc-apm", "webrtc-apm", config, rate, n);
    syx_result result;
    for (size_t at = 0; at + n <= near.samples; at += n) {
        rt_frame(&r, far.pcm + at, n, SYX_FR_ECHO_REF, &result);
        rt_frame(&r, near.pcm + at, n, 0, &result);
    }
    size_t half = near.samples / 2;
    *first = clip_level(original.pcm, half) - clip_level(near.pcm, half);
    *second = clip_level(original.pcm + half, half) - clip_level(near.pcm + half, half);
    rt_close(&r);
    clip_free(&far);
    clip_free(&near);
    clip_free(&original);
}

static void echo_is_cancelled(void) {
    double first, second, off, unused;
    echo("{\"echo_cancellation\":true,\"noise_suppression\":\"off\"}", &first, &second);
    echo("{\"echo_cancellation\":false,\"noise_suppression\":\"off\"}", &unused, &off);
    CHECK(second >= 20, "webrtc-apm cancels echo: %.1f dB in the first half, %.1f in the second", first, second);
    CHECK(off < 3, "and leaves it alone when it is off (%.1f dB)", off);
}

static void webrtc_vad(void) {
    clip speech = clip_spoken("flite", "slt", 16000, "one two three four five six seven eight nine ten");
    rt r = rt_open("webrtc-apm", "webrtc", "", 16000, 0);
    syx_result result;
    size_t voiced = 0, frames = 0, silent = 0;
    int16_t silence[320] = {0};
    for (size_t at = 4800; at + 320 <= speech.samples - 4800; at += 320, frames++) {
        rt_frame(&r, speech.pcm + at, 320, 0, &result);
        voiced += result.probability > 0.5f;
    }
    for (int i = 0; i < 100; i++) {
        rt_frame(&r, silence, 320, SYX_FR_SILENCE, &result);
        silent += result.probability < 0.35f;
    }
    CHECK(voiced * 10 > frames * 7, "webrtc hears speech (%zu of %zu frames)", voiced, frames);
    CHECK(silent > 90, "and silence (%zu of 100 frames)", silent);
    printf("   webrtc vad: %.1f us per 20 ms frame\n", rt_cost(&r, speech, 320) / 1000);
    clip_free(&speech);
    rt_close(&r);
}

static void refusals(const char *plugin, const char *id) {
    rt r = rt_open(plugin, id, "", 16000, 320);
    int16_t pcm[2000] = {0};
    syx_result result;
    CHECK(rt_frame(&r, pcm, 321, 0, &result) == SYX_EINVAL, "%s: a frame off its quantum is refused", id);
    CHECK(rt_frame(&r, pcm, 1920, 0, &result) == SYX_EINVAL, "%s: a frame over 60 ms is refused", id);
    syx_frame in = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = 16000, .channels = 1,
                    .samples = 320, .bytes = 640, .data = pcm};
    syx_frame small = in;
    small.bytes = 638;
    CHECK(r.desc->vt->process(r.session->session, &in, &small, &result) == SYX_EINVAL, "%s: out is too small", id);
    CHECK(r.desc->vt->process(r.session->session, &in, NULL, &result) == SYX_EINVAL, "%s: no out", id);
    in.bytes = 639;
    CHECK(r.desc->vt->process(r.session->session, &in, &in, &result) == SYX_EINVAL, "%s: an odd byte count", id);
    rt_close(&r);
}

void test_filters(void) {
    noise_floor("speexdsp", "speexdsp", 8000, 6);
    noise_floor("speexdsp", "speexdsp", 16000, 6);
    noise_floor("webrtc-apm", "webrtc-apm", 8000, 6);
    noise_floor("webrtc-apm", "webrtc-apm", 16000, 6);
    noise_floor("webrtc-apm", "webrtc-apm", 48000, 6);
    speech_survives("speexdsp", "speexdsp");
    speech_survives("webrtc-apm", "webrtc-apm");
    echo_is_cancelled();
    webrtc_vad();
    refusals("speexdsp", "speexdsp");
    refusals("webrtc-apm", "webrtc-apm");
}
