/* SPDX-License-Identifier: Apache-2.0
 *
 * The phases of a manifest: lists of calls, and of events to emit. */
#include <stdlib.h>

#include "reader.h"
#include "types.h"

static const char *function_at(const void *module, size_t index) {
    return ((const bound_module *)module)->functions[index].name;
}

static const bound_function *find_function(reader *r, const place *at, const char *name) {
    bound_module *m = r->module;
    for (unsigned i = 0; i < m->function_count; i++)
        if (strcmp(m->functions[i].name, name) == 0) return &m->functions[i];
    const char *meant = nearest(name, m, m->function_count, function_at);
    if (meant)
        UNKNOWN(at, "there is no function `%.80s`; did you mean `%s`?", name, meant);
    else
        UNKNOWN(at, "there is no function `%.80s`; list it under \"functions\"", name);
    return NULL;
}

static bound_scope scope_of(bound_phase phase) {
    return phase == BOUND_SETUP ? BOUND_LIBRARY : phase >= BOUND_OPEN ? BOUND_SESSION : BOUND_PROVIDER;
}

/* "into": a new variable, or one of the same type that is there already. */
static bool read_into(reader *r, const place *at, json_t *object, bound_phase phase, bound_op *op) {
    const char *name = NULL;
    bound_module *m = r->module;
    place here = place_key(at, "into");
    if (!get_text(r, at, object, "into", false, &name)) return false;
    if (!name) return true;
    if (!is_name(name)) return INVALID(&here, "`%.80s` is no name: letters, digits and `_`, at most 40", name);
    bound_type type = op->function->returns;
    if (type.base == BOUND_VOID) return INVALID(&here, "`%s` returns nothing", op->function->name);
    for (unsigned i = 0; i < m->variable_count; i++) {
        bound_variable *v = &m->variables[i];
        if (strcmp(v->name, name) != 0) continue;
        bool same = v->type.base == type.base && v->type.handle == type.handle && v->scope == scope_of(phase);
        if (!same) return INVALID(&here, "`%s` is a variable of another type or phase already", name);
        return op->into = v, true;
    }
    if (m->variable_count == BOUND_VARIABLES) return INVALID(&here, "there are more than %d variables", BOUND_VARIABLES);
    bound_variable *v = &m->variables[m->variable_count++];
    *v = (bound_variable){name, type, scope_of(phase), m->scope_slots[scope_of(phase)]++};
    op->into = v;
    return true;
}

static bool read_fail_if(reader *r, const place *at, json_t *object, bound_op *op) {
    static const char *const words[] = {"never", "null", "negative", "nonzero", "zero", NULL};
    place here = place_key(at, "fail_if");
    int choice = get_choice(r, at, object, "fail_if", words, BOUND_NEVER);
    if (choice < 0) return false;
    bound_base base = op->function->returns.base;
    op->fail = (bound_fail)choice;
    if (op->fail == BOUND_IF_NULL && !bound_is_pointer(base)) return INVALID(&here, "`null` wants a pointer");
    if (op->fail == BOUND_IF_NEGATIVE && !bound_is_signed(base)) return INVALID(&here, "`negative` wants a signed number");
    if (op->fail >= BOUND_IF_NONZERO && !bound_is_integer(base)) return INVALID(&here, "wants a whole number");
    if (!get_text(r, at, object, "message", false, &op->message)) return false;
    here = place_key(at, "message");
    if (op->message && !op->fail) return INVALID(&here, "is said when \"fail_if\" comes true, which is missing");
    return true;
}

static bool read_call(reader *r, const place *at, json_t *object, bound_phase phase, bound_op *op) {
    static const char *const keys[] = {"call", "args", "into", "fail_if", "message", NULL};
    const char *name = NULL;
    if (!only_keys(r, at, object, keys) || !get_text(r, at, object, "call", true, &name)) return false;
    place here = place_key(at, "call"), list = place_key(at, "args");
    op->kind = BOUND_CALL;
    op->function = find_function(r, &here, name);
    if (!op->function) return false;
    json_t *args = member(object, "args");
    size_t given = json_array_size(args);
    if (args && !need_array(r, &list, args, BOUND_ARGS)) return false;
    if (given != op->function->count)
        return refuse(r, "plugin.bind.signature", &list, "`%s` takes %u arguments, not %zu", name, op->function->count,
                      given);
    for (size_t i = 0; i < given; i++) {
        place item = place_index(&list, i);
        if (!read_value(r, &item, json_array_get(args, i), op->function->args[i], phase, NULL, &op->args[i])) return false;
    }
    return read_into(r, at, object, phase, op) && read_fail_if(r, at, object, op);
}

