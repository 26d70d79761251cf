/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void generate(ck *c, const json *root, const json *s, text_out *out, int depth);

/* ------------------------------------------------------------------------------------------------------- faults -- */

static const char *const types[] = {"object", "array", "string", "number", "integer", "boolean", "null"};

static bool known_type(const json *t) {
    for (size_t i = 0; json_is(t, JSON_STRING) && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], t->string) == 0) return true;
    return false;
}

static char fault_text[200];

static const char *fault(const char *place, const char *what) {
    snprintf(fault_text, sizeof fault_text, "at %s: %s", *place ? place : "its root", what);
    return fault_text;
}

static const char *inner_fault(const json *s, const char *place, int depth);

static const char *keyword_fault(const json *k, const char *place, int depth) {
    static const char *const numbers[] = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
                                          "minLength", "maxLength", "minItems", "maxItems"};
    const char *key = k->key, *bad = NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i]) == 0 && k->type != JSON_NUMBER) return fault(place, "a bound that is no number");
    if (strcmp(key, "type") == 0 && k->type != JSON_ARRAY && !known_type(k)) return fault(place, "an unknown type");
    if (strcmp(key, "type") == 0 && k->type == JSON_ARRAY)
        for (const json *t = k->first; t; t = t->next)
            if (!known_type(t)) return fault(place, "an unknown type");
    if (strcmp(key, "enum") == 0 && (k->type != JSON_ARRAY || !k->first)) return fault(place, "an enum that is no list, or empty");
    if (strcmp(key, "required") == 0 && k->type != JSON_ARRAY) return fault(place, "required is no list");
    if (strcmp(key, "pattern") == 0 && k->type != JSON_STRING) return fault(place, "a pattern that is no string");
    if (strcmp(key, "properties") == 0 && k->type != JSON_OBJECT) return fault(place, "properties is no object");
    if (strcmp(key, "properties") == 0 || strcmp(key, "$defs") == 0)
        for (const json *p = k->first; p && !bad; p = p->next) bad = inner_fault(p, p->key, depth - 1);
    if (strcmp(key, "items") == 0) bad = inner_fault(k, place, depth - 1);
    if (strcmp(key, "anyOf") == 0 || strcmp(key, "oneOf") == 0 || strcmp(key, "allOf") == 0) {
        if (k->type != JSON_ARRAY || !k->first) return fault(place, "anyOf, oneOf or allOf is no list");
        for (const json *p = k->first; p && !bad; p = p->next) bad = inner_fault(p, place, depth - 1);
    }
    return bad;
}

static const char *inner_fault(const json *s, const char *place, int depth) {
    if (depth <= 0) return fault(place, "nested too deeply");
    if (s->type == JSON_TRUE || s->type == JSON_FALSE) return NULL;
    if (s->type != JSON_OBJECT) return fault(place, "a schema is an object");
    for (const json *k = s->first; k; k = k->next) {
        const char *bad = keyword_fault(k, place, depth);
        if (bad) return bad;
    }
    return NULL;
}

const char *schema_fault(const json *schema) {
    if (!json_is(schema, JSON_OBJECT)) return fault("", "it is no object");
    const json *type = json_get(schema, "type");
    if (type && strcmp(json_text(schema, "type", ""), "object") != 0) return fault("", "its type is not object");
    return inner_fault(schema, "", 32);
}

/* --------------------------------------------------------------------------------------------------- generating -- */

static const json *resolve(const json *root, const json *s) {
    for (int i = 0; i < 8; i++) {
        const char *ref = json_text(s, "$ref", NULL);
        if (!ref || ref[0] != '#') return s;
        const json *at = root;
        char part[128];
        for (const char *p = ref + 1; *p == '/' && at;) {
            size_t n = strcspn(++p, "/");
            snprintf(part, sizeof part, "%.*s", (int)n, p);
            at = json_get(at, part);
            p += n;
        }
        if (!at) return s;
        s = at;
    }
    return s;
}

static double bound(const json *s, const char *key, double fallback) {
    const json *v = json_get(s, key);
    return json_is(v, JSON_NUMBER) ? v->number : fallback;
}

