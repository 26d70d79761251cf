/* SPDX-License-Identifier: Apache-2.0
 *
 * B: nonsense, and manners towards the process. */
#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checks.h"
#include "interpose.h"
#include "scenario.h"

static syx_str random_text(ck *c, char *memory, size_t size) {
    static const char *const known[] = {"", "{}", "{\"voice\":\"x\"}", "{\"voice\":7}", "[1]", "hello", "null", "{\"rate\":1e999}",
                                        "{\"language\":\"de\"}", "{\"history\":[{\"role\":7}]}", "{\"tools\":{}}", "{\"history\":null}"};
    if (ck_pick(c, 3)) return syx_cstr(known[ck_pick(c, sizeof known / sizeof *known)]);
    size_t len = ck_pick(c, (uint32_t)size);
    for (size_t i = 0; i < len; i++) memory[i] = (char)ck_pick(c, 256);
    return syx_span(memory, len);
}

static syx_frame random_frame(ck *c, void *memory, size_t size) {
    syx_frame f = sound_frame(c, ck_pick(c, 6) ? memory : NULL, ck_pick(c, 3) ? sound_frame_samples(c) : ck_pick(c, (uint32_t)(size / 4)));
    if (!ck_pick(c, 6)) f.format = ck_pick(c, 20);
    if (!ck_pick(c, 6)) f.rate = ck_pick(c, 50000);
    if (!ck_pick(c, 8)) f.channels = ck_pick(c, 9);
    if (!ck_pick(c, 6)) f.bytes = ck_pick(c, (uint32_t)size);
    if (!ck_pick(c, 20)) f.struct_size = ck_pick(c, 40);
    f.flags = ck_pick(c, 32);
    f.pts = (int64_t)ck_pick(c, UINT32_MAX) - (1 << 30);
    return f;
}

static void random_event(ck *c, fake_session *s) {
    static const uint16_t types[] = {SYX_EV_AUDIO_IN, SYX_EV_SPEAK, SYX_EV_PROMPT, SYX_EV_TOOL_RESULT, SYX_EV_DTMF_IN, SYX_EV_END_OF_INPUT, SYX_EV_CONFIG,
                                     SYX_EV_WRITABLE, SYX_EV_TIMER, SYX_EV_TASK_DONE, SYX_EV_DRAIN, SYX_EV_TRANSCRIPT, 77, 60000};
    static int16_t pcm[48000];
    char text[300], json_text[300];
    syx_event ev = syx_ev(types[ck_pick(c, sizeof types / sizeof *types)], ck_pick(c, 6), ck_pick(c, 4));
    ev.text = random_text(c, text, sizeof text);
    ev.json = random_text(c, json_text, sizeof json_text);
    ev.i0 = (int64_t)ck_pick(c, 1000) - 500;
    ev.f0 = ck_pick(c, 4) ? ck_pick(c, 100) / 10.0 : 0.0 / (double)(ck_pick(c, 2) ? 1 : 0);
    syx_frame frame = random_frame(c, pcm, sizeof pcm);
    if (ck_pick(c, 5)) ev.audio = &frame;
    if (!ck_pick(c, 20)) ev.struct_size = ck_pick(c, 100);
    if (!ck_pick(c, 20)) ev.space = 3;
    if (c->d->vt->handle) s->vt->handle(s->session, &ev);
    if (!ck_pick(c, 10) && SYX_HAS(c->d->vt, syx_plugin_vt, cancel) && c->d->vt->cancel) s->vt->cancel(s->session, ck_pick(c, 6));
    if (!ck_pick(c, 200) && SYX_HAS(c->d->vt, syx_plugin_vt, reset) && c->d->vt->reset) s->vt->reset(s->session);
}

