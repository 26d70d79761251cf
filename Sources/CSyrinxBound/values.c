/* SPDX-License-Identifier: Apache-2.0
 *
 * What may stand as an argument: numbers, texts, null, "$names", "@callbacks", and {"i32": value} for its address. */
#include <stdlib.h>

#include "reader.h"
#include "types.h"

/* What a reader of one value needs. */
typedef struct {
    reader *r;
    const place *at;
    bound_type wanted;
    bound_phase phase;
    const bound_callback *callback;
    bound_value *out;
} value_reader;

#define REFUSE_VALUE(v, ...) refuse((v)->r, "plugin.bind.signature", (v)->at, __VA_ARGS__)
#define INVALID_VALUE(v, ...) refuse((v)->r, "plugin.bind.invalid", (v)->at, __VA_ARGS__)
#define UNKNOWN_VALUE(v, ...) refuse((v)->r, "plugin.bind.unknown_name", (v)->at, __VA_ARGS__)

static const char *wanted_name(const value_reader *v) {
    return v->wanted.handle ? v->wanted.handle : bound_base_name(v->wanted.base);
}

static bool in_session(bound_phase phase) { return phase >= BOUND_OPEN; }

/* ----------------------------------------------------------------------------------------------------- constants -- */

static bool read_number(value_reader *v, json_t *json) {
    bound_base base = v->wanted.base;
    bound_value *out = v->out;
    out->source = BOUND_CONSTANT;
    if (base == BOUND_F32) return out->constant.f = (float)json_number_value(json), true;
    if (base == BOUND_F64) return out->constant.d = json_number_value(json), true;
    if (!bound_is_integer(base)) return REFUSE_VALUE(v, "a number cannot be a %s", wanted_name(v));
    if (!json_is_integer(json)) return REFUSE_VALUE(v, "%s wants a whole number", wanted_name(v));
    json_int_t number = json_integer_value(json);
    if (number < bound_lowest(base) || number > bound_highest(base))
        return REFUSE_VALUE(v, "%lld does not fit into %s", (long long)number, wanted_name(v));
    return out->constant.i = number, true;
}

static bool read_text_constant(value_reader *v, json_t *json) {
    bool fits = v->wanted.base == BOUND_CSTR || (v->wanted.base == BOUND_PTR && !v->wanted.handle);
    if (!fits) return REFUSE_VALUE(v, "a text cannot be a %s", wanted_name(v));
    if (json_string_length(json) > BOUND_TEXT_BYTES) return REFUSE_VALUE(v, "the text is too long");
    v->out->source = BOUND_CONSTANT;
    v->out->constant.cp = json_string_value(json);
    return true;
}

/* ---------------------------------------------------------------------------------------------------- references -- */

typedef struct {
    const char *name;
    bound_builtin builtin;
    bound_type type;
    bool (*allowed)(const bound_module *m, bound_phase phase);
} builtin_name;

static bool while_processing(const bound_module *m, bound_phase phase) { return (void)m, phase == BOUND_PROCESS; }
static bool while_speaking(const bound_module *m, bound_phase phase) { return (void)m, phase == BOUND_SPEAK; }
static bool while_open(const bound_module *m, bound_phase phase) { return (void)m, in_session(phase); }
static bool has_samples(const bound_module *m, bound_phase phase) {
    if (m->kind == SYX_TTS) return false;
    bool fixed = m->format.frame_ms || m->format.frame_samples;
    return fixed ? in_session(phase) : phase == BOUND_PROCESS;
}

static const builtin_name builtins[] = {
    {"in", BOUND_IN, {BOUND_PTR, NULL}, while_processing},
    {"out", BOUND_OUT, {BOUND_PTR, NULL}, while_processing},
    {"inout", BOUND_INOUT, {BOUND_PTR, NULL}, while_processing},
    {"text", BOUND_TEXT, {BOUND_CSTR, NULL}, while_speaking},
    {"text_bytes", BOUND_TEXT_LENGTH, {BOUND_I32, NULL}, while_speaking},
    {"voice", BOUND_VOICE, {BOUND_CSTR, NULL}, while_speaking},
    {"language", BOUND_LANGUAGE, {BOUND_CSTR, NULL}, while_speaking},
    {"rate", BOUND_RATE, {BOUND_I32, NULL}, while_open},
    {"samples", BOUND_SAMPLES, {BOUND_I32, NULL}, has_samples},
    {"self", BOUND_SELF, {BOUND_PTR, NULL}, while_open},
};
enum { BUILTIN_NAMES = sizeof builtins / sizeof *builtins };