/* ------------------------------------------------------------------------------------------------------ emissions -- */

static bool read_field(reader *r, const place *at, json_t *object, const char *key, bound_type type, bound_phase phase,
                       const bound_callback *callback, bound_value *out) {
    place here = place_key(at, key);
    json_t *value = member(object, key);
    /* A count may have any integer type: what the library gives decides. */
    const char *text = json_string_value(value);
    if (bound_is_integer(type.base) && callback && text && text[0] == '$' && text[1] >= '0' && text[1] <= '9') {
        unsigned long n = strtoul(text + 1, NULL, 10);
        if (n < callback->count && bound_is_integer(callback->args[n].base)) type = callback->args[n];
    }
    return read_value(r, &here, value, type, phase, callback, out);
}

static bool read_audio(reader *r, const place *at, json_t *object, bound_phase phase, const bound_callback *callback,
                       bound_op *op) {
    static const char *const keys[] = {"emit", "data", "samples", NULL};
    const bound_type pointer = {BOUND_PTR, NULL}, count = {BOUND_I64, NULL};
    op->kind = BOUND_EMIT_AUDIO;
    return only_keys(r, at, object, keys) && read_field(r, at, object, "data", pointer, phase, callback, &op->args[0]) &&
           read_field(r, at, object, "samples", count, phase, callback, &op->args[1]);
}

static bool read_mark(reader *r, const place *at, json_t *object, bound_phase phase, const bound_callback *callback,
                      bound_op *op) {
    static const char *const keys[] = {"emit", "byte", "char", "sample", "ms", NULL};
    const bound_type number = {BOUND_I64, NULL};
    op->kind = BOUND_EMIT_MARK;
    op->chars = member(object, "char") != NULL;
    op->ms = member(object, "ms") != NULL;
    if (!only_keys(r, at, object, keys)) return false;
    if (op->chars && member(object, "byte")) return INVALID(at, "has both \"byte\" and \"char\"");
    if (op->ms && member(object, "sample")) return INVALID(at, "has both \"sample\" and \"ms\"");
    return read_field(r, at, object, op->chars ? "char" : "byte", number, phase, callback, &op->args[0]) &&
           read_field(r, at, object, op->ms ? "ms" : "sample", number, phase, callback, &op->args[1]);
}

static bool read_emit(reader *r, const place *at, json_t *object, bound_phase phase, const bound_callback *callback,
                      bound_op *op) {
    static const char *const words[] = {"AUDIO_OUT", "MARK", NULL};
    if (r->module->kind != SYX_TTS) return INVALID(at, "only a tts emits audio");
    if (!callback && phase != BOUND_SPEAK) return INVALID(at, "audio is emitted in \"speak\" or in a callback");
    int choice = get_choice(r, at, object, "emit", words, -1);
    if (choice < 0) return false;
    return choice == 0 ? read_audio(r, at, object, phase, callback, op) : read_mark(r, at, object, phase, callback, op);
}

/* ------------------------------------------------------------------------------------------------------- programs -- */

static bool read_ops(reader *r, const place *at, json_t *array, bound_phase phase, const bound_callback *callback,
                     bound_program *out) {
    if (!need_array(r, at, array, BOUND_OPS)) return false;
    out->ops = bound_keep(r->module, (json_array_size(array) + 1) * sizeof *out->ops);
    if (!out->ops) return out_of_memory(r);
    for (size_t i = 0; i < json_array_size(array); i++) {
        place here = place_index(at, i);
        json_t *object = json_array_get(array, i);
        bound_op *op = &out->ops[out->count++];
        if (!need_object(r, &here, object, 8)) return false;
        bool emit = member(object, "emit") != NULL;
        if (!emit && callback) return INVALID(&here, "a callback emits; it must have \"emit\"");
        bool ok = emit ? read_emit(r, &here, object, phase, callback, op) : read_call(r, &here, object, phase, op);
        if (!ok) return false;
    }
    return true;
}

bool read_program(reader *r, const place *at, json_t *array, bound_phase phase) {
    return !array || read_ops(r, at, array, phase, NULL, &r->module->programs[phase]);
}

bool read_callback_programs(reader *r, const place *at, json_t *object) {
    for (unsigned i = 0; i < r->module->callback_count; i++) {
        bound_callback *c = &r->module->callbacks[i];
        place here = place_key(at, c->name), list = place_key(&here, "on");
        json_t *on = member(member(object, c->name), "on");
        if (on && !read_ops(r, &list, on, BOUND_SPEAK, c, &c->on)) return false;
    }
    return true;
}
