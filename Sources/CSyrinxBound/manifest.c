/* SPDX-License-Identifier: Apache-2.0
 *
 * bind.json and plugin.json as a whole, and the module that comes out. */
#include <errno.h>
#include <stdlib.h>

#include "reader.h"

static const char *const top_keys[] = {
    "bind",      "library",       "header",         "kind",    "id",      "types",        "functions",
    "callbacks", "variables",     "format",         "setup",   "open",    "provider_open", "provider_close",
    "process",   "speak",         "update",         "close",   "result",  "voices",       "global_state",
    "realtime",  "max_sessions",  "config_schema",  "session_schema",     "capabilities", "$schema",
    NULL};

static const char *const phase_keys[BOUND_PROGRAMS] = {"setup",   "provider_open", "provider_close", "open",
                                                       "process", "speak",         "update",         "close"};

/* ---------------------------------------------------------------------------------------------------------- files -- */

static json_t *read_file(reader *r, const char *path) {
    char *text = malloc(BOUND_FILE_BYTES + 1);
    FILE *file = text ? fopen(path, "rbe") : NULL;
    size_t size = file ? fread(text, 1, BOUND_FILE_BYTES + 1, file) : 0;
    int problem = !text ? ENOMEM : !file ? errno : ferror(file) ? EIO : 0;
    if (file) fclose(file);
    json_t *json = NULL;
    json_error_t why;
    r->file = path;
    if (problem)
        refuse(r, "plugin.bind.unreadable", NULL, "the file cannot be read: %s", strerror(problem));
    else if (size > BOUND_FILE_BYTES)
        refuse(r, "plugin.bind.unreadable", NULL, "the file is larger than %d KiB", BOUND_FILE_BYTES / 1024);
    else if (!(json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why)))
        refuse(r, "plugin.bind.json", NULL, "line %d, column %d: %.160s", why.line, why.column, why.text);
    free(text);
    return json;
}

/* The folder of a file: what stands before the last slash. */
static char *folder_of(bound_module *m, const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = bound_keep_text(m, slash ? path : ".");
    if (folder && slash) folder[slash == path ? 1 : slash - path] = 0;
    return folder;
}

static bool read_files(reader *r, const char *path, const char *folder) {
    bound_module *m = r->module;
    m->file = bound_keep_text(m, path);
    m->folder = folder ? bound_keep_text(m, folder) : folder_of(m, path);
    size_t size = m->folder ? strlen(m->folder) + sizeof "/plugin.json" : 0;
    char *manifest = m->folder ? bound_keep(m, size) : NULL;
    if (!m->file || !manifest) return out_of_memory(r);
    snprintf(manifest, size, "%s/plugin.json", m->folder);
    m->manifest = read_file(r, manifest);
    if (!m->manifest) return false;
    m->bind = read_file(r, m->file);
    return m->bind != NULL;
}

/* ------------------------------------------------------------------------------------------------------- identity -- */

static bool is_id(const char *text) {
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return text[0] >= 'a' && text[0] <= 'z' && text[n] == 0 && n <= 64;
}

static bool read_kind(reader *r, const place *at) {
    static const char *const words[] = {"filter", "vad", "tts", NULL};
    static const syx_kind kinds[] = {SYX_FILTER, SYX_VAD, SYX_TTS};
    int choice = get_choice(r, at, r->module->bind, "kind", words, -1);
    if (choice < 0) return false;
    r->module->kind = kinds[choice];
    const char *id = NULL;
    if (!get_text(r, at, r->module->bind, "id", true, &id)) return false;
    place here = place_key(at, "id");
    r->module->descriptor.id = id;
    if (is_id(id)) return true;
    return INVALID(&here, "`%.80s` is no id: lower-case letters, digits, `-` and `_`, at most 64", id);
}

/* plugin.json repeats kind and id, and has what people read. */
static bool read_manifest(reader *r) {
    static const char *const names[] = {[SYX_FILTER] = "filter", [SYX_VAD] = "vad", [SYX_TTS] = "tts"};
    bound_module *m = r->module;
    syx_plugin_desc *d = &m->descriptor;
    json_t *provides = json_object_get(m->manifest, "provides"), *only = json_array_get(provides, 0);
    const char *kind = json_string_value(json_object_get(only, "kind")), *id = json_string_value(json_object_get(only, "id"));
    d->version = json_string_value(json_object_get(m->manifest, "version"));
    d->name = json_string_value(json_object_get(m->manifest, "name"));
    d->license = json_string_value(json_object_get(m->manifest, "license"));
    if (!d->version) return refuse(r, "plugin.bind.mismatch", NULL, "plugin.json has no version");
    if (!d->name) d->name = d->id;
    if (!d->license) d->license = "";
    d->vendor = "";
    bool same = json_array_size(provides) == 1 && kind && id && strcmp(kind, names[m->kind]) == 0 && strcmp(id, d->id) == 0;
    return same ? true
                : refuse(r, "plugin.bind.mismatch", NULL, "plugin.json must provide exactly the %s `%.64s` of bind.json",
                         names[m->kind], d->id);
}

/* ---------------------------------------------------------------------------------------------------------- phases -- */

