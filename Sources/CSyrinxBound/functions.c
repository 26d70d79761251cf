/* SPDX-License-Identifier: Apache-2.0
 *
 * The sections "types", "functions", "callbacks" and "variables": names and signatures. */
#include "reader.h"
#include "types.h"

static const char *type_at(const void *module, size_t index) {
    const bound_module *m = module;
    return index < BOUND_BASES ? bound_base_name((bound_base)index) : m->type_names[index - BOUND_BASES];
}

bool read_type(reader *r, const place *at, json_t *value, bound_type *out) {
    const char *name = json_string_value(value);
    if (!name) return INVALID(at, "must be the name of a type");
    bound_base base = bound_base_named(name);
    *out = (bound_type){base, NULL};
    if (base != BOUND_BASES) return true;
    for (unsigned i = 0; i < r->module->type_count; i++)
        if (strcmp(r->module->type_names[i], name) == 0) return *out = r->module->types[i], true;
    const char *meant = nearest(name, r->module, BOUND_BASES + r->module->type_count, type_at);
    if (strcmp(name, "long") == 0 || strcmp(name, "int") == 0)
        return UNKNOWN(at, "`%s` has no fixed size; write i32 or i64", name);
    if (meant) return UNKNOWN(at, "there is no type `%.80s`; did you mean `%s`?", name, meant);
    return UNKNOWN(at, "there is no type `%.80s`; there are i8 to i64, u8 to u64, f32, f64, ptr, cstr, void", name);
}

/* A name for a pointer is a type of its own; a name for anything else is another word for it. */
bool read_types(reader *r, const place *at, json_t *object) {
    if (!object) return true;
    if (!need_object(r, at, object, BOUND_TYPES)) return false;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        place here = place_key(at, key);
        if (!is_name(key)) return INVALID(&here, "`%.80s` is no name: letters, digits and `_`, at most 40", key);
        if (bound_base_named(key) != BOUND_BASES) return INVALID(&here, "`%s` is a type already", key);
        bound_module *m = r->module;
        bound_type type;
        if (!read_type(r, &here, value, &type)) return false;
        if (type.base == BOUND_VOID) return INVALID(&here, "void is no value");
        m->type_names[m->type_count] = key;
        m->types[m->type_count] = (bound_type){type.base, type.base == BOUND_PTR ? key : NULL};
        m->type_count++;
    }
    return true;
}

/* "returns" and "args" of a function or a callback. */
static bool read_signature(reader *r, const place *at, json_t *object, bound_type *returns, bound_type *args,
                           ffi_type **ffi_args, unsigned *count) {
    place where = place_key(at, "returns");
    json_t *list = member(object, "args");
    if (!member(object, "returns")) return INVALID(&where, "is missing; write \"void\" for none");
    if (!read_type(r, &where, member(object, "returns"), returns)) return false;
    where = place_key(at, "args");
    if (!list) return INVALID(&where, "is missing; write [] for none");
    if (!need_array(r, &where, list, BOUND_ARGS)) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        place here = place_index(&where, i);
        if (!read_type(r, &here, json_array_get(list, i), &args[i])) return false;
        if (args[i].base == BOUND_VOID) return INVALID(&here, "an argument cannot be void");
        ffi_args[i] = bound_ffi_type(args[i].base);
        (*count)++;
    }
    return true;
}

/* libffi asks for one caller at a time here. */
static bool prepare(reader *r, const place *at, ffi_cif *cif, unsigned count, bound_base returns, ffi_type **args) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    ffi_status status = ffi_prep_cif(cif, FFI_DEFAULT_ABI, count, bound_ffi_type(returns), args);
    pthread_mutex_unlock(&lock);
    return status == FFI_OK ? true : INVALID(at, "libffi refuses this signature (%d)", (int)status);
}

static bool read_function(reader *r, const place *at, json_t *object, bound_function *f) {
    static const char *const keys[] = {"symbol", "returns", "args", NULL};
    if (!need_object(r, at, object, 8) || !only_keys(r, at, object, keys)) return false;
    if (!get_text(r, at, object, "symbol", true, &f->symbol)) return false;
    return read_signature(r, at, object, &f->returns, f->args, f->ffi_args, &f->count) &&
           prepare(r, at, &f->cif, f->count, f->returns.base, f->ffi_args);
}

