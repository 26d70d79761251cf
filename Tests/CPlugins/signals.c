/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

clip clip_new(size_t samples) { return (clip){calloc(samples + 1, sizeof(int16_t)), samples}; }

void clip_free(clip *c) {
    free(c->pcm);
    *c = (clip){0};
}

static int16_t add(int16_t a, double b) {
    double sum = a + b;
    return (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : lround(sum));
}

void clip_tone(clip c, size_t from, size_t count, double hz, double dbfs, uint32_t rate) {
    double amplitude = 32768 * pow(10, dbfs / 20) * sqrt(2);
    for (size_t i = from; i < from + count && i < c.samples; i++)
        c.pcm[i] = add(c.pcm[i], amplitude * sin(2 * M_PI * hz * (double)i / rate));
}

/* White, near Gaussian: the sum of uniform values; a generator of our own, so that every run hears the same. */
void clip_noise(clip c, size_t from, size_t count, double dbfs, unsigned seed) {
    double sigma = 32768 * pow(10, dbfs / 20);
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = from; i < from + count && i < c.samples; i++) {
        double sum = 0;
        for (int k = 0; k < 6; k++) {
            state = state * 1664525u + 1013904223u;
            sum += (double)(state >> 8) / (1 << 24) - 0.5;
        }
        c.pcm[i] = add(c.pcm[i], sigma * sum * sqrt(2));
    }
}

double clip_level(const int16_t *pcm, size_t samples) { return syx_pcm_level(pcm, (uint32_t)samples); }

bool clip_alike(const int16_t *a, size_t a_samples, const int16_t *b, size_t b_samples, uint32_t rate) {
    size_t shorter = a_samples < b_samples ? a_samples : b_samples, longer = a_samples + b_samples - shorter;
    uint32_t n = rate / 50;
    double difference = 0;
    size_t frames = 0;
    for (size_t at = 0; at + n <= shorter; at += n, frames++)
        difference += fabs(fmax(-50, clip_level(a + at, n)) - fmax(-50, clip_level(b + at, n)));
    return frames > 0 && (double)longer < (double)shorter * 1.02 && difference / (double)frames < 6;
}

clip clip_resample(clip c, uint32_t from, uint32_t to) {
    clip out = clip_new((size_t)((uint64_t)c.samples * to / from));
    for (size_t i = 0; i < out.samples; i++) {
        double at = (double)i * from / to;
        size_t k = (size_t)at;
        double next = k + 1 < c.samples ? c.pcm[k + 1] : c.pcm[k];
        out.pcm[i] = (int16_t)lround(c.pcm[k] + (next - c.pcm[k]) * (at - (double)k));
    }
    return out;
}

clip clip_spoken(const char *plugin, const char *voice, uint32_t rate, const char *text) {
    char path[512], options[64] = "";
    const syx_plugin_desc *desc = fake_find(fake_load(plugins_dir, plugin, path, sizeof path), plugin);
    syx_err err;
    syx_provider *p = fake_provider(desc, "", &err);
    if (voice) snprintf(options, sizeof options, "{\"voice\":\"%s\"}", voice);
    fake_session *s = p ? fake_open(desc, p, &(syx_format){SYX_FMT_S16, rate, 1, 0}, options, &err) : NULL;
    if (!s) return fprintf(stderr, "%s\n", err.msg), exit(1), (clip){0};
    fake_send(s, SYX_EV_SPEAK, 1, 1, text, "");
    fake_wait(s, SYX_EV_DONE, 1, 20000);
    clip c = clip_new(s->samples);
    memcpy(c.pcm, s->pcm, s->samples * sizeof *c.pcm);
    fake_close(s);
    desc->vt->close(p);
    return c;
}