static void generate_number(ck *c, const json *s, bool whole, text_out *out) {
    double low = bound(s, "minimum", bound(s, "exclusiveMinimum", -1e6)), high = bound(s, "maximum", bound(s, "exclusiveMaximum", fmax(low, 0) + 1e6));
    bool open_low = json_get(s, "exclusiveMinimum") != NULL, open_high = json_get(s, "exclusiveMaximum") != NULL;
    double step = bound(s, "multipleOf", 0);
    uint32_t which = ck_pick(c, 4);
    double part = which == 0 && !open_low ? 0 : which == 1 && !open_high ? 1 : (ck_pick(c, 9999) + 1) / 10001.0;
    double x = low + (high - low) * part;
    if (step > 0) x = ceil(low / step) * step + floor((x - low) / step) * step;
    if (whole) x = floor(x);
    if (whole && x < low) x += 1;
    if (whole && open_low && x <= low) x += 1;
    text_add(out, whole ? "%.0f" : "%.9g", x);
}

static void generate_string(ck *c, const json *s, text_out *out) {
    static const char *const letters[] = {"a", "b", "Z", "0", " ", "-", "_", "/", "\xC3\xA9", "\xF0\x9F\x98\x80", "\"", "\\"};
    const json *fixed = json_get(s, "default");
    /* A pattern cannot be generated for: its default or example is what is known to fit. */
    if (json_get(s, "pattern") || json_get(s, "format")) {
        if (!fixed && json_get(s, "examples")) fixed = json_get(s, "examples")->first;
        if (fixed) text_json(out, fixed);
        else text_add(out, "\"a\"");
        return;
    }
    size_t low = (size_t)bound(s, "minLength", 0), high = (size_t)bound(s, "maxLength", (double)low + 40);
    size_t n = low + (high > low ? ck_pick(c, (uint32_t)(high - low > 2000 ? 2000 : high - low) + 1) : 0);
    text_out raw = {0};
    text_add(&raw, "%s", "");
    while (n-- > 0) text_add(&raw, "%s", letters[ck_pick(c, sizeof letters / sizeof *letters)]);
    text_quote(out, raw.text, raw.length);
}

static bool is_required(const json *s, const char *key) {
    const json *list = json_get(s, "required");
    for (const json *v = list ? list->first : NULL; v; v = v->next)
        if (v->type == JSON_STRING && strcmp(v->string, key) == 0) return true;
    return false;
}

static void generate_object(ck *c, const json *root, const json *s, text_out *out, int depth) {
    const json *properties = json_get(s, "properties");
    bool comma = false;
    text_add(out, "{");
    for (const json *p = properties ? properties->first : NULL; p; p = p->next) {
        if (!is_required(s, p->key) && (depth <= 0 || ck_pick(c, 2))) continue;
        if (comma) text_add(out, ",");
        comma = true;
        text_quote(out, p->key, strlen(p->key));
        text_add(out, ":");
        generate(c, root, p, out, depth - 1);
    }
    text_add(out, "}");
}

static void generate_array(ck *c, const json *root, const json *s, text_out *out, int depth) {
    const json *items = json_get(s, "items");
    size_t low = (size_t)bound(s, "minItems", 0), high = (size_t)bound(s, "maxItems", (double)low + 3);
    size_t n = depth <= 0 || !items ? low : low + ck_pick(c, (uint32_t)(high - low > 8 ? 8 : high - low) + 1);
    text_add(out, "[");
    for (size_t i = 0; i < n; i++) {
        if (i) text_add(out, ",");
        if (items) generate(c, root, items, out, depth - 1);
        else text_add(out, "0");
    }
    text_add(out, "]");
}

static const json *nth(const json *list, size_t n) {
    const json *v = list->first;
    while (n-- > 0 && v->next) v = v->next;
    return v;
}

static const char *type_of(ck *c, const json *s) {
    const json *t = json_get(s, "type");
    if (json_is(t, JSON_ARRAY) && t->first) t = nth(t, ck_pick(c, (uint32_t)json_size(t)));
    if (json_is(t, JSON_STRING)) return t->string;
    return json_get(s, "properties") ? "object" : json_get(s, "items") ? "array" : "string";
}

