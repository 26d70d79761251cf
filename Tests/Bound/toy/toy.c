/* SPDX-License-Identifier: Apache-2.0 */
#include "toy.h"

#include <stdlib.h>
#include <string.h>

int toy_live;
static int stops;

struct toy {
    int samples;
    float gain;
    toy_sink sink;
    toy_plain_sink plain;
    toy_word word;
    void *user;
};

int toy_count(void) { return __atomic_load_n(&toy_live, __ATOMIC_SEQ_CST); }

static toy *make(void) {
    __atomic_add_fetch(&toy_live, 1, __ATOMIC_SEQ_CST);
    return calloc(1, sizeof(toy));
}

void toy_destroy(toy *t) {
    __atomic_sub_fetch(&toy_live, 1, __ATOMIC_SEQ_CST);
    free(t);
}

int toy_gain_create(toy **out, int samples, float gain) {
    if (gain > 100) return -1;
    *out = make();
    (*out)->samples = samples;
    (*out)->gain = gain;
    return 0;
}

int toy_gain_run(toy *t, const float *in, float *out) {
    for (int i = 0; i < t->samples; i++) out[i] = in[i] * t->gain;
    return 0;
}

toy *toy_vad_create(const char *name) { return strcmp(name, "broken") == 0 ? NULL : make(); }

int toy_vad_run(toy *t, short *pcm, int samples, int *percent) {
    (void)t;
    int loud = 0;
    for (int i = 0; i < samples; i++) loud += abs(pcm[i]) > 1000;
    *percent += loud * 100 / samples; /* adds: the caller sets it to 0 before each call */
    pcm[0] = 0;                       /* and it spoils its input */
    return 0;
}

toy *toy_talker_create(toy_sink sink, void *user, const char *voice) {
    if (voice && strcmp(voice, "nobody") == 0) return NULL;
    toy *t = make();
    t->sink = sink;
    t->user = user;
    return t;
}

int toy_talk(toy *t, const char *text) {
    float pcm[100];
    for (size_t i = 0; text[i]; i++) {
        for (int k = 0; k < 100; k++) pcm[k] = (float)text[i] / 256.0f;
        if (t->sink(t->user, pcm, 100) != 0) return 1;
    }
    return 0;
}

int toy_talk_for_ever(toy *t) {
    static const float pcm[16000];
    while (t->sink(t->user, pcm, 16000) == 0) continue;
    __atomic_add_fetch(&stops, 1, __ATOMIC_SEQ_CST);
    return 0;
}

int toy_stops(void) { return __atomic_load_n(&stops, __ATOMIC_SEQ_CST); }

toy *toy_plain_create(toy_plain_sink sink, toy_word word) {
    toy *t = make();
    t->plain = sink;
    t->word = word;
    return t;
}

int toy_plain_talk(toy *t, const char *text) {
    short pcm[100];
    for (int i = 0; text[i]; i++) {
        if (i == 0 || text[i - 1] == ' ') t->word(i, i * 100);
        for (int k = 0; k < 100; k++) pcm[k] = (short)(text[i] * 100);
        if (t->plain(pcm, 100) != 0) return 1;
    }
    return 0;
}

int toy_nothing(toy *t, short *pcm) {
    (void)t, (void)pcm;
    return 0;
}

int toy_call(int (*f)(void *, int, void *), int times) {
    int sum = 0;
    for (int i = 0; i < times; i++) sum += f(NULL, 0, NULL);
    return sum;
}
