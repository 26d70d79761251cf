/* SPDX-License-Identifier: Apache-2.0 */
#include "spec.h"

#include <stdlib.h>

static const struct {
    spec_kind kind;
    const char *name;
    char opening;
} options_table[] = {
    {SPEC_HINTS, "hints", '['},
    {SPEC_GRAMMAR, "grammar", '"'},
    {SPEC_KEYPHRASES, "keyphrases", '['},
};

bool spec_equal(const spec *a, const spec *b) {
    if (a->kind != b->kind) return false;
    return a->kind == SPEC_GENERAL || strcmp(a->json, b->json) == 0;
}

bool spec_copy(const spec *from, spec *to) {
    *to = (spec){.kind = from->kind, .json = from->json ? strdup(from->json) : NULL};
    return !from->json || to->json;
}

void spec_free(spec *s) {
    free(s->json);
    *s = (spec){0};
}

/* An empty list or text is the same as none, so that a form's blank field means "everything". */
static bool is_blank(syx_str value) {
    size_t inside = 0;
    for (size_t i = 1; i + 1 < value.len; i++) inside += (unsigned char)value.ptr[i] > ' ';
    return inside == 0;
}

syx_status spec_read(syx_str options, const spec *fallback, spec *out, syx_err *err) {
    *out = (spec){0};
    if (!syx_options_ok(options)) return syx_fail(err, SYX_EINVAL, "pocketsphinx: options are not a JSON object");
    syx_str found = {NULL, 0}, value;
    spec_kind kind = SPEC_GENERAL;
    for (size_t i = 0; i < sizeof options_table / sizeof *options_table; i++) {
        const char *name = options_table[i].name;
        if (!syx_json_field(options, name, &value) || is_blank(value)) continue;
        if (found.ptr) return syx_fail(err, SYX_EINVAL, "pocketsphinx: give one of hints, grammar and keyphrases");
        if (!syx_json_is(value, options_table[i].opening) || value.len > SPEC_BYTES)
            return syx_fail(err, SYX_EINVAL, "pocketsphinx: %s has the wrong type or is over 64 KiB", name);
        found = value;
        kind = options_table[i].kind;
    }
    bool ok = found.ptr ? (out->json = strndup(found.ptr, found.len)) != NULL : spec_copy(fallback, out);
    if (found.ptr) out->kind = kind;
    return ok ? SYX_OK : syx_fail(err, SYX_ENOMEM, "pocketsphinx: out of memory");
}
