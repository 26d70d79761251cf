/* SPDX-License-Identifier: Apache-2.0
 *
 * Tries a built plugin out: loads it, holds a short conversation of its kind with each provider, with room and with
 * hardly any, cancels, and closes.   usage: try plugin.so [configuration] */
#include <dlfcn.h>
#include <stdlib.h>

#include "fake_host.h"

static int failed;
static fake_session session; /* large, hence not on the stack */

#define CHECK(condition, ...)                              \
    do {                                                   \
        bool holds_ = (condition);                         \
        printf(holds_ ? "ok    " : "FAIL  ");              \
        printf(__VA_ARGS__);                               \
        putchar('\n');                                     \
        failed += !holds_;                                 \
    } while (0)

enum { RATE = 16000, FRAME = RATE / 50 };

static int16_t pcm[FRAME], processed[FRAME];

static void tone(int amplitude) {
    for (int i = 0; i < FRAME; i++) pcm[i] = (int16_t)((i / 16) % 2 ? amplitude : -amplitude);
}

static syx_frame frame(int16_t *data) {
    syx_frame f = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = session.format.rate};
    f.channels = 1;
    f.samples = FRAME;
    f.bytes = sizeof pcm;
    f.data = data;
    return f;
}

static syx_status send_text(uint16_t type, uint64_t generation, uint64_t id, const char *text, const char *json) {
    syx_event ev = syx_ev(type, generation, id);
    ev.text = syx_cstr(text);
    ev.json = syx_cstr(json);
    if (type == SYX_EV_SPEAK) ev.flags = SYX_SPEAK_LAST;
    return fake_send(&session, &ev);
}

/* ------------------------------------------------------------------------------------------------- the kinds' talks -- */

static void talk_process(bool is_filter) {
    float probability[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        tone(i ? 12000 : 0);
        for (int n = 0; n < 50; n++) {
            syx_frame in = frame(pcm), out = frame(processed);
            syx_result result = {.struct_size = SYX_SIZEOF(syx_result, pts)};
            syx_status status = session.desc->vt->process(session.session, &in, is_filter ? &out : NULL, &result);
            if (status < 0 && n == 0) CHECK(false, "a frame is processed (%d)", status);
            probability[i] = result.probability;
        }
    }
    if (!is_filter) CHECK(probability[1] > probability[0], "sound (%.2f) is likelier speech than silence (%.2f)",
                          (double)probability[1], (double)probability[0]);
    syx_frame lie = frame(pcm);
    lie.samples = UINT32_MAX;
    lie.bytes = 2;
    syx_frame out = frame(processed);
    CHECK(session.desc->vt->process(session.session, &lie, is_filter ? &out : NULL, NULL) < 0,
          "a frame that lies about its length is refused");
}

static void expect(uint16_t type, uint64_t generation, uint64_t id, size_t room, const char *what) {
    const fake_event *end = fake_settle(&session, generation, id, room);
    CHECK(end && end->type == type, "%s ends as it should (%s%s)", what, end ? "" : "no terminal",
          end ? end->text : "");
}

static void hear(uint64_t utterance) {
    tone(8000);
    for (int n = 0; n < 50; n++) {
        syx_frame f = frame(pcm);
        f.generation = utterance;
        syx_event ev = syx_ev(SYX_EV_AUDIO_IN, utterance, 0);
        ev.audio = &f;
        fake_send(&session, &ev);
    }
}

static void talk_stt(size_t room) {
    hear(1);
    CHECK(send_text(SYX_EV_END_OF_INPUT, 1, 0, "", "") >= 0, "the end of an utterance is taken");
    expect(SYX_EV_FINAL, 1, 0, room, "an utterance");
}

static void talk_tts(size_t room) {
    CHECK(send_text(SYX_EV_SPEAK, 1, 1, "Hello there.", "{\"language\":\"en\"}") >= 0, "a clause is taken");
    CHECK(send_text(SYX_EV_SPEAK, 1, 2, "How are you?", "{}") >= 0, "and another behind it");
    expect(SYX_EV_DONE, 1, 1, room, "the first clause");
    expect(SYX_EV_DONE, 1, 2, room, "the second clause");
    CHECK(fake_count(&session, SYX_EV_AUDIO_OUT, 1) > 0, "they are heard");
}

static void talk_agent(size_t room) {
    CHECK(send_text(SYX_EV_PROMPT, 1, 0, "hello there", "{\"history\":[],\"language\":\"en\"}") >= 0,
          "a prompt is taken");
    expect(SYX_EV_DONE, 1, 0, room, "an answer");
    CHECK(fake_count(&session, SYX_EV_DELTA, 1) > 0, "it has words");
}

