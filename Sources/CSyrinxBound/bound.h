/* SPDX-License-Identifier: Apache-2.0
 *
 * What a manifest becomes: functions with their prepared call frames, programs of operations whose arguments are typed
 * values, callbacks, a format. All of it is made once, at load, and never changes afterwards. */
#ifndef BOUND_H
#define BOUND_H
#include <ffi.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>

#include "syrinx_bound.h"
#include "syrinx_c.h"

enum {
    BOUND_FILE_BYTES = 256 * 1024,
    BOUND_TEXT_BYTES = 2048,
    BOUND_FUNCTIONS = 64,
    BOUND_ARGS = 16,
    BOUND_OPS = 64,
    BOUND_VARIABLES = 64,
    BOUND_CALLBACKS = 8,
    BOUND_OPTIONS = 64,
    BOUND_TYPES = 32,
    BOUND_RATES = 16,
    BOUND_HEADERS = 16
};

/* ------------------------------------------------------------------------------------------------------- types -- */

typedef enum {
    BOUND_VOID,
    BOUND_I8,
    BOUND_U8,
    BOUND_I16,
    BOUND_U16,
    BOUND_I32,
    BOUND_U32,
    BOUND_I64,
    BOUND_U64,
    BOUND_F32,
    BOUND_F64,
    BOUND_PTR,
    BOUND_CSTR,
    BOUND_BASES
} bound_base;

/* handle = the name under "types" for a pointer of a kind of its own, else NULL. Names are compared by address. */
typedef struct {
    bound_base base;
    const char *handle;
} bound_type;

/* A value of any type; integers are kept sign- or zero-extended, so that the low bytes serve a narrower argument. */
typedef union {
    uint64_t u;
    int64_t i;
    double d;
    float f;
    void *p;
    const void *cp;
} bound_cell;

typedef struct {
    const char *name, *symbol;
    bound_type returns, args[BOUND_ARGS];
    unsigned count;
    ffi_type *ffi_args[BOUND_ARGS];
    ffi_cif cif;
    void (*address)(void);
} bound_function;

/* ------------------------------------------------------------------------------------------------------ values -- */

typedef enum { BOUND_LIBRARY, BOUND_PROVIDER, BOUND_SESSION, BOUND_SCOPES } bound_scope;

typedef struct {
    const char *name;
    bound_type type;
    bound_scope scope;
    unsigned slot;
} bound_variable;

/* Values that the host gives. The first group changes from call to call and is read where it lies. */
typedef enum {
    BOUND_IN,
    BOUND_OUT,
    BOUND_INOUT,
    BOUND_TEXT,
    BOUND_TEXT_LENGTH,
    BOUND_VOICE,
    BOUND_LANGUAGE,
    BOUND_FRAME_SAMPLES, /* $samples of a library that takes frames of any length */
    BOUND_MEDIA,
    BOUND_RATE = BOUND_MEDIA, /* from here on fixed for the session */
    BOUND_SAMPLES,
    BOUND_SELF,
    BOUND_BUILTINS
} bound_builtin;

typedef enum { BOUND_WHOLE, BOUND_NUMBER, BOUND_FLAG, BOUND_WORDS } bound_option_kind;

/* A property of config_schema (provider) or session_schema (session) that some argument uses. */
typedef struct {
    const char *name;
    bound_option_kind kind;
    int64_t low, high; /* what every argument that it feeds can hold */
    int config;        /* session options: index of the provider's option that fills in for it, or -1 */
    const json_t *preset; /* the schema's default, or NULL; the host fills it in, other callers may not */
} bound_option;

typedef struct bound_callback bound_callback;

typedef enum {
    BOUND_CONSTANT,
    BOUND_FROM_VARIABLE,
    BOUND_FROM_BUILTIN,
    BOUND_FROM_CONFIG,
    BOUND_FROM_OPTION,
    BOUND_FROM_CALLBACK,
    BOUND_FROM_ARGUMENT
} bound_source;

/* type = of the value itself; by_pointer = the function gets its address. */
typedef struct {
    bound_source source;
    bound_type type;
    bool by_pointer;
    bound_cell constant;
    unsigned index; /* of the option, the builtin, the callback, or N of $N */
    const bound_variable *variable;
} bound_value;

/* ---------------------------------------------------------------------------------------------------- programs -- */

