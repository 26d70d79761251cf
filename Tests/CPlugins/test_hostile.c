/* SPDX-License-Identifier: Apache-2.0
 *
 * Random events into every provider, from a fixed seed: nothing may crash, hang or answer outside the contract. */
#include "check.h"

static uint32_t state = 12345;

static uint32_t pick(uint32_t n) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
}

static syx_str random_text(char *memory, size_t size) {
    static const char *const known[] = {"", "{}", "{\"voice\":\"slt\"}", "{\"voice\":7}", "[1]", "hello", "{\"hints\":[\"yes\"]}",
                                        "{\"language\":\"de\"}", "null", "{\"rate\":1e999}"};
    if (pick(3)) return syx_cstr(known[pick(sizeof known / sizeof *known)]);
    size_t len = pick((uint32_t)size);
    for (size_t i = 0; i < len; i++) memory[i] = (char)pick(256);
    return syx_span(memory, len);
}

static void hostile_event(fake_session *s) {
    static const uint16_t types[] = {SYX_EV_AUDIO_IN, SYX_EV_SPEAK, SYX_EV_PROMPT, SYX_EV_END_OF_INPUT, SYX_EV_CONFIG,
                                     SYX_EV_WRITABLE, SYX_EV_TIMER, SYX_EV_TASK_DONE, SYX_EV_TRANSCRIPT, 77, 60000};
    static int16_t pcm[4000];
    char text[300], json[300];
    syx_event ev = syx_ev(types[pick(sizeof types / sizeof *types)], pick(6), pick(4));
    ev.text = random_text(text, sizeof text);
    ev.json = random_text(json, sizeof json);
    syx_frame frame = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = pick(4) ? SYX_FMT_S16 : pick(20)};
    frame.rate = pick(4) ? 16000 : pick(50000);
    frame.channels = pick(8) ? 1 : pick(9);
    frame.samples = pick(2000);
    frame.bytes = pick(4) ? frame.samples * 2u : pick(4000);
    frame.data = pick(6) ? pcm : NULL;
    frame.flags = pick(32);
    if (pick(5)) ev.audio = &frame;
    if (!pick(20)) ev.struct_size = pick(40);
    if (!pick(20)) ev.space = 3;
    fake_handle(s, &ev);
    if (!pick(10)) fake_cancel(s, pick(6));
}

static void hostile_frame(fake_session *s) {
    static int16_t memory[8][3000];
    syx_frame in = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = pick(6) ? SYX_FMT_S16 : pick(20), .channels = pick(6) ? 1 : pick(9)};
    in.rate = pick(6) ? 16000 : pick(50000);
    in.samples = pick(3) ? 320 : pick(3001);
    in.bytes = pick(6) ? in.samples * 2u : pick(6000);
    in.data = pick(6) ? memory[pick(8)] : NULL;
    in.flags = pick(32);
    for (int i = 0; i < 320; i++) memory[pick(8)][i] = (int16_t)pick(65536);
    syx_frame out = in;
    out.data = memory[pick(8)];
    out.bytes = pick(6001);
    syx_result result = {.struct_size = pick(4) ? SYX_SIZEOF(syx_result, pts) : pick(12)};
    s->vt->process(s->session, &in, pick(8) ? &out : NULL, pick(8) ? &result : NULL);
    if (!pick(50) && s->vt->reset) s->vt->reset(s->session);
}

static void attack(const char *plugin, const char *id, const char *config, uint32_t rate, int rounds) {
    char path[512];
    syx_err err;
    const syx_plugin_desc *d = fake_find(fake_load(plugins_dir, plugin, path, sizeof path), id);
    CHECK(!fake_provider(d, "{\"broken", &err), "%s refuses a broken configuration: %s", id, err.msg);
    syx_provider *p = fake_provider(d, config, &err);
    fake_session *s = p ? fake_open(d, p, &(syx_format){SYX_FMT_S16, rate, 1, 0}, "", &err) : NULL;
    CHECK(s != NULL, "%s opens: %s", id, err.msg);
    if (!s) return;
    for (int i = 0; i < rounds; i++) {
        hostile_event(s);
        if (s->vt->process) hostile_frame(s);
        if (i % 16 == 0) fake_pump(s);
    }
    fake_close(s);
    d->vt->close(p);
    CHECK(true, "%s outlives %d hostile calls", id, rounds);
}

void test_hostile(void) {
    int rounds = sanitized ? 1000 : 5000;
    attack("energy-vad", "energy", "", 16000, rounds);
    attack("webrtc-apm", "webrtc", "", 16000, rounds);
    attack("webrtc-apm", "webrtc-apm", "{\"echo_cancellation\":true}", 16000, rounds);
    attack("speexdsp", "speexdsp", "", 16000, rounds);
    attack("my-vad", "my-vad", "", 16000, rounds);
    attack("flite", "flite", "", 16000, rounds);
    attack("espeak-ng", "espeak-ng", "", 22050, rounds);
    attack("silero-vad", "silero", toy_config("vad"), 16000, rounds);
    attack("smart-turn", "smart-turn", toy_config("turn"), 16000, rounds);
    attack("pocketsphinx", "pocketsphinx", "{\"hints\":[\"yes\",\"no\"]}", 16000, rounds);
}
