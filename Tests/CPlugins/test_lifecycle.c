/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing, over and over: what stays behind is measured. */
#include "check.h"

#include <unistd.h>

enum { ROUNDS = 4, MOST_MB = 4 };

static double resident_mb(void) {
    long pages = 0, unused = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%ld %ld", &unused, &pages) != 2) pages = 0;
    if (f) fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static void use(fake_session *s, const syx_plugin_desc *d, uint32_t rate) {
    int16_t pcm[960] = {0};
    if (d->kind == SYX_TTS) fake_send(s, SYX_EV_SPEAK, 1, 0, "yes", "");
    if (d->kind == SYX_STT) {
        fake_audio(s, 1, pcm, rate / 50, rate);
        fake_send(s, SYX_EV_END_OF_INPUT, 1, 0, "", "");
    }
}

/* Closes at whatever point the work has reached. */
static void cycle(const syx_plugin_desc *d, const char *config, uint32_t rate) {
    syx_err err;
    syx_provider *p = fake_provider(d, config, &err);
    fake_session *s = p ? fake_open(d, p, &(syx_format){SYX_FMT_S16, rate, 1, 0}, "", &err) : NULL;
    CHECK(s != NULL, "%s opens: %s", d->id, err.msg);
    if (s) use(s, d, rate);
    if (s) fake_close(s);
    if (p) d->vt->close(p);
}

static void cycles(const char *plugin, const char *id, const char *config, uint32_t rate, int times) {
    char path[512];
    const syx_plugin_desc *d = fake_find(fake_load(plugins_dir, plugin, path, sizeof path), id);
    for (int i = 0; i < 5; i++) cycle(d, config, rate);
    double grown = 0;
    /* What a thread's arena takes once is no leak: that grows each time. */
    for (int round = 0; round < ROUNDS && (round == 0 || grown >= MOST_MB); round++) {
        double before = resident_mb();
        for (int i = 0; i < times; i++) cycle(d, config, rate);
        grown = resident_mb() - before;
    }
    /* A sanitizer keeps freed memory in quarantine; its own leak check does this job there. */
    CHECK(grown < MOST_MB || sanitized, "%s: %d cycles leave %.1f MB", id, times, grown);
}

void test_lifecycle(void) {
    int times = 200;
    cycles("energy-vad", "energy", "", 16000, times);
    cycles("webrtc-apm", "webrtc", "", 16000, times);
    cycles("webrtc-apm", "webrtc-apm", "{\"echo_cancellation\":true,\"gain_control\":true}", 16000, times);
    cycles("speexdsp", "speexdsp", "{\"agc\":true}", 16000, times);
    cycles("flite", "flite", "", 16000, times);
    cycles("espeak-ng", "espeak-ng", "", 22050, times);
    cycles("silero-vad", "silero", toy_config("vad"), 16000, times);
    cycles("smart-turn", "smart-turn", toy_config("turn"), 16000, times);
    cycles("pocketsphinx", "pocketsphinx", "{\"decoders\":1,\"hints\":[\"yes\",\"no\"]}", 16000, sanitized ? 5 : times);
    cycles("my-vad", "my-vad", "", 16000, times);
}