typedef enum { BOUND_CALL, BOUND_EMIT_AUDIO, BOUND_EMIT_MARK } bound_op_kind;
typedef enum { BOUND_NEVER, BOUND_IF_NULL, BOUND_IF_NEGATIVE, BOUND_IF_NONZERO, BOUND_IF_ZERO } bound_fail;

typedef struct {
    bound_op_kind kind;
    const bound_function *function; /* BOUND_CALL */
    bound_value args[BOUND_ARGS];   /* AUDIO: data, samples; MARK: place in the text, place in the audio */
    const bound_variable *into;
    bound_fail fail;
    const char *message;
    bool chars; /* MARK: the place in the text counts characters, not bytes */
    bool ms;    /* MARK: the place in the audio is milliseconds, not samples */
} bound_op;

typedef struct {
    bound_op *ops;
    unsigned count;
} bound_program;

typedef enum {
    BOUND_SETUP,
    BOUND_PROVIDER_OPEN,
    BOUND_PROVIDER_CLOSE,
    BOUND_OPEN,
    BOUND_PROCESS,
    BOUND_SPEAK,
    BOUND_UPDATE,
    BOUND_CLOSE,
    BOUND_PROGRAMS
} bound_phase;

struct bound_callback {
    const char *name;
    bound_type returns, args[BOUND_ARGS];
    unsigned count;
    int self; /* which argument is $self, or -1 */
    bool of_library, of_session; /* in which phases it is given away */
    bound_program on;
    int64_t value, value_cancelled; /* what it returns */
    ffi_type *ffi_args[BOUND_ARGS];
    ffi_cif cif;
};

/* ------------------------------------------------------------------------------------------------------ module -- */

typedef struct {
    bool f32;
    float range;           /* f32: what full scale is */
    uint32_t rates[BOUND_RATES], rate_count;
    uint32_t frame_ms;     /* 0 = frames of any length */
    uint32_t frame_samples; /* instead of frame_ms */
    uint32_t latency_ms;   /* the library's own */
} bound_format;

typedef struct bound_module bound_module;

/* The loader has a library once, however many modules bind it (two versions of a package): this is theirs together. */
typedef struct bound_library {
    struct bound_library *next;
    void *handle;
    pthread_mutex_t lock; /* for setup and providers, and with global_state for every call */
    bound_module *owner;  /* global_state: whose "setup" ran last */
    syx_session *_Atomic speaking;  /* global_state: whose clause the library works on */
    _Atomic uint32_t live_sessions; /* global_state of a filter or vad: at most one */
} bound_library;

typedef struct bound_hook bound_hook;

struct bound_module {
    bound_module *next; /* all modules, so that a leak checker finds them */
    json_t *bind, *manifest;
    struct bound_block *blocks; /* memory that lives as long as the module */
    const char *file, *folder;
    void *library;
    bool global_state, realtime;
    bound_type types[BOUND_TYPES]; /* names stand in type_names */
    const char *type_names[BOUND_TYPES];
    unsigned type_count;
    bound_function *functions;
    unsigned function_count;
    bound_callback *callbacks;
    unsigned callback_count;
    bound_variable variables[BOUND_VARIABLES];
    unsigned variable_count, scope_slots[BOUND_SCOPES];
    bound_option config[BOUND_OPTIONS], options[BOUND_OPTIONS];
    unsigned config_count, option_count;
    bound_program programs[BOUND_PROGRAMS];
    bool uses[BOUND_BUILTINS];
    bound_format format;
    bound_value probability;
    double probability_scale;
    json_t *voices; /* language tag -> the library's voice, or NULL */
    syx_kind kind;
    syrinx_bound_description description;
    syx_plugin_desc descriptor;
    const syx_plugin_desc *descriptors[1];
    syx_module table;
    bound_library *shared;
    /* What "setup" left; under the library's lock. */
    bool ready;
    bound_cell *cells;
    struct bound_linked *setup;
    bound_hook *hooks[BOUND_CALLBACKS];
};

/* Memory of the module, zeroed; NULL when there is none. */
void *bound_keep(bound_module *m, size_t bytes);
char *bound_keep_text(bound_module *m, const char *text);
/* Frees all of it: only for a module that nobody has seen. */
void bound_discard(bound_module *m);

/* The functions that every bound module's descriptor has; one table a kind. */
const syx_plugin_vt *bound_table(syx_kind kind);
#endif