/* Small counts, never negative: any integer of 32 bits or more holds them, a float if it is fixed for the session. */
static bool count_fits(bound_builtin b, bound_base to) {
    if (bound_is_float(to)) return b >= BOUND_MEDIA;
    return to == BOUND_I32 || to == BOUND_U32 || to == BOUND_I64 || to == BOUND_U64;
}

static bool read_builtin(value_reader *v, const builtin_name *b) {
    bound_module *m = v->r->module;
    if (v->callback) return UNKNOWN_VALUE(v, "`$%s` is not known in a callback", b->name);
    if (!b->allowed(m, v->phase)) {
        bool unfixed = b->builtin == BOUND_SAMPLES && m->kind != SYX_TTS;
        return UNKNOWN_VALUE(v, "`$%s` is not known here%s", b->name, unfixed ? "; set format.frame_ms" : "");
    }
    bound_builtin index = b->builtin;
    if (index == BOUND_SAMPLES && !m->format.frame_ms && !m->format.frame_samples) index = BOUND_FRAME_SAMPLES;
    bool fits = b->type.base == BOUND_I32 ? count_fits(index, v->wanted.base) : bound_fits(b->type, v->wanted);
    if (!fits) return REFUSE_VALUE(v, "`$%s` cannot be a %s", b->name, wanted_name(v));
    m->uses[index] = true;
    v->out->source = BOUND_FROM_BUILTIN;
    v->out->index = index;
    return true;
}

static bool read_argument(value_reader *v, const char *digits) {
    char *end = NULL;
    unsigned long n = strtoul(digits, &end, 10);
    if (!v->callback) return UNKNOWN_VALUE(v, "`$%.40s` is known in callbacks only", digits);
    if (*end || n >= v->callback->count)
        return UNKNOWN_VALUE(v, "the callback has no argument `$%.40s`; the first is $0", digits);
    if (!bound_fits(v->callback->args[n], v->wanted))
        return REFUSE_VALUE(v, "`$%lu` is %s, not %s", n, bound_base_name(v->callback->args[n].base), wanted_name(v));
    v->out->source = BOUND_FROM_ARGUMENT;
    v->out->index = (unsigned)n;
    return true;
}

static const char *variable_at(const void *module, size_t index) {
    static const char *const others[] = {"config.", "options."};
    const bound_module *m = module;
    if (index < BUILTIN_NAMES) return builtins[index].name;
    index -= BUILTIN_NAMES;
    return index < m->variable_count ? m->variables[index].name : others[index - m->variable_count];
}

static bool read_variable(value_reader *v, const char *name, bool by_pointer) {
    bound_module *m = v->r->module;
    for (unsigned i = 0; i < m->variable_count; i++) {
        const bound_variable *variable = &m->variables[i];
        if (strcmp(variable->name, name) != 0) continue;
        bool visible = variable->scope <= (in_session(v->phase)           ? BOUND_SESSION
                                           : v->phase == BOUND_SETUP ? BOUND_LIBRARY
                                                                          : BOUND_PROVIDER);
        if (!visible) return UNKNOWN_VALUE(v, "`$%s` belongs to a session and is not known here", name);
        bool same = variable->type.base == v->wanted.base &&
                    (!v->wanted.handle || v->wanted.handle == variable->type.handle);
        bool pointers = !by_pointer && bound_is_pointer(v->wanted.base);
        if (pointers ? !bound_fits(variable->type, v->wanted) : !same)
            return REFUSE_VALUE(v, "`$%s` is %s, not %s", name,
                                variable->type.handle ? variable->type.handle : bound_base_name(variable->type.base),
                                wanted_name(v));
        v->out->source = BOUND_FROM_VARIABLE;
        v->out->variable = variable;
        return true;
    }
    const char *meant = nearest(name, m, BUILTIN_NAMES + m->variable_count + 2, variable_at);
    if (meant) return UNKNOWN_VALUE(v, "nothing is called `$%.80s`; did you mean `$%s`?", name, meant);
    return UNKNOWN_VALUE(v, "nothing is called `$%.80s`; a variable comes from an earlier \"into\"", name);
}

static bool read_option(value_reader *v, const char *name, bool session) {
    if (v->callback || v->phase == BOUND_SETUP || (session && !in_session(v->phase)))
        return UNKNOWN_VALUE(v, "`$%s` is not known here", session ? "options" : "config");
    int index = find_option(v->r, v->at, session, name, v->wanted);
    v->out->source = session ? BOUND_FROM_OPTION : BOUND_FROM_CONFIG;
    v->out->index = (unsigned)index;
    return index >= 0;
}