static bool check_phases(reader *r, const place *at) {
    bound_module *m = r->module;
    const char *needed = m->kind == SYX_TTS ? "speak" : "process", *foreign = m->kind == SYX_TTS ? "process" : "speak";
    place here = place_key(at, needed);
    if (!member(m->bind, needed)) return INVALID(&here, "is missing: what does the library do?");
    here = place_key(at, foreign);
    if (member(m->bind, foreign)) return INVALID(&here, "belongs to another kind");
    here = place_key(at, "update");
    if (member(m->bind, "update") && m->kind == SYX_TTS)
        return INVALID(&here, "a tts takes new options with its next \"speak\"");
    bool instances = member(m->bind, "open") || member(m->bind, "close");
    here = place_key(at, "open");
    if (instances && m->global_state && m->kind == SYX_TTS)
        return INVALID(&here, "a library with one state for the process is opened in \"setup\"");
    return true;
}

static bool read_programs(reader *r, const place *at) {
    /* Variables come to be in this order; what is opened first is closed last. */
    static const bound_phase order[BOUND_PROGRAMS] = {BOUND_SETUP, BOUND_PROVIDER_OPEN, BOUND_OPEN,  BOUND_PROCESS,
                                                      BOUND_SPEAK, BOUND_UPDATE,        BOUND_CLOSE, BOUND_PROVIDER_CLOSE};
    for (size_t i = 0; i < BOUND_PROGRAMS; i++) {
        place here = place_key(at, phase_keys[order[i]]);
        if (!read_program(r, &here, member(r->module->bind, here.key), order[i])) return false;
    }
    return true;
}

static bool check_audio_path(reader *r, const place *at) {
    const bool *uses = r->module->uses;
    place here = place_key(at, "process");
    if (r->module->kind == SYX_TTS) return true;
    if (uses[BOUND_INOUT] && (uses[BOUND_IN] || uses[BOUND_OUT]))
        return INVALID(&here, "uses `$inout` beside `$in` or `$out`; one of the two ways is enough");
    if (!uses[BOUND_INOUT] && !uses[BOUND_IN]) return INVALID(&here, "never takes the audio: use `$inout` or `$in`");
    bool writes = uses[BOUND_INOUT] || uses[BOUND_OUT];
    if (r->module->kind == SYX_FILTER && !writes) return INVALID(&here, "a filter writes `$out` or `$inout`");
    if (r->module->kind == SYX_VAD && uses[BOUND_OUT]) return INVALID(&here, "a vad writes no audio");
    return true;
}

static bool read_bind(reader *r) {
    bound_module *m = r->module;
    const place *top = NULL;
    int64_t version = 0;
    if (!need_object(r, top, m->bind, 64) || !only_keys(r, top, m->bind, top_keys)) return false;
    place here = place_key(top, "bind");
    if (!member(m->bind, "bind")) return INVALID(&here, "is missing; write 1");
    if (!get_whole(r, top, m->bind, "bind", 1, 1, &version) || !read_kind(r, top) || !read_manifest(r)) return false;
    if (!get_flag(r, top, m->bind, "global_state", &m->global_state)) return false;
    if (!get_flag(r, top, m->bind, "realtime", &m->realtime) || !check_phases(r, top)) return false;
#define PART(function, key) (here = place_key(top, key), function(r, &here, member(m->bind, key)))
    if (!PART(read_types, "types") || !PART(read_functions, "functions") || !PART(read_callbacks, "callbacks") ||
        !PART(read_variables, "variables") || !PART(read_schema, "config_schema") ||
        !PART(read_schema, "session_schema") || !PART(read_format, "format") || !read_programs(r, top) ||
        !PART(read_callback_programs, "callbacks") || !PART(read_result, "result") || !PART(read_voices, "voices"))
        return false;
#undef PART
    here = place_key(top, "capabilities");
    json_t *extra = member(m->bind, "capabilities");
    if (extra && !need_object(r, &here, extra, 32)) return false;
    return check_audio_path(r, top);
}

/* ---------------------------------------------------------------------------------------------------------- module -- */

static void discard(bound_module *m) {
    json_decref(m->bind);
    json_decref(m->manifest);
    bound_discard(m);
    free(m);
}

static void enlist(bound_module *m) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bound_module *all;
    pthread_mutex_lock(&lock);
    m->next = all;
    all = m;
    pthread_mutex_unlock(&lock);
}

const syrinx_bound_description *syrinx_bound_describe(const char *bind_json_path, const char *folder, const char **code,
                                                      char *error, size_t capacity) {
    const char *unused;
    bound_module *m = calloc(1, sizeof *m);
    reader r = {m, bind_json_path, code ? code : &unused, error, capacity};
    if (!m) return out_of_memory(&r), NULL;
    bool ok = read_files(&r, bind_json_path, folder) && read_bind(&r) && load_library(&r, NULL) && describe_module(&r, NULL);
    if (ok) m->cells = bound_keep(m, (m->scope_slots[BOUND_LIBRARY] + 1) * sizeof *m->cells);
    if (ok && !m->cells) ok = out_of_memory(&r);
    if (!ok) return discard(m), NULL;
    enlist(m);
    return &m->description;
}

const syx_module *syrinx_bound_module_in(const char *bind_json_path, const char *folder, const char **code, char *error,
                                         size_t capacity) {
    const syrinx_bound_description *found = syrinx_bound_describe(bind_json_path, folder, code, error, capacity);
    return found ? found->module : NULL;
}

const syx_module *syrinx_bound_module(const char *bind_json_path, const char **code, char *error, size_t capacity) {
    return syrinx_bound_module_in(bind_json_path, NULL, code, error, capacity);
}
