/* SPDX-License-Identifier: Apache-2.0
 *
 * bench PLUGINS WORK [--json] -- what a bound call costs over the library's own time. Prints, and judges nothing. */
#include <dlfcn.h>
#include <ffi.h>
#include <speex/speex_preprocess.h>

#include "bound_test.h"
#include "callback.h"
#include "toy/toy.h"

static bool json;

enum { ROUNDS = 41, CALLS = 20000, FRAMES = 2000 };

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

static const char nothing[] =
    "\"functions\":{\"run\":{\"symbol\":\"toy_nothing\",\"returns\":\"i32\",\"args\":[\"ptr\",\"ptr\"]}},"
    "\"format\":{\"format\":\"s16\",\"rates\":[16000],\"frame_ms\":20},"
    "\"process\":[{\"call\":\"run\",\"args\":[null,\"$inout\"]}]";

static void an_empty_call(void) {
    bound b = bound_open(bound_load_toy("filter", nothing), "");
    fake_session *s = bound_session(&b, 16000, 320, "");
    char path[600];
    snprintf(path, sizeof path, "%s/libtoy.so", work_dir);
    int (*volatile direct)(toy *, short *) = NULL;
    void *library = dlopen(path, RTLD_NOW);
    *(void **)(uintptr_t)&direct = dlsym(library, "toy_nothing");
    int16_t pcm[320] = {0};
    syx_result result;
    double bare[ROUNDS], bound_ns[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        int64_t t0 = fake_now();
        for (int i = 0; i < CALLS; i++) direct(NULL, pcm);
        int64_t t1 = fake_now();
        for (int i = 0; i < CALLS; i++) bound_frame(s, pcm, pcm, 320, 16000, &result);
        bare[r] = (double)(t1 - t0) / CALLS;
        bound_ns[r] = (double)(fake_now() - t1) / CALLS;
    }
    double one = median(bare, ROUNDS), two = median(bound_ns, ROUNDS);
    if (json) printf("{\"bare_ns\":%.1f,\"bound_ns\":%.1f", one, two);
    else printf("empty function   bare %.1f ns, bound frame %.1f ns, over the library %.1f ns\n", one, two, two - one);
    fake_close(s);
    bound_close(&b);
}

static void speex(void) {
    bound b = bound_open(bound_load_package("bound-speexdsp"), "");
    fake_session *s = bound_session(&b, 16000, 320, "");
    SpeexPreprocessState *st = speex_preprocess_state_init(320, 16000);
    spx_int32_t on = 1, suppress = -25;
    speex_preprocess_ctl(st, SPEEX_PREPROCESS_SET_DENOISE, &on);
    speex_preprocess_ctl(st, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, &suppress);
    clip c = clip_new(320 * FRAMES);
    clip_noise(c, 0, c.samples, -40, 1);
    int16_t pcm[320];
    syx_result result;
    double bare[ROUNDS], bound_ns[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        int64_t direct = 0, through = 0;
        for (int i = 0; i < FRAMES; i++) {
            /* In turns: who comes second finds warm tables. */
            for (int turn = 0; turn < 2; turn++) {
                bool bare_call = (turn + i) % 2 == 0;
                memcpy(pcm, c.pcm + i * 320, sizeof pcm);
                int64_t t = fake_now();
                if (bare_call)
                    speex_preprocess_run(st, pcm);
                else
                    bound_frame(s, pcm, pcm, 320, 16000, &result);
                *(bare_call ? &direct : &through) += fake_now() - t;
            }
        }
        bare[r] = (double)direct / FRAMES;
        bound_ns[r] = (double)through / FRAMES;
    }
    double one = median(bare, ROUNDS), two = median(bound_ns, ROUNDS);
    printf("speexdsp, 20 ms  bare %.0f ns, bound %.0f ns, over the library %.0f ns\n", one, two, two - one);
    speex_preprocess_state_destroy(st);
    fake_close(s);
    bound_close(&b);
    clip_free(&c);
}

static int plain(void *a, int b, void *c) { return (void)a, (void)c, b; }

static void closure_handler(ffi_cif *cif, void *result, void **args, void *hook) {
    (void)cif;
    bound_cell cells[3] = {{.p = *(void **)args[0]}, {.i = *(int *)args[1]}, {.p = *(void **)args[2]}};
    *(ffi_sarg *)result = bound_hook_enter(hook, cells);
}

static void callbacks(void) {
    char path[600];
    snprintf(path, sizeof path, "%s/libtoy.so", work_dir);
    int (*call)(int (*)(void *, int, void *), int) = NULL;
    void *library = dlopen(path, RTLD_NOW);
    *(void **)&call = dlsym(library, "toy_call");
    bound_library shared = {.handle = NULL};
    bound_module module = {.kind = SYX_TTS, .shared = &shared};
    bound_callback callback = {.name = "x", .returns = {BOUND_I32, NULL}, .self = -1, .count = 3};
    callback.args[0].base = callback.args[2].base = BOUND_PTR;
    callback.args[1].base = BOUND_I32;
    bound_hook *hook = bound_hook_open(&module, &callback, NULL);
    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_pointer, &ffi_type_sint32, &ffi_type_pointer};
    ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 3, &ffi_type_sint32, types);
    int (*code)(void *, int, void *) = NULL, (*ready)(void *, int, void *) = NULL;
    ffi_closure *closure = ffi_closure_alloc(sizeof *closure, (void **)&code);
    ffi_prep_closure_loc(closure, &cif, closure_handler, hook, *(void **)&code);
    memcpy(&ready, &hook->code, sizeof ready);
    double a[ROUNDS], b[ROUNDS], c[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        int64_t t0 = fake_now();
        call(plain, CALLS);
        int64_t t1 = fake_now();
        call(ready, CALLS);
        int64_t t2 = fake_now();
        call(code, CALLS);
        a[r] = (double)(t1 - t0) / CALLS;
        b[r] = (double)(t2 - t1) / CALLS;
        c[r] = (double)(fake_now() - t2) / CALLS;
    }
    double none = median(a, ROUNDS), compiled = median(b, ROUNDS), made = median(c, ROUNDS);
    if (json) printf(",\"plain_callback_ns\":%.1f,\"trampoline_ns\":%.1f,\"closure_ns\":%.1f}\n", none, compiled, made);
    else printf("callback         plain %.1f ns, compiled trampoline %.1f ns, closure of libffi %.1f ns\n", none, compiled, made);
    ffi_closure_free(closure);
    bound_hook_close(hook);
}

int main(int argc, char **argv) {
    json = argc == 4 && strcmp(argv[3], "--json") == 0;
    if (argc != 3 + json) return fprintf(stderr, "usage: bench PLUGINS WORK [--json]\n"), 2;
    plugins_dir = argv[1];
    work_dir = argv[2];
    fake_start(1);
    an_empty_call();
    if (!json) speex();
    callbacks();
    fake_stop();
    return 0;
}
