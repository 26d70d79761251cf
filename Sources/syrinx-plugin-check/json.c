/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *at, *end, *error;
} reader;

static json *value(reader *r, int depth);

static json *fail(reader *r, const char *error) {
    if (!r->error) r->error = error;
    return NULL;
}

static void space(reader *r) {
    while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at) r->at++;
}

static json *node(json_type type) {
    json *v = calloc(1, sizeof *v);
    if (!v) abort();
    v->type = type;
    return v;
}

static int hex4(reader *r) {
    int code = 0;
    if (r->end - r->at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        char c = *r->at++;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return code;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) return out[0] = (char)(0xC0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    if (c < 0x10000)
        return out[0] = (char)(0xE0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)), out[2] = (char)(0x80 | (c & 63)), 3;
    out[0] = (char)(0xF0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63));
    return out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63)), 4;
}

static bool escape(reader *r, char *out, size_t *n) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (r->at == r->end) return false;
    char c = *r->at++;
    const char *known = c ? strchr(from, c) : NULL;
    if (known) return out[(*n)++] = to[known - from], true;
    int code = c == 'u' ? hex4(r) : -1;
    if (code < 0) return false;
    uint32_t whole = (uint32_t)code;
    if (code >= 0xD800 && code < 0xDC00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        int low = hex4(r);
        if (low < 0xDC00 || low > 0xDFFF) return false;
        whole = 0x10000 + (((uint32_t)code - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
    } else if (code >= 0xD800 && code < 0xE000) {
        whole = 0xFFFD;
    }
    *n += put_utf8(out + *n, whole);
    return true;
}

static json *string(reader *r) {
    r->at++;
    const char *end = r->at;
    while (end < r->end && *end != '"') end += *end == '\\' && end + 1 < r->end ? 2 : 1;
    if (end >= r->end) return fail(r, "a string does not end");
    json *v = node(JSON_STRING);
    v->string = malloc((size_t)(end - r->at) + 4);
    if (!v->string) abort();
    while (r->at < end) {
        if ((unsigned char)*r->at < 0x20) return fail(r, "a control character in a string");
        if (*r->at != '\\') {
            v->string[v->length++] = *r->at++;
        } else if (r->at++, !escape(r, v->string, &v->length)) {
            return fail(r, "a bad escape in a string");
        }
    }
    v->string[v->length] = 0;
    r->at = end + 1;
    return v;
}

static json *number(reader *r) {
    char text[64], *end;
    size_t n = 0;
    while (r->at < r->end && n < sizeof text - 1 && *r->at && strchr("+-0123456789.eE", *r->at)) text[n++] = *r->at++;
    text[n] = 0;
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (*digits < '0' || *digits > '9' || (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')) return fail(r, "a bad number");
    json *v = node(JSON_NUMBER);
    v->number = strtod(text, &end);
    if (*end) return fail(r, "a bad number");
    v->string = strdup(text);
    return v;
}

static json *container(reader *r, int depth, json_type type, char closing) {
    json *v = node(type), **tail = &v->first;
    r->at++;
    space(r);
    if (r->at < r->end && *r->at == closing) return r->at++, v;
    for (;;) {
        char *key = NULL;
        space(r);
        if (type == JSON_OBJECT) {
            json *name = r->at < r->end && *r->at == '"' ? string(r) : fail(r, "a key is missing");
            if (!name) return NULL;
            key = name->string;
            space(r);
            if (r->at == r->end || *r->at++ != ':') return fail(r, "a colon is missing");
        }
        json *item = value(r, depth - 1);
        if (!item) return NULL;
        item->key = key;
        *tail = item;
        tail = &item->next;
        space(r);
        if (r->at == r->end) return fail(r, "an array or object does not end");
        char c = *r->at++;
        if (c == closing) return v;
        if (c != ',') return fail(r, "a comma is missing");
    }
}

static json *word(reader *r, const char *text, json_type type) {
    size_t n = strlen(text);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0) return fail(r, "an unknown word");
    r->at += n;
    return node(type);
}

static json *value(reader *r, int depth) {
    space(r);
    if (depth <= 0) return fail(r, "nested too deeply");
    if (r->at == r->end) return fail(r, "a value is missing");
    switch (*r->at) {
    case '{': return container(r, depth, JSON_OBJECT, '}');
    case '[': return container(r, depth, JSON_ARRAY, ']');
    case '"': return string(r);
    case 't': return word(r, "true", JSON_TRUE);
    case 'f': return word(r, "false", JSON_FALSE);
    case 'n': return word(r, "null", JSON_NULL);
    default: return number(r);
    }
}

json *json_parse(const char *text, size_t length, const char **error) {
    reader r = {text, text + length, NULL};
    json *v = value(&r, 64);
    space(&r);
    if (v && r.at != r.end) v = fail(&r, "text behind the value");
    if (error) *error = r.error;
    return v;
}

const json *json_get(const json *object, const char *key) {
    if (!object || object->type != JSON_OBJECT) return NULL;
    for (const json *v = object->first; v; v = v->next)
        if (strcmp(v->key, key) == 0) return v;
    return NULL;
}

bool json_is(const json *v, json_type type) { return v && v->type == type; }

const char *json_text(const json *object, const char *key, const char *fallback) {
    const json *v = json_get(object, key);
    return json_is(v, JSON_STRING) ? v->string : fallback;
}

size_t json_size(const json *container) {
    size_t n = 0;
    for (const json *v = container ? container->first : NULL; v; v = v->next) n++;
    return n;
}

/* ------------------------------------------------------------------------------------------------------ writing -- */

static void reserve(text_out *t, size_t more) {
    if (t->length + more + 1 <= t->capacity) return;
    t->capacity = (t->length + more + 1) * 2;
    t->text = realloc(t->text, t->capacity);
    if (!t->text) abort();
}

void text_add(text_out *t, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    reserve(t, (size_t)n);
    vsnprintf(t->text + t->length, (size_t)n + 1, format, again);
    va_end(again);
    t->length += (size_t)n;
}

void text_quote(text_out *t, const char *bytes, size_t length) {
    reserve(t, length * 6 + 2);
    t->text[t->length++] = '"';
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\') t->text[t->length++] = '\\';
        if (c < 0x20)
            t->length += (size_t)sprintf(t->text + t->length, "\\u%04x", c);
        else
            t->text[t->length++] = (char)c;
    }
    t->text[t->length++] = '"';
    t->text[t->length] = 0;
}

void text_json(text_out *t, const json *v) {
    static const char *const words[] = {"null", "false", "true"};
    if (v->type <= JSON_TRUE) {
        text_add(t, "%s", words[v->type]);
    } else if (v->type == JSON_NUMBER) {
        text_add(t, "%s", v->string);
    } else if (v->type == JSON_STRING) {
        text_quote(t, v->string, v->length);
    } else {
        text_add(t, v->type == JSON_ARRAY ? "[" : "{");
        for (const json *item = v->first; item; item = item->next) {
            if (item != v->first) text_add(t, ",");
            if (item->key) text_quote(t, item->key, strlen(item->key)), text_add(t, ":");
            text_json(t, item);
        }
        text_add(t, v->type == JSON_ARRAY ? "]" : "}");
    }
}