bool read_functions(reader *r, const place *at, json_t *object) {
    if (!object) return INVALID(at, "is missing");
    if (!need_object(r, at, object, BOUND_FUNCTIONS)) return false;
    bound_module *m = r->module;
    m->functions = bound_keep(m, json_object_size(object) * sizeof *m->functions);
    if (!m->functions) return out_of_memory(r);
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        place here = place_key(at, key);
        if (!is_name(key)) return INVALID(&here, "`%.80s` is no name: letters, digits and `_`, at most 40", key);
        bound_function *f = &m->functions[m->function_count++];
        f->name = key;
        if (!read_function(r, &here, value, f)) return false;
    }
    return true;
}

/* ----------------------------------------------------------------------------------------------------- callbacks -- */

static bool callback_value(reader *r, const place *at, const bound_callback *c, json_t *value, int64_t *out) {
    if (!json_is_integer(value)) return INVALID(at, "must be a whole number");
    *out = json_integer_value(value);
    if (*out >= bound_lowest(c->returns.base) && *out <= bound_highest(c->returns.base)) return true;
    return INVALID(at, "%lld is no %s", (long long)*out, bound_base_name(c->returns.base));
}

/* "return": 0, or {"if": "$cancelled", "then": 1, "else": 0}. */
static bool read_return(reader *r, const place *at, json_t *value, bound_callback *c) {
    static const char *const keys[] = {"if", "then", "else", NULL};
    if (c->returns.base == BOUND_VOID) return value ? INVALID(at, "the callback returns void") : true;
    if (!bound_is_integer(c->returns.base)) return INVALID(at, "a callback returns void or a whole number");
    if (!value) return INVALID(at, "is missing: what does the callback return?");
    if (!json_is_object(value))
        return callback_value(r, at, c, value, &c->value) && (c->value_cancelled = c->value, true);
    if (!only_keys(r, at, value, keys)) return false;
    place here = place_key(at, "if");
    const char *condition = json_string_value(member(value, "if"));
    if (!condition || strcmp(condition, "$cancelled") != 0) return INVALID(&here, "must be \"$cancelled\"");
    here = place_key(at, "then");
    if (!callback_value(r, &here, c, member(value, "then"), &c->value_cancelled)) return false;
    here = place_key(at, "else");
    return callback_value(r, &here, c, member(value, "else"), &c->value);
}

static bool read_callback(reader *r, const place *at, json_t *object, bound_callback *c) {
    static const char *const keys[] = {"returns", "args", "self", "on", "return", NULL};
    if (!need_object(r, at, object, 8) || !only_keys(r, at, object, keys)) return false;
    if (!read_signature(r, at, object, &c->returns, c->args, c->ffi_args, &c->count)) return false;
    if (!prepare(r, at, &c->cif, c->count, c->returns.base, c->ffi_args)) return false;
    int64_t self = -1;
    place here = place_key(at, "self");
    if (!get_whole(r, at, object, "self", 0, BOUND_ARGS - 1, &self)) return false;
    if (self >= 0 && ((unsigned)self >= c->count || c->args[self].base != BOUND_PTR))
        return INVALID(&here, "argument %d is not a ptr of this callback", (int)self);
    c->self = (int)self;
    here = place_key(at, "return");
    return read_return(r, &here, member(object, "return"), c);
}

bool read_callbacks(reader *r, const place *at, json_t *object) {
    if (!object) return true;
    if (!need_object(r, at, object, BOUND_CALLBACKS)) return false;
    bound_module *m = r->module;
    m->callbacks = bound_keep(m, BOUND_CALLBACKS * sizeof *m->callbacks);
    if (!m->callbacks) return out_of_memory(r);
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        place here = place_key(at, key);
        if (!is_name(key)) return INVALID(&here, "`%.80s` is no name: letters, digits and `_`, at most 40", key);
        bound_callback *c = &m->callbacks[m->callback_count++];
        c->name = key;
        if (!read_callback(r, &here, value, c)) return false;
    }
    return true;
}

/* "variables": names of places that a library writes to through a pointer; zero at first. */
bool read_variables(reader *r, const place *at, json_t *object) {
    if (!object) return true;
    if (!need_object(r, at, object, BOUND_VARIABLES)) return false;
    bound_module *m = r->module;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        place here = place_key(at, key);
        if (!is_name(key)) return INVALID(&here, "`%.80s` is no name: letters, digits and `_`, at most 40", key);
        bound_variable *v = &m->variables[m->variable_count];
        if (!read_type(r, &here, value, &v->type)) return false;
        if (v->type.base == BOUND_VOID) return INVALID(&here, "a variable cannot be void");
        v->name = key;
        v->scope = BOUND_SESSION;
        v->slot = m->scope_slots[BOUND_SESSION]++;
        m->variable_count++;
    }
    return true;
}