void check_robust_events(ck *c) {
    syx_provider *p = ck_provider(c);
    size_t rounds = ck_rounds(c, 6), calls = 0;
    /* With a seed it is the number of rounds alone that ends it: the run is to be the same again. */
    int64_t limit = c->o->seeded ? INT64_MAX : fake_real() + (c->o->quick ? 3000000000 : 20000000000);
    for (size_t round = 0; p && round <= rounds && fake_real() < limit; round++) {
        fake_session *s = ck_session(c, p);
        if (!s) return;
        for (size_t i = 0; i < 1000; i++, calls++) {
            random_event(c, s);
            if (i % 16 == 0) fake_pump(s);
        }
        fake_close(s);
    }
    fake_session *s = ck_session(c, p);
    if (!s) return;
    if ((1 << c->d->kind) & CK_REQUESTS) CK_NEED(c, scenario_request(c, s, 1, "Yes."), "after nonsense in other sessions a plain request does not end");
    fake_close(s);
    ck_close(c, p);
    ck_pass(c, "%zu random events with seed %llu", calls, (unsigned long long)c->o->seed);
}

void check_robust_frames(ck *c) {
    static int16_t memory[4][48000];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    size_t rounds = ck_rounds(c, 20000);
    if (!s) return;
    for (size_t i = 0; i < rounds; i++) {
        syx_frame in = random_frame(c, memory[ck_pick(c, 2)], sizeof memory[0]), out = random_frame(c, memory[2 + ck_pick(c, 2)], sizeof memory[0]);
        /* The description may lie; the memory that it leads to is there, as it is for the host's frames. */
        if (in.samples > 24000) in.samples = 24000;
        syx_result r = {.struct_size = ck_pick(c, 4) ? SYX_SIZEOF(syx_result, pts) : ck_pick(c, 12)};
        for (int k = 0; k < 40; k++) memory[0][ck_pick(c, 4000)] = (int16_t)ck_pick(c, 65536);
        s->vt->process(s->session, &in, ck_pick(c, 8) ? &out : NULL, ck_pick(c, 8) ? &r : NULL);
    }
    fake_close(s);
    ck_close(c, p);
    ck_pass(c, "%zu random frames with seed %llu", rounds, (unsigned long long)c->o->seed);
}

void check_robust_json(ck *c) {
    static const char *const odd[] = {"{", "[]", "7", "{\"voice\":{}}", "{\"language\":12}", "{\"history\":[[]]}", "{\"history\":[{\"text\":\"x\"}]}",
                                      "{\"tools\":[{\"name\":null}]}", "\xff", "{\"\\ud800\":1}", "{\"history\":[{\"role\":\"user\",\"text\":\"\\ud83d\"}]}",
                                      "{\"a\":1}{\"b\":2}", "nul", "{\"language\":\"\\u0000\"}"};
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (!s) return;
    for (uint64_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        syx_event ev = syx_ev(c->d->kind == SYX_TURN ? SYX_EV_TRANSCRIPT : scenario_request_type(c), i + 1, 0);
        ev.text = syx_cstr("Yes.");
        ev.json = syx_cstr(odd[i]);
        syx_status status = fake_handle(s, &ev);
        CK_NEED(c, status < 0 || fake_wait_ends(s, SCENARIO_WAIT_MS), "a request with the json %.60s does not end", odd[i]);
    }
    text_out deep = {0};
    for (int i = 0; i < 20000; i++) text_add(&deep, "{\"history\":[");
    fake_send(s, c->d->kind == SYX_TURN ? SYX_EV_TRANSCRIPT : scenario_request_type(c), 99, 0, "Yes.", deep.text);
    fake_wait_ends(s, 5000);
    fake_close(s);
    ck_close(c, p);
}

/* ------------------------------------------------------------------------------------------------------- manners -- */

void check_robust_processes(ck *c) {
    scenario_whole(c);
    CK_NEED(c, interpose_own.forks == 0, "it starts a process: %s", interpose_own.what);
    if (interpose_others.forks) ck_fail(c, "a library of it starts a process: %s", interpose_others.what);
}

void check_robust_output(ck *c) {
    fflush(NULL);
    off_t before = lseek(1, 0, SEEK_END);
    scenario_whole(c);
    fflush(NULL);
    off_t after = lseek(1, 0, SEEK_END);
    /* The fake host itself says breaches there. */
    if (after > before && fake_breaches() == 0) ck_warn(c, "it wrote %lld bytes to the output of its host; core->log is for that", (long long)(after - before));
}

static size_t entries(const char *folder) {
    DIR *d = opendir(folder);
    size_t n = 0;
    while (d && readdir(d)) n++;
    if (d) closedir(d);
    return n;
}

