/* SPDX-License-Identifier: Apache-2.0
 *
 * A small JSON reader (RFC 8259) into a tree, and a growing text to write into. Memory is never freed: a check's process
 * ends soon. */
#ifndef JSON_H
#define JSON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_type;
typedef struct json {
    json_type type;
    double number;
    char *string; /* decoded, NUL-terminated; of a number its text */
    size_t length;
    char *key;           /* in an object */
    struct json *first;  /* of an array or object */
    struct json *next;
} json;

/* NULL when the text is not exactly one value; *error (may be NULL) says what is wrong. */
json *json_parse(const char *text, size_t length, const char **error);
const json *json_get(const json *object, const char *key);
/* The field's string, or `fallback`. */
const char *json_text(const json *object, const char *key, const char *fallback);
bool json_is(const json *value, json_type type);
size_t json_size(const json *container);

typedef struct {
    char *text;
    size_t length, capacity;
} text_out;
void text_add(text_out *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes. */
void text_quote(text_out *, const char *bytes, size_t length);
void text_json(text_out *, const json *value);
#endif
