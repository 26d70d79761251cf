/* SPDX-License-Identifier: Apache-2.0
 *
 * A library with ONNX Runtime's face and toy models, so that the plugins on top of it are tested where it is not
 * installed. The first word of a model's file says what it is:
 *
 *   vad     output = the first sample of its input + 100 / 32768 for each run that its state has seen
 *   turn    logits = 0.75
 *   fails   takes anything, and fails when it is run
 *
 * Other files cannot be loaded. What is not given back is counted: toy_ort_live. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VISIBLE __attribute__((visibility("default")))

typedef struct {
    char text[128];
} object; /* also a status */

typedef struct {
    float *data;
    size_t bytes, rank;
    int64_t shape[4];
} value;

VISIBLE _Atomic int toy_ort_live;

static void *make(const char *text) {
    object *o = calloc(1, sizeof *o);
    snprintf(o->text, sizeof o->text, "%s", text);
    toy_ort_live++;
    return o;
}

static void drop(void *o) {
    toy_ort_live--;
    free(o);
}

static const char *message(void *status) { return ((object *)status)->text; }

static void *create_env(int level, const char *name, void **out) {
    (void)level;
    return *out = make(name), NULL;
}

static void *create_memory(int allocator, int type, void **out) {
    (void)allocator, (void)type;
    return *out = make("memory"), NULL;
}

static void *create_options(void **out) { return *out = make("options"), NULL; }

static void *set_int(void *options, int number) {
    (void)options, (void)number;
    return NULL;
}

static void *create_session(void *env, const char *path, void *options, void **out) {
    char word[16] = "";
    FILE *f = fopen(path, "r");
    (void)env, (void)options;
    if (f && fscanf(f, "%15s", word) != 1) word[0] = 0;
    if (f) fclose(f);
    if (strcmp(word, "vad") && strcmp(word, "turn") && strcmp(word, "fails")) return make("Protobuf parsing failed.");
    return *out = make(word), NULL;
}

static void *create_tensor(void *memory, void *data, size_t bytes, const int64_t *shape, size_t rank, int type, void **out) {
    value *v = calloc(1, sizeof *v);
    (void)memory, (void)type;
    v->data = data;
    v->bytes = bytes;
    v->rank = rank;
    if (rank) memcpy(v->shape, shape, rank * sizeof *shape);
    toy_ort_live++;
    return *out = v, NULL;
}

static void *run_vad(const char *const *names, value *const *in, size_t n_in, value **out, size_t n_out) {
    if (n_in != 3 || n_out != 2 || strcmp(names[0], "input")) return make("Invalid Feed Input Name");
    size_t wanted = *(int64_t *)in[2]->data == 16000 ? 576 : 288;
    if (in[0]->shape[1] != (int64_t)wanted || in[0]->bytes != wanted * 4 || in[1]->bytes != 1024) return make("Got invalid dimensions");
    out[0]->data[0] = in[0]->data[0] + in[1]->data[0] * 100 / 32768;
    out[1]->data[0] = in[1]->data[0] + 1;
    return NULL;
}

static void *run(void *session, void *options, const char *const *names, value *const *in, size_t n_in,
                 const char *const *out_names, size_t n_out, value **out) {
    const char *kind = message(session);
    (void)options, (void)out_names;
    if (!strcmp(kind, "fails")) return make("the toy fails");
    if (!strcmp(kind, "vad")) return run_vad(names, in, n_in, out, n_out);
    if (n_in != 1 || strcmp(names[0], "input_features") || in[0]->bytes != 80 * 800 * 4) return make("Invalid Feed Input Name");
    out[0]->data[0] = 0.75f;
    return NULL;
}

static const void *table[120];

static const void *const *get_api(uint32_t version) {
    static const struct {
        int place;
        const void *function;
    } functions[] = {{2, message},      {3, create_env},  {7, create_session}, {9, run},    {10, create_options}, {23, set_int},
                     {24, set_int},     {25, set_int},    {49, create_tensor}, {69, create_memory}, {92, drop},   {93, drop},
                     {94, drop},        {95, drop},       {96, drop},          {100, drop}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) table[functions[i].place] = functions[i].function;
    return version <= 16 ? table : NULL;
}

static const char *get_version(void) {
    const char *version = getenv("TOY_ORT_VERSION");
    return version ? version : "toy";
}

static const struct {
    const void *const *(*get_api)(uint32_t);
    const char *(*get_version)(void);
} base = {get_api, get_version};

VISIBLE const void *OrtGetApiBase(void) { return &base; }
