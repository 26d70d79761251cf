/* SPDX-License-Identifier: Apache-2.0
 *
 * A spec compiled into the files that a decoder is made from: a dictionary of just its words (a decoder with the full
 * one takes 20 MB more) and a language model, grammar or key phrase list. */
#ifndef SPHINX_MODEL_H
#define SPHINX_MODEL_H
#include "dictionary.h"
#include "spec.h"

/* What is installed on this machine. */
typedef struct {
    char hmm[512], lm[512], dict[512];
    dictionary dictionary;
    const syx_core *core; /* for warnings */
    syx_hprovider host;
} model_base;

typedef struct {
    spec spec;
    int dict_fd, search_fd; /* -1 for SPEC_GENERAL, which uses the installed files */
    _Atomic int references;
} model;

/* Finds the model's files; the error names what is missing and how to install it. */
syx_status model_base_open(model_base *base, const char *dir, syx_err *err);
void model_base_close(model_base *base);

/* [work] Compiles; the result has one reference. */
syx_status model_compile(const model_base *base, const spec *spec, model **out, syx_err *err);
model *model_retain(model *m);
void model_release(model *m);

#endif
