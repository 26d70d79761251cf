/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict reading of bind.json: where we are, what may stand here, and the one refusal that ends it. */
#ifndef BOUND_READER_H
#define BOUND_READER_H
#include "bound.h"

/* A step of a JSON path: a key, or an index when key is NULL. Lives on the stack of the reader's functions. */
typedef struct place {
    const struct place *up;
    const char *key;
    size_t index;
} place;

typedef struct {
    bound_module *module;
    const char *file; /* for messages */
    const char **code;
    char *error;
    size_t capacity;
} reader;

static inline place place_key(const place *up, const char *key) { return (place){up, key, 0}; }
static inline place place_index(const place *up, size_t index) { return (place){up, NULL, index}; }

/* Writes the refusal and returns false. at = NULL: the whole file. */
bool refuse(reader *r, const char *code, const place *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The two most frequent ones. */
#define INVALID(at, ...) refuse(r, "plugin.bind.invalid", at, __VA_ARGS__)
#define UNKNOWN(at, ...) refuse(r, "plugin.bind.unknown_name", at, __VA_ARGS__)
bool out_of_memory(reader *r);

/* Every key of the object is one of `keys`, which ends with NULL; else the nearest one is proposed. */
bool only_keys(reader *r, const place *at, json_t *object, const char *const *keys);
/* The known name that is nearest to a misspelt one, or NULL. */
typedef const char *(*name_at)(const void *list, size_t index);
const char *nearest(const char *name, const void *list, size_t count, name_at get);

/* Members of an object. Optional ones leave *out as it was and answer true when absent. */
json_t *member(json_t *object, const char *key);
bool need_object(reader *r, const place *at, json_t *value, size_t most);
bool need_array(reader *r, const place *at, json_t *value, size_t most);
bool get_text(reader *r, const place *at, json_t *object, const char *key, bool required, const char **out);
bool get_whole(reader *r, const place *at, json_t *object, const char *key, int64_t low, int64_t high, int64_t *out);
bool get_flag(reader *r, const place *at, json_t *object, const char *key, bool *out);
/* True for a name that manifests may give to things: a letter, then letters, digits, '_'. */
bool is_name(const char *text);

/* One word of a list of words, as an index; -1 and a refusal when it is none of them. */
int get_choice(reader *r, const place *at, json_t *object, const char *key, const char *const *words, int fallback);

/* ---- the parts of a manifest, each in its own file ------------------------------------------------------------- */

bool read_types(reader *r, const place *at, json_t *object);
/* A type's name, base or handle. */
bool read_type(reader *r, const place *at, json_t *value, bound_type *out);
bool read_functions(reader *r, const place *at, json_t *object);
bool read_callbacks(reader *r, const place *at, json_t *object);
/* The calls and emissions of one phase, after functions, callbacks and variables are known. */
bool read_program(reader *r, const place *at, json_t *array, bound_phase phase);
bool read_callback_programs(reader *r, const place *at, json_t *object);
bool read_variables(reader *r, const place *at, json_t *object);
bool read_value(reader *r, const place *at, json_t *json, bound_type wanted, bound_phase phase,
                const bound_callback *callback, bound_value *out);
bool read_format(reader *r, const place *at, json_t *object);
bool read_result(reader *r, const place *at, json_t *object);
bool read_voices(reader *r, const place *at, json_t *object);
/* Checks config_schema and session_schema as far as options are taken from them. */
bool read_schema(reader *r, const place *at, json_t *schema);
/* The option's index, or -1 and a refusal. */
int find_option(reader *r, const place *at, bool session, const char *name, bound_type type);
bool load_library(reader *r, const place *at);
bool describe_module(reader *r, const place *at);

/* The schemas of the manifest; NULL when absent. */
json_t *config_schema(const bound_module *m);
json_t *session_schema(const bound_module *m);
#endif