static void talk_turn(size_t room) {
    syx_event ev = syx_ev(SYX_EV_TRANSCRIPT, 1, 0);
    ev.text = syx_cstr("what time is it");
    ev.f0 = 0.5;
    fake_send(&session, &ev);
    for (int i = 0; i < 20 && fake_count(&session, SYX_EV_TURN_END, 1) == 0; i++) {
        fake_advance(&session, 20);
        fake_grant(&session, room);
    }
    CHECK(fake_count(&session, SYX_EV_TURN_END, 1) == 1, "a turn is judged once");
}

/* Cancels a request that has just begun: it ends once, in whichever way. */
static void cancel(size_t room) {
    uint16_t type = session.desc->kind == SYX_TTS ? SYX_EV_SPEAK : SYX_EV_PROMPT;
    if (session.desc->kind == SYX_STT) {
        type = SYX_EV_END_OF_INPUT;
        hear(9);
    }
    syx_status status = send_text(type, 9, 1, "one two three four five six seven eight nine ten", "{}");
    fake_cancel(&session, 9);
    uint64_t id = session.desc->kind == SYX_TTS ? 1 : 0;
    const fake_event *end = status < 0 ? NULL : fake_settle(&session, 9, id, room);
    if (!end && id == 0) end = fake_settle(&session, 9, 1, room);
    CHECK(status < 0 || end, "a cancelled request ends");
}

/* ----------------------------------------------------------------------------------------------------- every kind -- */

static void converse(size_t room) {
    session.room = room;
    switch (session.desc->kind) {
        case SYX_VAD: talk_process(false); break;
        case SYX_FILTER: talk_process(true); break;
        case SYX_STT: talk_stt(room), cancel(room); break;
        case SYX_TTS: talk_tts(room), cancel(room); break;
        case SYX_AGENT: talk_agent(room), cancel(room); break;
        case SYX_TURN: talk_turn(room); break;
        default: break;
    }
}

/* The first rate that the capabilities list; enough of JSON for that. */
static uint32_t first_rate(const char *caps) {
    const char *rates = caps ? strstr(caps, "\"rates\"") : NULL;
    const char *digits = rates ? strpbrk(rates, "0123456789") : NULL;
    unsigned long rate = digits ? strtoul(digits, NULL, 10) : RATE;
    return strstr(caps ? caps : "", "16000") || rate < 8000 || rate > 48000 ? RATE : (uint32_t)rate;
}

static void try_session(const syx_plugin_desc *desc, syx_provider *provider, size_t room) {
    syx_err err;
    syx_format format = {SYX_FMT_S16, first_rate(desc->caps_json), 1, 0};
    syx_status status = fake_open(&session, desc, provider, format, &err);
    CHECK(status >= 0, "%s: a session opens %s", desc->id, err.msg);
    if (status < 0) return;
    fake_advance(&session, 20);
    syx_event strange = syx_ev(4000, 1, 1);
    CHECK(fake_send(&session, &strange) == SYX_SKIP, "an event of an unknown type is skipped");
    converse(room);
    if (desc->vt->reset) desc->vt->reset(session.session);
    fake_close(&session);
}

static void try_provider(const syx_plugin_desc *desc, const char *config, const char *folder) {
    syx_err err;
    fake_provider(desc, "[1,", folder, &err);
    CHECK(err.code < 0 && err.msg[0], "%s: a broken configuration is refused: %s", desc->id, err.msg);
    syx_provider *provider = fake_provider(desc, config, folder, &err);
    CHECK(provider, "%s opens %s", desc->id, err.msg);
    if (!provider) return;
    try_session(desc, provider, FAKE_EVENTS);
    try_session(desc, provider, 1);
    desc->vt->close(provider);
}

int main(int argc, char **argv) {
    if (argc < 2) return fprintf(stderr, "usage: %s plugin.so [configuration]\n", argv[0]), 2;
    void *image = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const syx_module *(*entry)(void) = NULL;
    if (image) *(void **)&entry = dlsym(image, "syrinx_plugin_entry_1");
    if (!entry) return fprintf(stderr, "%s\n", dlerror()), 1;
    const syx_module *module = entry();
    CHECK(module && module->magic == SYX_MAGIC && module->abi_major == SYX_ABI_MAJOR, "the module's table is whole");
    if (failed) return 1;
    syx_err err = {.struct_size = SYX_SIZEOF(syx_err, msg)};
    CHECK(!module->init || module->init(fake_core(), &err) >= 0, "the module starts %s", err.msg);
    char *folder = strdup(argv[1]), *slash = strrchr(folder, '/');
    if (slash) *slash = 0;
    for (uint32_t i = 0; i < module->n_plugins && !failed; i++)
        try_provider(module->plugins[i], argc > 2 ? argv[2] : "{}", slash ? folder : ".");
    CHECK(fake_breaches == 0, "the contract is kept");
    if (module->deinit) module->deinit();
    free(folder);
    return failed > 0;
}
