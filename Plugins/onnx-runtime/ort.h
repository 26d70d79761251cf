/* SPDX-License-Identifier: Apache-2.0
 *
 * One model in ONNX Runtime, whose library is opened by its path when a provider opens: nothing is linked, and no header
 * of it is needed. Its C API is a table of functions that only ever grows; version 16 of it has all that is used here.
 *
 * A model may be run by many threads at once. The tensors of a run belong to whoever made them. */
#ifndef ORT_H
#define ORT_H
#include "syrinx_c.h"

typedef struct {
    const void *const *api; /* the table of functions; NULL = nothing is open */
    void *env, *session, *memory;
} ort_model;

typedef enum { ORT_FLOAT = 1, ORT_INT64 = 7 } ort_type;

/* A tensor over memory of the caller; NULL in `value` = not made. */
typedef struct {
    const char *name;
    void *value;
} ort_tensor;

/* The JSON Schema of the configuration that ort_open reads; FILE is the model's usual name. */
#define ORT_CONFIG_SCHEMA(FILE)                                                                                      \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"library\",\"model\"],\"properties\":{"      \
    "\"library\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":4000,"                                           \
    "\"description\":\"Absolute path of ONNX Runtime's library, libonnxruntime.so\"},"                               \
    "\"model\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":4000,"                                             \
    "\"description\":\"Absolute path of the model, " FILE "\"}}}"

/* [ctl] Opens `library` and `model` of a provider's configuration. On error nothing is left open, and *err, which begins
 * with `who`, says what to do. */
syx_status ort_open(ort_model *m, syx_str config, const char *who, syx_err *err);
void ort_close(ort_model *m);
/* A tensor of up to 3 dimensions over `data`, which must live longer; false when it cannot be made. */
bool ort_tensor_make(const ort_model *m, ort_tensor *t, const char *name, void *data, ort_type type,
                     const int64_t *shape, size_t rank);
void ort_tensor_free(const ort_model *m, ort_tensor *t);
/* Runs the model; `out` is written into the tensors' memory. On failure `why` has the runtime's message. May be called
 * by several threads at once, each with tensors of its own. */
bool ort_run(const ort_model *m, const ort_tensor *in, size_t n_in, ort_tensor *out, size_t n_out, char *why,
             size_t why_size);

/* What a network gave as a probability; 0 when it is not a number. */
static inline float ort_probability(float output) { return output >= 0 ? fminf(output, 1) : 0; }
#endif
