/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds for every plugin: its exports, its tables, its manifest. */
#include "check.h"
#include "syrinx_json.h"

static const char *const ids[] = {"energy-vad", "webrtc-apm", "speexdsp", "flite", "espeak-ng", "pocketsphinx", "silero-vad",
                                  "smart-turn", "my-vad"};

static void exports(const char *path) {
    char command[700], line[256], last[256] = "";
    snprintf(command, sizeof command, "nm -D --defined-only '%s'", path);
    FILE *nm = popen(command, "r");
    int count = 0;
    while (nm && fgets(line, sizeof line, nm)) {
        count++;
        snprintf(last, sizeof last, "%s", line);
    }
    if (nm) pclose(nm);
    CHECK(count == 1 && strstr(last, "syrinx_plugin_entry_1"), "%s exports the entry alone (%d symbols)", path, count);
}

static char *read_all(const char *path) {
    char *text = calloc(1, 65536);
    FILE *f = fopen(path, "r");
    if (f && fread(text, 1, 65535, f) == 0) text[0] = 0;
    if (f) fclose(f);
    return text;
}

static void manifest(const char *id) {
    char path[512], text[128] = "";
    snprintf(path, sizeof path, "%s/%s/plugin.json", plugins_dir, id);
    char *json = read_all(path);
    CHECK(syx_json_valid(syx_cstr(json)), "%s is JSON", path);
    syx_opt_string(syx_cstr(json), "id", text, sizeof text);
    CHECK(strcmp(text, id) == 0, "%s: its id is its folder's name", path);
    free(json);
}

static void descriptor(const syx_plugin_desc *d) {
    CHECK(syx_json_valid(syx_cstr(d->config_schema)), "%s: config_schema is JSON", d->id);
    CHECK(!d->session_schema || syx_json_valid(syx_cstr(d->session_schema)), "%s: session_schema is JSON", d->id);
    CHECK(syx_json_valid(syx_cstr(d->caps_json)), "%s: caps_json is JSON", d->id);
    bool sound = d->kind == SYX_VAD || d->kind == SYX_FILTER;
    CHECK(d->vt->open && d->vt->close && d->vt->session_open && d->vt->session_close && d->vt->handle,
          "%s has the functions every kind needs", d->id);
    CHECK(sound ? d->vt->process != NULL : d->vt->cancel != NULL, "%s has the functions its kind needs", d->id);
}

void test_modules(void) {
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char path[512];
        const syx_module *m = fake_load(plugins_dir, ids[i], path, sizeof path);
        CHECK(m->magic == SYX_MAGIC && m->abi_major == SYX_ABI_MAJOR, "%s: magic and major", ids[i]);
        CHECK(m == fake_load(plugins_dir, ids[i], path, sizeof path), "%s: the entry is pure", ids[i]);
        for (uint32_t k = 0; k < m->n_plugins; k++) descriptor(m->plugins[k]);
        exports(path);
        manifest(ids[i]);
    }
}
