/* SPDX-License-Identifier: Apache-2.0
 *
 * The module in one of its forms: a shared object in this process, a bound library, or a table that stands for a helper. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "interpose.h"
#include "schema.h"

#if __has_include("syrinx_isolation.h")
#include "syrinx_isolation.h"
#define HAS_ISOLATION 1
#endif

/* Linked in where the build has them. */
extern const syx_module *syrinx_bound_module(const char *bind_json_path, const char **code, char *error,
                                             size_t capacity) __attribute__((weak));

void *ck_dlopen(const char *path, const char **error) {
    void *image = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!image) *error = dlerror();
    return image;
}

const syx_module *ck_entry(void *image) {
    const syx_module *(*entry)(void) = NULL;
    *(void **)&entry = dlsym(image, "syrinx_plugin_entry_1");
    return entry ? entry() : NULL;
}

static const syx_module *load_here(ck *c) {
    static char text[300];
    const char *error = NULL, *code = NULL;
    if (c->o->bound) {
        if (!syrinx_bound_module) return ck_skip(c, "this checker was built without bound mode"), NULL;
        interpose_image(NULL); /* whatever the library calls is a library's call */
        const syx_module *m = syrinx_bound_module(c->o->module, &code, text, sizeof text);
        if (!m) ck_fail(c, "the bound library does not load: %s", text);
        return m;
    }
    void *image = ck_dlopen(c->o->module, &error);
    if (!image) return ck_fail(c, "it does not load: %s", error), NULL;
    interpose_image(dlsym(image, "syrinx_plugin_entry_1"));
    const syx_module *m = ck_entry(image);
    if (!m) ck_fail(c, "syrinx_plugin_entry_1 is missing or answers NULL");
    return m;
}

#ifdef HAS_ISOLATION
extern __typeof__(syrinx_helper_start) syrinx_helper_start __attribute__((weak));
extern __typeof__(syrinx_helper_module) syrinx_helper_module __attribute__((weak));
extern __typeof__(syrinx_helper_settle) syrinx_helper_settle __attribute__((weak));
static syrinx_helper *helper;

static void frame_back(void *context, syx_hsession session, int64_t pts, syx_status status, float probability,
                       const void *samples, uint32_t bytes) {
    (void)context, (void)pts;
    fake_frame_back(session, status, probability, samples, bytes);
}

static ck *checked;

/* The check cannot go on: its result is the helper's end. */
static void lost(void *context, const syrinx_death *death) {
    static const char *const causes[] = {"was stopped", "exited with", "died of signal", "hung", "wrote nonsense"};
    (void)context;
    if (death->cause != SYRINX_DEATH_STOPPED)
        ck_fail(checked, "its helper %s %d during %s", causes[death->cause], death->detail, death->doing);
}

static bool settle(void) { return syrinx_helper_settle(helper, 5000); }

static const syx_module *load_isolated(ck *c) {
    static char error[300];
    const char *code = NULL;
    syrinx_death death = {0};
    syrinx_helper_options options = {.program = c->o->helper, .module = c->o->module, .data_dir = c->o->folder,
                                     .name = "check", .sessions = 128, .bound = c->o->bound, .ctl_hang_ms = 10000, .rt_hang_ms = 5000};
    options.confinement.allow_network = ck_asks_for_sockets(c);
    syrinx_helper_callbacks callbacks = {.frame = frame_back, .lost = lost};
    checked = c;
    helper = syrinx_helper_start(&options, &callbacks, fake_core(), &death, &code, error, sizeof error);
    if (!helper) return ck_fail(c, "it does not load in a helper: %s (%s)", error, code ? code : ""), NULL;
    fake_set.settle = settle;
    return syrinx_helper_module(helper);
}

bool ck_isolation_built(void) { return syrinx_helper_start && syrinx_helper_settle; }
#else
static const syx_module *load_isolated(ck *c) { return ck_skip(c, "this checker was built without isolated mode"), NULL; }
bool ck_isolation_built(void) { return false; }
#endif

bool ck_asks_for_sockets(const ck *c) {
    return json_is(json_get(json_get(c->manifest, "permissions"), "sockets"), JSON_TRUE);
}

/* A plugin that may reach nothing gets no tables for it. */
static fake_network network_of(const ck *c) {
    if (c->o->network >= 0) return (fake_network)c->o->network;
    bool asks = json_size(json_get(json_get(c->manifest, "permissions"), "net")) > 0;
    return asks || !c->o->has_manifest ? FAKE_NET_UNREACHABLE : FAKE_NET_ABSENT;
}

bool ck_load(ck *c) {
    fake_set.network = network_of(c);
    c->module = c->mode == CK_ISOLATED ? load_isolated(c) : load_here(c);
    return c->module != NULL;
}
