/* SPDX-License-Identifier: Apache-2.0
 *
 * R: process(), the media path. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "checks.h"
#include "interpose.h"
#include "scenario.h"

enum { LARGEST = 192 * 60, CANARY = 64 };

static bool filters(const ck *c) { return c->d->kind == SYX_FILTER; }

static size_t width(const ck *c) { return c->format.format == SYX_FMT_F32 ? 4 : 2; }

/* A breach of the [rt] rules: a promise that was given, or one that was not. */
static void breach(ck *c, size_t count, const char *what, size_t frames) {
    if (count == 0) return;
    if (c->d->flags & SYX_PF_RT_PROCESS) ck_fail(c, "%zu %s in process(), over %zu frames", count, what, frames);
    else ck_warn(c, "%zu %s in process(), over %zu frames (SYX_PF_RT_PROCESS is not set)", count, what, frames);
}

static void fill(const ck *c, void *data, uint32_t n, size_t at) {
    int16_t pcm[LARGEST];
    sound_speech(pcm, n, at, c->format.rate);
    for (uint32_t i = 0; i < n; i++) {
        if (width(c) == 2) ((int16_t *)data)[i] = pcm[i];
        else ((float *)data)[i] = pcm[i] / 32768.0f;
    }
}

static syx_status raw(ck *c, fake_session *s, void *data, uint32_t n, size_t frame, uint32_t flags, syx_result *r) {
    syx_frame in = sound_frame(c, data, n), out;
    in.pts = (int64_t)(frame * n);
    in.flags = flags;
    out = in;
    *r = (syx_result){.struct_size = SYX_SIZEOF(syx_result, pts)};
    if (c->mode == CK_ISOLATED) return fake_process(s, &in, filters(c) ? &out : NULL, r);
    return s->vt->process(s->session, &in, filters(c) ? &out : NULL, r);
}

/* Opens, warms up with a second of sound, and measures `frames` more between the two calls. */
static bool run_frames(ck *c, size_t frames, bool in_rt) {
    static float data[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    syx_result r;
    if (!s) return false;
    if (!interpose_works() && in_rt) return ck_skip(c, "calls cannot be intercepted here"), false;
    for (size_t i = 0; i < frames; i++) {
        fill(c, data, sound_frame_samples(c), i * sound_frame_samples(c));
        interpose_in_rt = in_rt;
        raw(c, s, data, sound_frame_samples(c), i, 0, &r);
        interpose_in_rt = false;
    }
    fake_close(s);
    ck_close(c, p);
    return true;
}

void check_rt_malloc(ck *c) {
    size_t frames = ck_rounds(c, 1500);
    if (run_frames(c, frames, true)) breach(c, interpose_own.allocations + interpose_others.allocations, "allocations or frees", frames);
}

void check_rt_lock(ck *c) {
    size_t frames = ck_rounds(c, 1500);
    if (!run_frames(c, frames, true)) return;
    breach(c, interpose_own.locks, "locks taken", frames);
    /* A lock of the session's own that nobody else holds costs little; R3 finds those that somebody holds. */
    if (interpose_others.locks) ck_warn(c, "%zu locks taken in its libraries, over %zu frames", interpose_others.locks, frames);
}

/* ------------------------------------------------------------------------------------------------- system calls -- */

static volatile int trapped, first_call;

static void on_trap(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    if (trapped++ == 0) first_call = info->si_syscall;
}

/* Every system call of this thread traps, except what ends the process and returns from the trap. */
static bool forbid_calls(void) {
    struct sock_filter code[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_exit_group},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_rt_sigreturn},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRAP},
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

typedef struct {
    ck *c;
    fake_session *s;
    size_t frames;
    float *data;
    volatile int *state; /* 0 = under way, 1 = done, 2 = not possible here */
} strict;

static void *strict_thread(void *arg) {
    strict *t = arg;
    syx_result r;
    uint32_t n = sound_frame_samples(t->c);
    if (!forbid_calls()) return *t->state = 2, NULL;
    for (size_t i = 0; i < t->frames; i++) raw(t->c, t->s, t->data + i * n, n, i, 0, &r);
    *t->state = 1;
    for (;;) continue; /* ending a thread needs system calls: the process ends instead */
}

/* What promises nothing may need a system call to go on, memory for instance. */
void check_rt_syscall(ck *c) {
    if (!(c->d->flags & SYX_PF_RT_PROCESS)) return ck_skip(c, "SYX_PF_RT_PROCESS is not set");
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    static volatile int state;
    uint32_t n = sound_frame_samples(c);
    if (!s) return;
    strict t = {c, s, 100, malloc(100 * n * sizeof(float)), &state};
    for (size_t i = 0; i < t.frames; i++) fill(c, t.data + i * n, n, i * n);
    syx_result r;
    for (size_t i = 0; i < 20; i++) raw(c, s, t.data + i * n, n, i, 0, &r);
    pthread_t thread;
    pthread_create(&thread, NULL, strict_thread, &t);
    for (int i = 0; i < 4000 && state == 0; i++) usleep(2500);
    if (state == 2) return ck_skip(c, "system calls cannot be filtered here");
    CK_NEED(c, state == 1 || trapped > 0, "100 frames took more than 10 s");
    if (!trapped) return;
    char what[80];
    snprintf(what, sizeof what, "system calls (the first has number %d)", first_call);
    breach(c, (size_t)trapped, what, t.frames);
}

