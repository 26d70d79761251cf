/* SPDX-License-Identifier: Apache-2.0
 *
 * silero-vad and smart-turn: windows, questions and refusals with a toy runtime; numbers with the real one, where
 * SYRINX_ONNX_LIBRARY, SYRINX_SILERO_MODEL and SYRINX_SMART_TURN_MODEL name it (scripts/setup-onnx --env). */
#include <dlfcn.h>

#include "logmel.h"
#include "rt.h"

/* A file of the toy runtime, beside the plugins' folder. */
static const char *toy_path(const char *name) {
    static char path[2][700];
    static int turn;
    char *real = realpath(plugins_dir, NULL);
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/../%s", real ? real : plugins_dir, name);
    free(real);
    return path[turn];
}

static const char *toy_library(void) { return toy_path("toy_ort.so"); }

static const char *toy_model(const char *kind) {
    char name[32];
    snprintf(name, sizeof name, "toy-%s.onnx", kind);
    FILE *f = fopen(toy_path(name), "w");
    if (f) fputs(kind, f);
    if (f) fclose(f);
    return toy_path(name);
}

static const char *config(const char *library, const char *model) {
    static char text[2200];
    snprintf(text, sizeof text, "{\"library\":\"%s\",\"model\":\"%s\"}", library, model);
    return text;
}

const char *toy_config(const char *kind) {
    const char *model = toy_model(kind);
    return config(toy_library(), model);
}