static bool read_reference(value_reader *v, const char *name, bool by_pointer) {
    if (name[0] >= '0' && name[0] <= '9') return read_argument(v, name);
    if (strncmp(name, "config.", 7) == 0) return read_option(v, name + 7, false);
    if (strncmp(name, "options.", 8) == 0) return read_option(v, name + 8, true);
    for (size_t i = 0; i < BUILTIN_NAMES; i++)
        if (strcmp(builtins[i].name, name) == 0) return read_builtin(v, &builtins[i]);
    return read_variable(v, name, by_pointer);
}

static const char *callback_at(const void *module, size_t index) {
    return ((const bound_module *)module)->callbacks[index].name;
}

static bool read_callback_name(value_reader *v, const char *name) {
    bound_module *m = v->r->module;
    if (v->wanted.base != BOUND_PTR || v->wanted.handle)
        return REFUSE_VALUE(v, "a callback cannot be a %s", wanted_name(v));
    for (unsigned i = 0; i < m->callback_count; i++) {
        if (strcmp(m->callbacks[i].name, name) != 0) continue;
        bool shared = !in_session(v->phase) && m->callbacks[i].self < 0;
        if (shared && !m->global_state)
            return INVALID_VALUE(v, "`@%s` is given to the whole library, so it cannot tell sessions apart: name its "
                           "\"self\" argument, or set \"global_state\": true", name);
        if (in_session(v->phase))
            m->callbacks[i].of_session = true;
        else
            m->callbacks[i].of_library = true;
        v->out->source = BOUND_FROM_CALLBACK;
        v->out->index = i;
        return true;
    }
    const char *meant = nearest(name, m, m->callback_count, callback_at);
    if (meant) return UNKNOWN_VALUE(v, "there is no callback `%.80s`; did you mean `@%s`?", name, meant);
    return UNKNOWN_VALUE(v, "there is no callback `%.80s`", name);
}

/* --------------------------------------------------------------------------------------------------------- values -- */

static bool read_plain(value_reader *v, json_t *json, bool by_pointer) {
    const char *text = json_string_value(json);
    if (json_is_number(json)) return read_number(v, json);
    if (text && text[0] == '$') return read_reference(v, text + 1, by_pointer);
    if (text && text[0] == '@') return read_callback_name(v, text + 1);
    if (text) return read_text_constant(v, json);
    v->out->source = BOUND_CONSTANT;
    if (json_is_boolean(json)) {
        v->out->constant.u = json_is_true(json);
        return bound_is_integer(v->wanted.base) ? true : REFUSE_VALUE(v, "true or false cannot be a %s", wanted_name(v));
    }
    if (json_is_null(json))
        return bound_is_pointer(v->wanted.base) ? true : REFUSE_VALUE(v, "null cannot be a %s", wanted_name(v));
    return INVALID_VALUE(v, "is no value");
}

/* {"i32": x}: the function gets a pointer to x. */
static bool read_address(value_reader *v, json_t *json) {
    if (v->callback) return INVALID_VALUE(v, "a callback's event takes plain values");
    if (v->wanted.base != BOUND_PTR || v->wanted.handle)
        return REFUSE_VALUE(v, "the address of a value cannot be a %s", wanted_name(v));
    if (json_object_size(json) != 1) return INVALID_VALUE(v, "must be one type and its value, such as {\"i32\": 1}");
    const char *name = json_object_iter_key(json_object_iter(json));
    json_t *inner = json_object_get(json, name), *type = json_string(name);
    if (!type) return out_of_memory(v->r);
    place here = place_key(v->at, name);
    bool known = read_type(v->r, v->at, type, &v->wanted);
    json_decref(type);
    if (!known) return false;
    if (v->wanted.base == BOUND_VOID) return INVALID_VALUE(v, "void is no value");
    v->at = &here;
    v->out->by_pointer = true;
    v->out->type = v->wanted;
    if (json_is_object(inner) || json_is_array(inner)) return INVALID_VALUE(v, "is no value");
    return read_plain(v, inner, true);
}

bool read_value(reader *r, const place *at, json_t *json, bound_type wanted, bound_phase phase,
                const bound_callback *callback, bound_value *out) {
    value_reader v = {r, at, wanted, phase, callback, out};
    out->type = wanted;
    if (!json) return INVALID(at, "is missing");
    return json_is_object(json) ? read_address(&v, json) : read_plain(&v, json, false);
}