/* --------------------------------------------------------------------------------------------------------- time -- */

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

void check_rt_time(ck *c) {
    size_t frames = ck_rounds(c, 3000);
    int64_t *ns = calloc(frames, sizeof *ns);
    static float data[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    syx_result r;
    if (!s) return;
    for (size_t i = 0; i < frames; i++) {
        fill(c, data, sound_frame_samples(c), i * sound_frame_samples(c));
        int64_t start = fake_real();
        raw(c, s, data, sound_frame_samples(c), i, 0, &r);
        ns[i] = fake_real() - start;
    }
    qsort(ns, frames, sizeof *ns, compare);
    double p99 = (double)ns[frames * 99 / 100] / 1e3;
    if (p99 > 2000) ck_warn(c, "p99 of process() is %.0f us; a tenth of a frame of 20 ms are 2000", p99);
    else ck_pass(c, "p50 %.1f us, p99 %.1f us for a frame of 20 ms", (double)ns[frames / 2] / 1e3, p99);
    fake_close(s);
    ck_close(c, p);
}

/* Feedback that dies away into denormal numbers makes a processor slow. */
void check_rt_denormal(ck *c) {
    enum { FRAMES = 400 };
    static int64_t loud[FRAMES], quiet[FRAMES];
    static float data[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    syx_result r;
    if (!s) return;
    for (size_t i = 0; i < 2 * FRAMES; i++) {
        if (i < FRAMES) fill(c, data, sound_frame_samples(c), i * sound_frame_samples(c));
        else memset(data, 0, sizeof data);
        int64_t start = fake_real();
        raw(c, s, data, sound_frame_samples(c), i, 0, &r);
        (i < FRAMES ? loud : quiet)[i % FRAMES] = fake_real() - start;
    }
    qsort(loud, FRAMES, sizeof *loud, compare);
    qsort(quiet, FRAMES, sizeof *quiet, compare);
    double ratio = (double)quiet[FRAMES / 2] / (double)(loud[FRAMES / 2] + 200);
    if (ratio > 8) ck_warn(c, "silence after speech costs %.0f times as much as speech: denormal numbers?", ratio);
    fake_close(s);
    ck_close(c, p);
}

/* ------------------------------------------------------------------------------------------------------- signals -- */

static void odd_signal(const ck *c, void *data, uint32_t n, size_t kind, size_t at) {
    static const float f32[] = {0, 1, -1, NAN, INFINITY, -INFINITY, 1e-40f, 1e30f};
    for (uint32_t i = 0; i < n; i++) {
        double x = kind == 1 ? 1 : kind == 2 ? -1 : kind == 3 ? ((at + i) % 2 ? 1 : -1) : kind == 4 ? (i == 0) : kind == 5 ? ((at + i) / 40 % 2 ? 1 : -1) : 0;
        if (width(c) == 2) ((int16_t *)data)[i] = (int16_t)(x > 0 ? 32767 : x < 0 ? -32768 : 0);
        else ((float *)data)[i] = kind < 6 ? (float)x : f32[(at + i + kind) % 8];
    }
}

static bool sane(const ck *c, const void *data, uint32_t n) {
    for (uint32_t i = 0; width(c) == 4 && i < n; i++)
        if (!isfinite(((const float *)data)[i])) return false;
    return true;
}

void check_rt_levels(ck *c) {
    static float data[LARGEST];
    syx_provider *p = ck_provider(c);
    uint32_t n = sound_frame_samples(c);
    for (size_t kind = 0; p && kind < 8; kind++) {
        fake_session *s = ck_session(c, p);
        if (!s) return;
        for (size_t i = 0; i < 100; i++) {
            syx_result r;
            odd_signal(c, data, n, kind, i * n);
            syx_status status = raw(c, s, data, n, i, 0, &r);
            bool finite = kind >= 6 || sane(c, data, n);
            CK_NEED(c, !filters(c) || finite, "signal %zu makes it write numbers that are none", kind);
            if (filters(c) || status != SYX_OK) continue;
            CK_NEED(c, r.probability >= 0 && r.probability <= 1, "signal %zu: the probability is %g, not within 0 and 1", kind, (double)r.probability);
            CK_NEED(c, !isnan(r.level_dbfs), "signal %zu: the level is no number", kind);
        }
        fake_close(s);
    }
    ck_close(c, p);
}

/* ------------------------------------------------------------------------------------------------------- buffers -- */

void check_rt_in_place(ck *c) {
    static float one[LARGEST], in[LARGEST], out[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *a = ck_session(c, p), *b = ck_session(c, p);
    uint32_t n = sound_frame_samples(c);
    if (!a || !b) return;
    for (size_t i = 0; i < 100; i++) {
        fill(c, one, n, i * n);
        memcpy(in, one, n * width(c));
        syx_result r;
        raw(c, a, one, n, i, 0, &r);
        syx_frame source = sound_frame(c, in, n), target = sound_frame(c, out, n);
        source.pts = target.pts = (int64_t)(i * n);
        r = (syx_result){.struct_size = SYX_SIZEOF(syx_result, pts)};
        syx_status status = fake_process(b, &source, &target, &r);
        CK_NEED(c, status == SYX_SKIP || memcmp(one, out, n * width(c)) == 0, "frame %zu differs when `out` is the memory of `in`", i);
    }
    fake_close(a), fake_close(b);
    ck_close(c, p);
}

static bool intact(const unsigned char *p) {
    for (size_t i = 0; i < CANARY; i++)
        if (p[i] != 0xC5) return false;
    return true;
}

void check_rt_canaries(ck *c) {
    static _Alignas(16) unsigned char in[LARGEST * 4 + 2 * CANARY], out[LARGEST * 4 + 2 * CANARY], copy[LARGEST * 4];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    uint32_t n = sound_frame_samples(c);
    size_t bytes = n * width(c);
    if (!s) return;
    for (size_t i = 0; i < 100; i++) {
        memset(in, 0xC5, sizeof in);
        memset(out, 0xC5, sizeof out);
        fill(c, in + CANARY, n, i * n);
        memcpy(copy, in + CANARY, bytes);
        syx_frame source = sound_frame(c, in + CANARY, n), target = sound_frame(c, out + CANARY, n);
        struct { syx_result r; unsigned char after[CANARY]; } box;
        memset(&box, 0xC5, sizeof box);
        box.r.struct_size = SYX_SIZEOF(syx_result, pts);
        fake_process(s, &source, filters(c) ? &target : NULL, &box.r);
        CK_NEED(c, memcmp(copy, in + CANARY, bytes) == 0, "it writes into `in`, which is read-only");
        CK_NEED(c, intact(in) && intact(in + CANARY + bytes), "it writes beside `in`");
        CK_NEED(c, intact(out) && intact(out + CANARY + bytes), "it writes beside `out`");
        CK_NEED(c, intact(box.after), "it writes behind the result");
    }
    fake_close(s);
    ck_close(c, p);
}

static const uint32_t default_rates[] = {16000};

/* The host tells a session the length of its frames. Those of 10 and 20 ms are common, the others may be refused. */
static void lengths(ck *c, syx_provider *p) {
    static float data[LARGEST];
    size_t refused = 0;
    for (uint32_t ms = 10; ms <= 60; ms += 10) {
        uint32_t n = c->format.rate / 1000 * ms;
        c->format.samples = n;
        fake_session *s = ck_session(c, p);
        if (!s) return;
        for (size_t i = 0; i < 10; i++) {
            syx_result r;
            fill(c, data, n, i * n);
            refused += raw(c, s, data, n, i, 0, &r) < 0 && (ms == 10 || ms == 20);
        }
        fake_close(s);
    }
    if (refused) ck_fail(c, "%zu frames of 10 or 20 ms at %u Hz were refused", refused, c->format.rate);
}

void check_rt_formats(ck *c) {
    const json *formats = json_get(c->caps, "formats");
    syx_provider *p = ck_provider(c);
    size_t count = 0;
    if (!p) return;
    for (const json *f = formats ? formats->first : NULL; f; f = f->next) {
        const char *name = json_text(f, "format", "");
        const json *rates = json_get(f, "rates");
        c->format.format = strcmp(name, "f32") == 0 ? SYX_FMT_F32 : SYX_FMT_S16;
        if (strcmp(name, "f32") != 0 && strcmp(name, "s16") != 0) continue;
        for (const json *r = rates ? rates->first : NULL; r; r = r->next, count++) {
            c->format.rate = (uint32_t)r->number;
            lengths(c, p);
        }
    }
    if (count == 0) c->format.rate = default_rates[0], lengths(c, p);
    ck_close(c, p);
    ck_pass(c, "%zu formats with frames of 10 to 60 ms", count ? count : 1);
}

void check_rt_gaps(ck *c) {
    static float data[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    uint32_t n = sound_frame_samples(c);
    size_t refused = 0;
    if (!s) return;
    for (size_t i = 0; i < 300; i++) {
        static const uint32_t flags[] = {0, 0, SYX_FR_DISCONT, SYX_FR_CONCEALED, SYX_FR_SILENCE, SYX_FR_EOS};
        size_t at = ck_pick(c, 3) ? i : ck_pick(c, 1000000);
        fill(c, data, n, at);
        syx_result r;
        refused += raw(c, s, data, n, at, flags[ck_pick(c, 6)], &r) < 0;
    }
    CK_NEED(c, refused == 0, "%zu of 300 frames with gaps, repeats and flags were refused", refused);
    fake_close(s);
    ck_close(c, p);
}

/* The host never sends these; a plugin that believes them reads memory that is not there. */
void check_rt_bad_frames(ck *c) {
    static float data[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    uint32_t n = sound_frame_samples(c);
    size_t taken = 0;
    if (!s) return;
    for (int kind = 0; kind < 10; kind++) {
        syx_frame in = sound_frame(c, data, n), out = sound_frame(c, data, n);
        syx_result r = {.struct_size = SYX_SIZEOF(syx_result, pts)};
        if (kind == 0) in.bytes--;
        if (kind == 1) in.samples = 0, in.bytes = 0;
        if (kind == 2) in.data = NULL;
        if (kind == 3) in.rate *= 2;
        if (kind == 4) in.channels = 7;
        if (kind == 5) in.format = 99;
        if (kind == 6) in.struct_size = 8;
        if (kind == 7) in.samples = UINT32_MAX;
        if (kind == 8) in.samples = n * 2;
        if (kind == 9) in.samples = 1, in.bytes = width(c);
        taken += s->vt->process(s->session, &in, filters(c) ? &out : NULL, &r) == SYX_OK && kind != 9;
    }
    if (taken) ck_warn(c, "%zu of 9 impossible frames were answered SYX_OK", taken);
    fake_close(s);
    ck_close(c, p);
}

void check_rt_echo(ck *c) {
    static float data[LARGEST], out[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    uint32_t n = sound_frame_samples(c);
    if (!s) return;
    for (size_t i = 0; i < 50; i++) {
        fill(c, data, n, i * n);
        memset(out, 0x11, sizeof out);
        syx_frame in = sound_frame(c, data, n), target = sound_frame(c, out, n);
        in.flags = SYX_FR_ECHO_REF;
        syx_result r = {.struct_size = SYX_SIZEOF(syx_result, pts)};
        syx_status status = fake_process(s, &in, i % 2 && filters(c) ? &target : NULL, &r);
        CK_NEED(c, status >= 0, "an echo reference is refused: %d; what is not used is answered with SYX_SKIP", status);
        const unsigned char *b = (const unsigned char *)out;
        for (size_t k = 0; k < n * width(c); k++) CK_NEED(c, b[k] == 0x11, "it writes `out` for an echo reference");
    }
    fake_close(s);
    ck_close(c, p);
}

void check_rt_result(ck *c) {
    static float data[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    uint32_t n = sound_frame_samples(c);
    if (!s) return;
    for (size_t i = 0; i < 20; i++) {
        syx_result r;
        fill(c, data, n, i * n);
        syx_status status = raw(c, s, data, n, i, 0, &r);
        CK_NEED(c, filters(c) || status != SYX_OK || r.pts == (int64_t)(i * n), "result.pts is %lld for a frame at %zu", (long long)r.pts, i * n);
    }
    /* An older host's result, and for a filter none. */
    struct { uint32_t size; unsigned char after[CANARY]; } small = {.size = 8};
    memset(small.after, 0xC5, sizeof small.after);
    syx_frame in = sound_frame(c, data, n), out = in;
    s->vt->process(s->session, &in, filters(c) ? &out : NULL, (syx_result *)(void *)&small);
    CK_NEED(c, intact(small.after), "it writes further into a result than its struct_size");
    if (filters(c)) s->vt->process(s->session, &in, &out, NULL);
    fake_close(s);
    ck_close(c, p);
}

void check_rt_small_out(ck *c) {
    static _Alignas(16) unsigned char out[LARGEST * 4];
    static float data[LARGEST];
    syx_provider *p = ck_provider(c);
    fake_session *s = ck_session(c, p);
    uint32_t n = sound_frame_samples(c);
    if (!s) return;
    for (size_t room = 0; room < n * width(c); room += n / 4) {
        memset(out, 0xC5, sizeof out);
        fill(c, data, n, 0);
        syx_frame in = sound_frame(c, data, n), target = sound_frame(c, out, n);
        target.bytes = room;
        syx_status status = s->vt->process(s->session, &in, &target, NULL);
        CK_NEED(c, intact(out + room), "it writes more than the %zu bytes that `out` has room for", room);
        CK_NEED(c, status != SYX_OK, "it answers SYX_OK though `out` has room for only %zu bytes", room);
    }
    fake_close(s);
    ck_close(c, p);
}