static void generate(ck *c, const json *root, const json *s, text_out *out, int depth) {
    s = resolve(root, s);
    const json *choice = json_get(s, "anyOf") ? json_get(s, "anyOf") : json_get(s, "oneOf");
    if (json_get(s, "const")) return text_json(out, json_get(s, "const"));
    if (json_is(json_get(s, "enum"), JSON_ARRAY))
        return text_json(out, nth(json_get(s, "enum"), ck_pick(c, (uint32_t)json_size(json_get(s, "enum")))));
    if (json_is(choice, JSON_ARRAY) && choice->first && depth > 0)
        return generate(c, root, nth(choice, ck_pick(c, (uint32_t)json_size(choice))), out, depth - 1);
    const char *type = type_of(c, s);
    if (strcmp(type, "object") == 0) return generate_object(c, root, s, out, depth);
    if (strcmp(type, "array") == 0) return generate_array(c, root, s, out, depth);
    if (strcmp(type, "boolean") == 0) return text_add(out, ck_pick(c, 2) ? "true" : "false");
    if (strcmp(type, "null") == 0) return text_add(out, "null");
    if (strcmp(type, "string") == 0) return generate_string(c, s, out);
    generate_number(c, s, strcmp(type, "integer") == 0, out);
}

char *schema_valid(ck *c, const json *schema) {
    text_out out = {0};
    generate(c, schema, schema, &out, 4);
    return out.text;
}

char *schema_defaults(ck *c, const json *schema) {
    const json *properties = json_get(schema, "properties");
    text_out out = {0};
    text_add(&out, "{");
    for (const json *p = properties ? properties->first : NULL; p; p = p->next) {
        const json *value = json_get(resolve(schema, p), "default");
        if (!value && !is_required(schema, p->key)) continue;
        if (out.length > 1) text_add(&out, ",");
        text_quote(&out, p->key, strlen(p->key));
        text_add(&out, ":");
        if (value) text_json(&out, value);
        else generate(c, schema, p, &out, 2);
    }
    text_add(&out, "}");
    return out.text;
}

char *schema_with(const char *base, const char *key, const char *value) {
    json *object = json_parse(base, strlen(base), NULL);
    text_out out = {0};
    text_add(&out, "{");
    for (const json *p = object ? object->first : NULL; p; p = p->next) {
        if (strcmp(p->key, key) == 0) continue;
        text_quote(&out, p->key, strlen(p->key));
        text_add(&out, ":");
        text_json(&out, p);
        text_add(&out, ",");
    }
    text_quote(&out, key, strlen(key));
    text_add(&out, ":%s}", value);
    return out.text;
}

char *schema_invalid(ck *c, const json *schema) {
    static const char *const wrong[] = {"null", "[]", "{}", "\"\"", "-1", "1e308", "true", "\"\\u0000\"", "[[[[]]]]", "-0.0",
                                        "99999999999999999999", "{\"a\":{\"b\":[1]}}", "\"x\\ud800y\"", "4294967296"};
    static const char *const whole[] = {"", "null", "[]", "7", "\"text\"", "{", "{\"a\":}", "{\"a\":1,}", "\xff\xfe", "{}{}", "{\"\":1}"};
    const json *properties = json_get(schema, "properties");
    if (ck_pick(c, 4) == 0) return strdup(whole[ck_pick(c, sizeof whole / sizeof *whole)]);
    const char *value = wrong[ck_pick(c, sizeof wrong / sizeof *wrong)];
    if (!properties || !properties->first || ck_pick(c, 5) == 0) return schema_with("{}", "no_such_key", value);
    return schema_with(schema_valid(c, schema), nth(properties, ck_pick(c, (uint32_t)json_size(properties)))->key, value);
}

const char *schema_secret(const json *schema) {
    const json *properties = json_get(schema, "properties");
    for (const json *p = properties ? properties->first : NULL; p; p = p->next)
        if (json_is(json_get(p, "x-secret"), JSON_TRUE)) return p->key;
    return NULL;
}