static int toy_live(void) {
    void *library = dlopen(toy_library(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    int *live = library ? (int *)dlsym(library, "toy_ort_live") : NULL;
    return live ? *live : -1;
}

/* A voice of sorts, as in Tests/Engines/golden.py. */
static clip voice(size_t samples, uint32_t rate) {
    clip c = clip_new(samples);
    for (size_t i = 0; i < samples; i++) {
        double t = (double)i / rate, turn = 2 * M_PI * t, phase = turn * 130 - 25 / 1.3 * cos(turn * 1.3), sum = 0;
        double first = 550 + 200 * sin(turn * 2.1), second = 1500 + 500 * sin(turn * 1.7);
        for (int h = 1; h < 25; h++)
            sum += (exp(-pow((130.0 * h - first) / 150, 2)) + 0.5 * exp(-pow((130.0 * h - second) / 250, 2)) + 0.02) * sin(h * phase);
        double loudness = 0.4 + 0.6 * pow(sin(turn * 2), 2);
        c.pcm[i] = fmod(t, 1.5) < 1 ? (int16_t)floor(4000 * sum * loudness + 0.5) : 0;
    }
    return c;
}

/* -------------------------------------------------------------------------------------------------- refusals -- */

static void refuses(const char *plugin, const char *id, const char *json, const char *expected) {
    char path[512];
    syx_err err = {0};
    const syx_plugin_desc *d = fake_find(fake_load(plugins_dir, plugin, path, sizeof path), id);
    syx_provider *p = fake_provider(d, json, &err);
    CHECK(!p && strstr(err.msg, expected), "%s says `%s`: %s", id, expected, err.msg);
    if (p) d->vt->close(p);
}

static void refusals(const char *plugin, const char *id, const char *other) {
    refuses(plugin, id, "{}", "`library` is not set");
    refuses(plugin, id, "{\"library\":\"libonnxruntime.so\",\"model\":\"/m\"}", "absolute path");
    refuses(plugin, id, config("/nowhere/lib.so", "/nowhere/m.onnx"), "`library`: there is no file");
    refuses(plugin, id, config(toy_library(), "/nowhere/m.onnx"), "`model`: there is no file");
    refuses(plugin, id, config(toy_library(), "/tmp"), "`model`: there is no file");
    const char *garbage = toy_model("garbage");
    refuses(plugin, id, config(garbage, garbage), "is no library");
    refuses(plugin, id, config(toy_path("check"), garbage), "is no library");
    char another[700];
    snprintf(another, sizeof another, "%s", toy_path("plugins/energy-vad/plugin.so"));
    refuses(plugin, id, config(another, garbage), "not ONNX Runtime");
    refuses(plugin, id, toy_config("garbage"), "Protobuf parsing failed");
    refuses(plugin, id, toy_config(other), "Invalid Feed Input Name");
    refuses(plugin, id, toy_config("fails"), "the toy fails");
    CHECK(toy_live() == 0, "%s leaves nothing of the runtime behind (%d)", id, toy_live());
}

/* A runtime that would tell its makers of its use must have been told not to. */
static void telemetry(void) {
    setenv("TOY_ORT_VERSION", "1.32.0", 1);
    const char *before = getenv("ORT_DISABLE_TELEMETRY");
    unsetenv("ORT_DISABLE_TELEMETRY");
    refuses("silero-vad", "silero", toy_config("vad"), "ORT_DISABLE_TELEMETRY=1");
    setenv("ORT_DISABLE_TELEMETRY", "1", 1);
    rt r = rt_open("silero-vad", "silero", toy_config("vad"), 16000, 0);
    rt_close(&r);
    if (!before) unsetenv("ORT_DISABLE_TELEMETRY");
    setenv("TOY_ORT_VERSION", "1.28.0", 1);
    r = rt_open("silero-vad", "silero", toy_config("vad"), 16000, 0);
    rt_close(&r);
    unsetenv("TOY_ORT_VERSION");
}

/* --------------------------------------------------------------------------------------------------- windows -- */

/* Sample i of the signal is i, so the toy tells which sample stood first in its input, and how often it was asked. */
static void windows(uint32_t rate, uint32_t frame) {
    rt r = rt_open("silero-vad", "silero", toy_config("vad"), rate, 0);
    uint32_t window = rate == 16000 ? 512 : 256, context = window / 8, asked = 0;
    int wrong = 0;
    int16_t pcm[960];
    syx_result result;
    for (uint32_t from = 0; from + frame <= 8000; from += frame) {
        for (uint32_t i = 0; i < frame; i++) pcm[i] = (int16_t)(from + i);
        if (rt_frame(&r, pcm, frame, 0, &result) != SYX_OK) wrong++;
        asked = (from + frame) / window;
        double first = asked > 1 ? (asked - 1) * window - context : 0, runs = asked > 0 ? asked - 1 : 0;
        if (fabs((double)result.probability * 32768 - first - runs * 100) > 0.01) wrong++;
    }
    CHECK(wrong == 0 && asked > 10, "%u Hz, frames of %u: %u windows with their context and state (%d wrong)", rate, frame, asked, wrong);
    r.desc->vt->reset(r.session->session);
    memset(pcm, 0, sizeof pcm);
    rt_frame(&r, pcm, frame, 0, &result);
    CHECK(result.probability == 0, "a reset forgets (%f)", (double)result.probability);
    CHECK(rt_frame(&r, pcm, rate / 100 - 1, 0, &result) == SYX_EINVAL, "a frame under 10 ms is refused");
    CHECK(rt_frame(&r, pcm, frame, SYX_FR_ECHO_REF, &result) == SYX_SKIP, "an echo reference is not the caller");
    rt_close(&r);
    CHECK(toy_live() == 0, "all tensors are given back (%d)", toy_live());
}

/* ------------------------------------------------------------------------------------------------- questions -- */

static fake_session *open_turn(const syx_plugin_desc **d, syx_provider **p, const char *json) {
    char path[512];
    syx_err err = {0};
    *d = fake_find(fake_load(plugins_dir, "smart-turn", path, sizeof path), "smart-turn");
    *p = fake_provider(*d, json, &err);
    fake_session *s = *p ? fake_open(*d, *p, &(syx_format){SYX_FMT_S16, 16000, 1, 0}, "", &err) : NULL;
    CHECK(s != NULL, "smart-turn opens: %s", err.msg);
    return s;
}

static void hear(fake_session *s, uint64_t utterance, clip c) {
    for (size_t at = 0; at + 320 <= c.samples; at += 320) fake_audio(s, utterance, c.pcm + at, 320, 16000);
}

static void questions(void) {
    const syx_plugin_desc *d;
    syx_provider *p;
    fake_session *s = open_turn(&d, &p, toy_config("turn"));
    if (!s) return;
    clip c = voice(16000, 16000);
    CHECK(fake_send(s, SYX_EV_TRANSCRIPT, 1, 0, "hello", "") == SYX_SKIP, "a host that gives no audio is not answered");
    hear(s, 1, c);
    fake_send(s, SYX_EV_TRANSCRIPT, 1, 0, "hello", "");
    const fake_event *end = fake_wait(s, SYX_EV_TURN_END, 1, 5000);
    CHECK(end && end->f0 == 0.75, "the model's answer comes (%f)", end ? end->f0 : -1);
    fake_run(s, 20);
    for (uint64_t u = 2; u <= 5; u++) fake_send(s, SYX_EV_TRANSCRIPT, u, 0, "hello again", "");
    CHECK(fake_wait(s, SYX_EV_TURN_END, 5, 5000) != NULL, "the last of several questions is answered");
    CHECK(fake_count(s, SYX_EV_TURN_END, 3) + fake_count(s, SYX_EV_TURN_END, 4) == 0, "those that it overtook are not");
    fake_send(s, SYX_EV_TRANSCRIPT, 6, 0, "bye", "");
    fake_close(s);
    d->vt->close(p);
    CHECK(toy_live() == 0, "nothing of the runtime is left (%d)", toy_live());
    clip_free(&c);
}

/* --------------------------------------------------------------------------------------------------- numbers -- */
/* Compared with what the models' own code gives, golden/onnx.txt: a line is `mel SAMPLES BAND FRAME VALUE`,
 * `turn SAMPLES VALUE` or `vad RATE WINDOW VALUE`. */

typedef void (*golden_fn)(void *context, int a, int b, int c, double expected);

static void each_golden(const char *kind, int numbers, golden_fn use, void *context) {
    FILE *f = fopen("golden/onnx.txt", "r");
    char line[128], word[8], value[4][24];
    CHECK(f != NULL, "golden/onnx.txt is there");
    while (f && fgets(line, sizeof line, f)) {
        int found = sscanf(line, "%7s %23s %23s %23s %23s", word, value[0], value[1], value[2], value[3]) - 2;
        if (strcmp(word, kind) || found != numbers) continue;
        int n[3] = {0};
        for (int i = 0; i < numbers; i++) n[i] = atoi(value[i]);
        use(context, n[0], n[1], n[2], atof(value[numbers]));
    }
    if (f) fclose(f);
}

typedef struct {
    logmel tables;
    float mel[LOGMEL_BANDS * LOGMEL_FRAMES];
    int samples, checked;
    double off;
} mel_context;

static void compare_mel(void *context, int samples, int band, int frame, double expected) {
    mel_context *m = context;
    if (m->samples != samples) {
        clip c = voice((size_t)samples, 16000);
        int64_t start = fake_real();
        CHECK(logmel_features(&m->tables, c.pcm, c.samples, m->mel), "features of %d samples are made", samples);
        printf("   smart-turn: features of %d samples in %.1f ms\n", samples, (double)(fake_real() - start) / 1e6);
        clip_free(&c);
    }
    m->samples = samples;
    m->checked++;
    m->off = fmax(m->off, fabs((double)m->mel[band * LOGMEL_FRAMES + frame] - expected));
}

static void mel_numbers(void) {
    mel_context *m = calloc(1, sizeof *m);
    logmel_init(&m->tables);
    each_golden("mel", 3, compare_mel, m);
    CHECK(m->checked > 100 && m->off < 1e-3, "%d features are as the model's own code makes them (%.1e off)", m->checked, m->off);
    CHECK(!logmel_features(&m->tables, NULL, LOGMEL_SAMPLES + 1, m->mel), "more than 8 s are refused");
    CHECK(logmel_features(&m->tables, NULL, 0, m->mel) && isfinite(m->mel[0]), "no audio at all has features, too");
    free(m);
}

typedef struct {
    rt rt;
    clip clip;
    uint32_t window;
    size_t next; /* sample to be heard next */
    int checked;
    double off;
    float probability;
} vad_context;

/* In frames of 20 ms, until the window with this number is judged. */
static void compare_vad(void *context, int rate, int number, int unused, double expected) {
    vad_context *v = context;
    uint32_t frame = v->rt.rate / 50;
    (void)unused;
    if ((uint32_t)rate != v->rt.rate) return;
    size_t end = ((size_t)number + 1) * v->window;
    syx_result result = {0};
    for (; v->next < end && v->next + frame <= v->clip.samples; v->next += frame) {
        rt_frame(&v->rt, v->clip.pcm + v->next, frame, 0, &result);
        v->probability = result.probability;
    }
    /* A frame that ends behind the next window as well has gone too far for this line. */
    if (v->next >= end + v->window) return;
    v->checked++;
    v->off = fmax(v->off, fabs((double)v->probability - expected));
}

static void vad_numbers(const char *library, const char *model, uint32_t rate) {
    vad_context v = {.window = rate == 16000 ? 512 : 256, .clip = voice((size_t)rate * 3, rate)};
    v.rt = rt_open("silero-vad", "silero", config(library, model), rate, 0);
    each_golden("vad", 2, compare_vad, &v);
    CHECK(v.checked > 20 && v.off < 1e-3, "%u Hz: %d windows are judged as by the model's own code (%.1e off)", rate, v.checked, v.off);
    printf("   silero: %.1f us per 20 ms frame at %u Hz\n", rt_cost(&v.rt, v.clip, rate / 50) / 1000, rate);
    rt_close(&v.rt);
    clip_free(&v.clip);
}

/* Share of a clip's frames that are speech. */
static double voiced(const char *library, const char *model, clip c) {
    rt r = rt_open("silero-vad", "silero", config(library, model), 16000, 0);
    size_t frames = 0, speech = 0;
    syx_result result;
    for (size_t at = 0; at + 320 <= c.samples; at += 320, frames++)
        speech += rt_frame(&r, c.pcm + at, 320, 0, &result) == SYX_OK && result.probability > 0.5f;
    rt_close(&r);
    return (double)speech / (double)frames;
}

static void speech_and_noise(const char *library, const char *model) {
    clip sentence = clip_spoken("flite", "slt", 16000, "i would like to book a table for two please"), noise = clip_new(48000);
    clip_noise(noise, 0, noise.samples, -20, 3);
    double spoken = voiced(library, model, sentence), loud = voiced(library, model, noise);
    CHECK(spoken > 0.7, "most of a sentence is speech (%.2f)", spoken);
    CHECK(loud < 0.05, "loud noise is not (%.2f)", loud);
    clip_free(&sentence);
    clip_free(&noise);
}

static double judged(fake_session *s, uint64_t utterance, clip c) {
    clip silence = clip_new(3200);
    hear(s, utterance, c);
    hear(s, utterance, silence);
    clip_free(&silence);
    fake_send(s, SYX_EV_TRANSCRIPT, utterance, 0, "text", "");
    int64_t start = fake_real();
    const fake_event *end = fake_wait(s, SYX_EV_TURN_END, utterance, 20000);
    printf("   smart-turn: %.2f in %.1f ms\n", end ? end->f0 : -1, (double)(fake_real() - start) / 1e6);
    fake_run(s, 20);
    return end ? end->f0 : -1;
}

/* Whole sentences, and the same ones cut off in the middle. */
static void turns(const char *library, const char *model) {
    static const char *const sentences[] = {"i would like to book a table for two please", "i want to talk to somebody about my last invoice",
                                            "can you tell me where the station is", "please send it to my home address"};
    const syx_plugin_desc *d;
    syx_provider *p;
    fake_session *s = open_turn(&d, &p, config(library, model));
    int right = 0;
    clip pause = clip_new(16000 * 3);
    for (uint64_t i = 0; s && i < 4; i++) {
        clip whole = clip_spoken("flite", "slt", 16000, sentences[i]), half = whole;
        half.samples = whole.samples / 2;
        double complete = judged(s, 2 * i + 1, whole);
        hear(s, 0, pause);
        double open = judged(s, 2 * i + 2, half);
        hear(s, 0, pause);
        right += (complete > 0.5) + (open < 0.5);
        clip_free(&whole);
    }
    CHECK(right >= 6, "whole and cut sentences are told apart: %d of 8", right);
    clip_free(&pause);
    if (s) fake_close(s);
    if (p) d->vt->close(p);
}

static void compare_turn(void *context, int samples, int unused, int unused2, double expected) {
    const char *const *paths = context;
    const syx_plugin_desc *d;
    syx_provider *p;
    fake_session *s = open_turn(&d, &p, config(paths[0], paths[1]));
    (void)unused, (void)unused2;
    if (!s) return;
    clip c = voice((size_t)samples, 16000);
    size_t first = c.samples % 320; /* whole frames behind it */
    if (first) fake_audio(s, 1, c.pcm, (uint32_t)first, 16000);
    hear(s, 1, (clip){c.pcm + first, c.samples - first});
    fake_send(s, SYX_EV_TRANSCRIPT, 1, 0, "text", "");
    const fake_event *end = fake_wait(s, SYX_EV_TURN_END, 1, 20000);
    /* Versions of the runtime round the model's small integers differently: by up to 0.08 here. */
    CHECK(end && fabs(end->f0 - expected) < 0.1, "%d samples are judged as by the model's own code: %.4f, %.4f", samples,
          end ? end->f0 : -1, expected);
    fake_close(s);
    d->vt->close(p);
    clip_free(&c);
}

static void real_runtime(void) {
    const char *library = getenv("SYRINX_ONNX_LIBRARY"), *vad = getenv("SYRINX_SILERO_MODEL");
    const char *turn = getenv("SYRINX_SMART_TURN_MODEL");
    if (!library || !vad || !turn) {
        printf("   skipped with the real runtime: SYRINX_ONNX_LIBRARY is not set; scripts/setup-onnx --env prints it\n");
        return;
    }
    vad_numbers(library, vad, 16000);
    vad_numbers(library, vad, 8000);
    speech_and_noise(library, vad);
    const char *paths[] = {library, turn};
    each_golden("turn", 1, compare_turn, paths);
    turns(library, turn);
}

void test_onnx(void) {
    refusals("silero-vad", "silero", "turn");
    refusals("smart-turn", "smart-turn", "vad");
    telemetry();
    windows(16000, 320);
    windows(16000, 960);
    windows(8000, 160);
    questions();
    mel_numbers();
    real_runtime();
}
