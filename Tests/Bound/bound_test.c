/* SPDX-License-Identifier: Apache-2.0 */
#include "bound_test.h"

#include <dlfcn.h>
#include <stdarg.h>

int checks_passed, checks_failed;
const char *plugins_dir, *work_dir;
#ifdef __SANITIZE_ADDRESS__
bool sanitized = true;
#else
bool sanitized = false;
#endif

void check_(bool ok, const char *file, int line, const char *format, ...) {
    if (ok) checks_passed++;
    if (!ok) checks_failed++;
    if (ok && !getenv("VERBOSE")) return;
    va_list args;
    va_start(args, format);
    printf("%s %s:%d: ", ok ? "ok" : "FAILED", file, line);
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

static load_result load(const char *path) {
    load_result r = {.code = ""};
    r.module = syrinx_bound_module(path, &r.code, r.error, sizeof r.error);
    return r;
}

load_result bound_load_package(const char *id) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s/bind.json", plugins_dir, id);
    return load(path);
}

static void write_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0) exit(fprintf(stderr, "cannot write %s\n", path));
}

load_result bound_load_text(const char *kind, const char *bind) {
    char path[512], manifest[512];
    snprintf(path, sizeof path, "%s/plugin.json", work_dir);
    snprintf(manifest, sizeof manifest,
             "{\"id\":\"toy\",\"version\":\"1.2.3\",\"abi\":\"1.0\",\"entry\":\"bind.json\","
             "\"provides\":[{\"kind\":\"%s\",\"id\":\"toy\"}]}", kind);
    write_file(path, manifest);
    snprintf(path, sizeof path, "%s/bind.json", work_dir);
    write_file(path, bind);
    return load(path);
}

load_result bound_load_toy(const char *kind, const char *members) {
    static char text[65536];
    snprintf(text, sizeof text, "{\"bind\":1,\"kind\":\"%s\",\"id\":\"toy\",\"library\":\"./libtoy.so\",%s}", kind, members);
    return bound_load_text(kind, text);
}

bound bound_open(load_result loaded, const char *config) {
    bound b = {0};
    if (!loaded.module) exit(fprintf(stderr, "%s: %s\n", loaded.code, loaded.error));
    b.desc = loaded.module->plugins[0];
    b.provider = fake_provider_at(b.desc, config, "", NULL, &b.err);
    return b;
}

fake_session *bound_session(bound *b, uint32_t rate, uint32_t samples, const char *options) {
    return fake_open(b->desc, b->provider, &(syx_format){SYX_FMT_S16, rate, 1, samples}, options, &b->err);
}

void bound_close(bound *b) { fake_provider_close(b->desc, b->provider); }

syx_status bound_frame(fake_session *s, const int16_t *in, int16_t *out, uint32_t samples, uint32_t rate, syx_result *r) {
    syx_frame from = {.struct_size = SYX_SIZEOF(syx_frame, buf), .format = SYX_FMT_S16, .rate = rate, .channels = 1};
    from.samples = samples;
    from.bytes = samples * 2u;
    from.data = (void *)(uintptr_t)in;
    syx_frame to = from;
    to.data = out;
    r->struct_size = SYX_SIZEOF(syx_result, pts);
    return s->vt->process(s->session, &from, out ? &to : NULL, r);
}

int toy_number(const char *function) {
    char path[600];
    snprintf(path, sizeof path, "%s/libtoy.so", work_dir);
    void *library = dlopen(path, RTLD_NOW);
    int (*found)(void) = NULL;
    if (library) *(void **)&found = dlsym(library, function);
    return found ? found() : -1;
}
