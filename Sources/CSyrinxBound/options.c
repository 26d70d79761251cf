/* SPDX-License-Identifier: Apache-2.0
 *
 * Which properties of the two schemas arguments are taken from, and whether they can hold them. */
#include "reader.h"
#include "types.h"

json_t *config_schema(const bound_module *m) { return json_object_get(m->bind, "config_schema"); }
json_t *session_schema(const bound_module *m) { return json_object_get(m->bind, "session_schema"); }

static json_t *property(json_t *schema, const char *name) {
    return json_object_get(json_object_get(schema, "properties"), name);
}

/* True when the host always gives the property: it fills in defaults and refuses what lacks required ones. */
static bool always_given(json_t *schema, const char *name) {
    if (json_object_get(property(schema, name), "default")) return true;
    json_t *required = json_object_get(schema, "required"), *item;
    size_t i;
    json_array_foreach(required, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), name) == 0) return true;
    }
    return false;
}

bool read_schema(reader *r, const place *at, json_t *schema) {
    if (!schema) return true;
    if (!need_object(r, at, schema, 64)) return false;
    place here = place_key(at, "type");
    const char *type = json_string_value(member(schema, "type"));
    if (!type || strcmp(type, "object") != 0) return INVALID(&here, "must be \"object\"");
    here = place_key(at, "properties");
    json_t *properties = member(schema, "properties"), *value;
    const char *key;
    if (!properties) return true;
    if (!need_object(r, &here, properties, BOUND_OPTIONS)) return false;
    json_object_foreach(properties, key, value) {
        place item = place_key(&here, key);
        if (!need_object(r, &item, value, 32)) return false;
    }
    return true;
}

/* How a property of this schema type serves an argument; -1 when it cannot. */
static int kind_for(const char *schema_type, bound_type type) {
    if (!schema_type) return -1;
    bool text = type.base == BOUND_CSTR || (type.base == BOUND_PTR && !type.handle);
    if (strcmp(schema_type, "integer") == 0)
        return bound_is_integer(type.base) ? BOUND_WHOLE : bound_is_float(type.base) ? BOUND_NUMBER : -1;
    if (strcmp(schema_type, "number") == 0) return bound_is_float(type.base) ? BOUND_NUMBER : -1;
    if (strcmp(schema_type, "boolean") == 0) return bound_is_integer(type.base) ? BOUND_FLAG : -1;
    if (strcmp(schema_type, "string") == 0) return text ? BOUND_WORDS : -1;
    return -1;
}

static const char *key_at(const void *object, size_t index) {
    void *iter = json_object_iter((json_t *)(uintptr_t)object);
    while (index-- > 0) iter = json_object_iter_next((json_t *)(uintptr_t)object, iter);
    return json_object_iter_key(iter);
}

static int unknown_option(reader *r, const place *at, json_t *properties, const char *list, const char *name) {
    const char *meant = nearest(name, properties, json_object_size(properties), key_at);
    if (meant)
        UNKNOWN(at, "%s has no property `%.80s`; did you mean `%s`?", list, name, meant);
    else
        UNKNOWN(at, "%s has no property `%.80s`", list, name);
    return -1;
}

/* Finds or adds the option. Two arguments may take the same property as different kinds. */
static int place_option(bound_option *list, unsigned *count, const char *name, bound_option_kind kind) {
    for (unsigned i = 0; i < *count; i++)
        if (strcmp(list[i].name, name) == 0 && list[i].kind == kind) return (int)i;
    if (*count == BOUND_OPTIONS) return -1;
    list[*count] = (bound_option){name, kind, INT64_MIN, INT64_MAX, -1, NULL};
    return (int)(*count)++;
}

static void narrow(bound_option *option, bound_type type) {
    if (option->kind != BOUND_WHOLE) return;
    if (bound_lowest(type.base) > option->low) option->low = bound_lowest(type.base);
    if (bound_highest(type.base) < option->high) option->high = bound_highest(type.base);
}

int find_option(reader *r, const place *at, bool session, const char *name, bound_type type) {
    bound_module *m = r->module;
    json_t *schema = session ? session_schema(m) : config_schema(m);
    const char *list = session ? "session_schema" : "config_schema";
    json_t *found = property(schema, name);
    if (!found) return unknown_option(r, at, json_object_get(schema, "properties"), list, name);
    const char *schema_type = json_string_value(json_object_get(found, "type"));
    int kind = kind_for(schema_type, type);
    if (kind < 0)
        return refuse(r, "plugin.bind.signature", at, "`%.80s` is %s in %s and cannot be a %s", name,
                      schema_type ? schema_type : "of no type", list, bound_base_name(type.base)), -1;
    /* A session's option that is not given falls back to the provider's of the same name. */
    bool given = always_given(schema, name);
    int config = session && !given && property(config_schema(m), name) ? find_option(r, at, false, name, type) : -1;
    if (!given && config < 0 && (!session || !property(config_schema(m), name)))
        return INVALID(at, "`%.80s` may be absent: give it a \"default\" in %s, or list it under \"required\"", name,
                       list), -1;
    if (!given && config < 0) return -1;
    int index = session ? place_option(m->options, &m->option_count, name, (bound_option_kind)kind)
                        : place_option(m->config, &m->config_count, name, (bound_option_kind)kind);
    if (index < 0) return INVALID(at, "there are more than %d options", BOUND_OPTIONS), -1;
    bound_option *option = session ? &m->options[index] : &m->config[index];
    option->config = config;
    option->preset = json_object_get(found, "default");
    narrow(option, type);
    return index;
}