void check_robust_files(ck *c) {
    char folder[] = "/tmp/syrinx-check-XXXXXX";
    CK_NEED(c, mkdtemp(folder) && chdir(folder) == 0, "no empty folder could be made");
    setenv("HOME", folder, 1);
    setenv("TMPDIR", folder, 1);
    size_t before = entries(folder);
    scenario_whole(c);
    size_t after = entries(folder);
    if (interpose_own.writes) ck_fail(c, "it opens a file for writing: %s", interpose_own.what);
    else if (interpose_others.writes) ck_warn(c, "a library of it opens a file for writing: %s", interpose_others.what);
    else if (after > before) ck_fail(c, "it left %zu files in the working folder", after - before);
    if (chdir("/") == 0) rmdir(folder);
}

void check_robust_network(ck *c) {
    if (ck_asks_for_sockets(c)) {
        ck_skip(c, "its manifest asks for sockets");
        return;
    }
    scenario_whole(c);
    CK_NEED(c, interpose_own.sockets == 0, "it opened %zu sockets; isolated it has no network", interpose_own.sockets);
    if (interpose_others.sockets) ck_warn(c, "its libraries opened %zu sockets; isolated they have no network", interpose_others.sockets);
}

extern char **environ;

static uint64_t environment(void) {
    uint64_t h = 1469598103934665603u;
    for (char **e = environ; e && *e; e++)
        for (const char *p = *e; *p; p++) h = (h ^ (unsigned char)*p) * 1099511628211u;
    return h;
}

void check_robust_environment(ck *c) {
    char before[4096], after[4096];
    mode_t mask = umask(022);
    umask(mask);
    uint64_t env = environment();
    char *locale = strdup(setlocale(LC_ALL, NULL));
    CK_NEED(c, getcwd(before, sizeof before), "the working folder has no name");
    scenario_whole(c);
    mode_t later = umask(mask);
    CK_NEED(c, getcwd(after, sizeof after) && strcmp(before, after) == 0, "it changed the working folder");
    CK_NEED(c, later == mask, "it changed the umask");
    CK_NEED(c, environment() == env, "it changed the environment");
    bool same = strcmp(locale, setlocale(LC_ALL, NULL)) == 0;
    CK_NEED(c, same || c->o->bound, "it changed the locale");
    if (!same) ck_warn(c, "the bound library changed the locale");
}

/* A service manager may start the host with nothing. */
void check_robust_no_stdio(ck *c) {
    clearenv();
    for (int fd = 0; fd < 3; fd++) close(fd);
    scenario_whole(c);
}

void check_robust_no_services(ck *c) {
    fake_set.no_services = fake_set.no_buffers = fake_set.no_timers = true;
    syx_err err;
    syx_status status;
    syx_provider *p = fake_provider_at(c->d, c->config, c->o->folder, &status, &err);
    if (!p) return ck_pass(c, "it refuses to open without services: %.200s", err.msg);
    fake_session *s = fake_open_begin(c->d, p, &c->format, c->options, &status, &err);
    if (s && ((1 << c->d->kind) & CK_REQUESTS)) {
        syx_status asked = scenario_ask(c, s, 1, "Yes.");
        CK_NEED(c, asked < 0 || fake_wait_ends(s, SCENARIO_WAIT_MS), "without services a request does not end");
    } else if (s) {
        scenario_run(c, s, NULL);
    }
    if (s) fake_close(s);
    ck_close(c, p);
}

/* The clock of a test stands still and leaps. */
void check_robust_clock(ck *c) {
    static const int64_t leaps[] = {0, 1, 3600000000000, 1000000000000000, 0, 86400000000000};
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    if (!s) return;
    for (size_t i = 0; i < sizeof leaps / sizeof *leaps; i++) {
        __atomic_add_fetch(&fake_set.clock_ns, leaps[i], __ATOMIC_RELAXED);
        if ((1 << c->d->kind) & CK_REQUESTS) {
            scenario_ask(c, s, i + 1, "Yes.");
            CK_NEED(c, fake_wait_ends(s, SCENARIO_WAIT_MS), "after the clock leapt %lld s, a request does not end", (long long)(leaps[i] / 1000000000));
        } else {
            for (size_t k = 0; k < scenario_steps(c); k++) scenario_step(c, s, k, NULL);
        }
    }
    fake_close(s);
    ck_close(c, p);
}
