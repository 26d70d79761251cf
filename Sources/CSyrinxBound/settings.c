/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include <stdlib.h>

static bool read_cell(const bound_option *option, const json_t *value, bound_cell *out) {
    switch (option->kind) {
        case BOUND_WHOLE:
            if (!json_is_integer(value)) return false;
            out->i = json_integer_value(value);
            return out->i >= option->low && out->i <= option->high;
        case BOUND_NUMBER:
            if (!json_is_number(value)) return false;
            out->d = json_number_value(value);
            return true;
        case BOUND_FLAG:
            if (!json_is_boolean(value)) return false;
            out->u = json_is_true(value);
            return true;
        case BOUND_WORDS:
            out->cp = json_string_value(value);
            return out->cp != NULL;
    }
    return false;
}

static bool read_all(const bound_module *m, const bound_settings *config, bound_settings *out, syx_err *err) {
    const bound_option *list = config ? m->options : m->config;
    unsigned count = config ? m->option_count : m->config_count;
    for (unsigned i = 0; i < count; i++) {
        const json_t *value = json_object_get(out->json, list[i].name);
        if (!value) value = list[i].preset;
        if (!value && list[i].config >= 0) {
            out->cells[i] = config->cells[list[i].config];
            continue;
        }
        if (!value) return syx_fail(err, SYX_EINVAL, "`%s` is missing", list[i].name), false;
        if (!read_cell(&list[i], value, &out->cells[i]))
            return syx_fail(err, SYX_EINVAL, "`%s` has a value that the library cannot take", list[i].name), false;
    }
    return true;
}

bound_settings *bound_settings_change(const bound_module *m, syx_str text, const bound_settings *config,
                                      const json_t *old, syx_err *err) {
    unsigned count = config ? m->option_count : m->config_count;
    json_t *json = text.len && text.ptr ? json_loadb(text.ptr, text.len, 0, NULL) : json_object();
    bound_settings *s = calloc(1, sizeof *s + count * sizeof *s->cells);
    if (s) s->json = old ? json_deep_copy(old) : json_object();
    bool ok = false;
    if (!json_is_object(json))
        syx_fail(err, SYX_EINVAL, "the options are not a JSON object");
    else if (!s || !s->json || json_object_update(s->json, json) != 0)
        syx_fail(err, SYX_ENOMEM, "out of memory");
    else
        ok = read_all(m, config, s, err);
    json_decref(json);
    if (ok) return s;
    bound_settings_free(s);
    return NULL;
}

bound_settings *bound_settings_read(const bound_module *m, syx_str text, const bound_settings *config, syx_err *err) {
    return bound_settings_change(m, text, config, NULL, err);
}

void bound_settings_free(bound_settings *settings) {
    if (!settings) return;
    json_decref(settings->json);
    free(settings);
}

const char *bound_settings_text(const bound_settings *options, const bound_settings *config, const char *name) {
    const char *text = options ? json_string_value(json_object_get(options->json, name)) : NULL;
    return text ? text : config ? json_string_value(json_object_get(config->json, name)) : NULL;
}
