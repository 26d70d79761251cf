/* SPDX-License-Identifier: Apache-2.0
 *
 * What the groups share: opening bound packages from Plugins, or from a manifest written on the spot. */
#ifndef BOUND_TEST_H
#define BOUND_TEST_H
#include "check.h"
#include "syrinx_bound.h"

extern const char *work_dir; /* scratch: libtoy.so lies there */

typedef struct {
    const syx_plugin_desc *desc;
    syx_provider *provider;
    syx_err err;
} bound;

typedef struct {
    const char *code;
    char error[600];
    const syx_module *module;
} load_result;

/* Loads Plugins/<id>/bind.json. */
load_result bound_load_package(const char *id);
/* Writes both files for a kind and loads them; `bind` lacks the head {"bind","kind","id","library"}, which is added. */
load_result bound_load_toy(const char *kind, const char *members);
load_result bound_load_text(const char *kind, const char *bind);
/* Opens a provider; .provider = NULL and .err filled on refusal. Ends the program when the module was refused. */
bound bound_open(load_result loaded, const char *config);
fake_session *bound_session(bound *b, uint32_t rate, uint32_t samples, const char *options);
void bound_close(bound *b);
syx_status bound_frame(fake_session *s, const int16_t *in, int16_t *out, uint32_t samples, uint32_t rate, syx_result *r);

/* What a function of libtoy.so without arguments answers; -1 when it is not there. */
int toy_number(const char *function);

void test_filters_bound(void);
void test_vad_bound(void);
void test_espeak_bound(void);
void test_talkers(void);
void test_refusals(void);
void test_mutations(void);
void test_leaks(void);
#endif
