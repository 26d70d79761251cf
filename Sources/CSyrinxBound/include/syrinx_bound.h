/* SPDX-License-Identifier: Apache-2.0
 *
 * Bound mode: a plain C library becomes a filter, a VAD or a TTS by a manifest alone. `bind.json` names the library, its
 * functions and the calls that open, process, speak and close; from it a module is made whose table executes them with
 * libffi. Who loads the module cannot tell it from any other. docs/BOUND.md is the manifest's page. */
#ifndef SYRINX_BOUND_H
#define SYRINX_BOUND_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syrinx_plugin.h>

/* Reads bind.json and the plugin.json beside it, checks every key, loads the library, resolves its symbols and returns
 * an immortal module. No function of the library is called (its constructors run). NULL = refused: *code gets a stable
 * dotted code ("plugin.bind.symbol_not_found", ...), `error` one sentence with the place in the file. Any thread. */
const syx_module *syrinx_bound_module(const char *bind_json_path, const char **code, char *error, size_t capacity);
/* The same when bind.json was copied to another place: plugin.json, and a library named by a path, are looked for in
 * `folder`. NULL = the folder of bind.json. */
const syx_module *syrinx_bound_module_in(const char *bind_json_path, const char *folder, const char **code, char *error,
                                         size_t capacity);

/* True when a manifest's `entry` names a bound package rather than a shared object. */
static inline bool syrinx_bound_is_entry(const char *entry) {
    size_t length = 0;
    while (entry[length]) length++;
    static const char suffix[] = ".json";
    if (length < sizeof suffix - 1) return false;
    for (size_t i = 0; i < sizeof suffix - 1; i++)
        if (entry[length - (sizeof suffix - 1) + i] != suffix[i]) return false;
    return true;
}

/* ---- for tools -------------------------------------------------------------------------------------------------- */

/* A function as bind.json describes it. Types are "void", "i32", "u64", "f32", "ptr", "cstr", ... */
typedef struct {
    const char *name, *symbol, *returns;
    const char *const *args;
    unsigned count;
} syrinx_bound_function;

/* A callback, and where it is given away: as an argument of a function. Its `symbol` is NULL. */
typedef struct {
    syrinx_bound_function callback;
    unsigned function, argument; /* function = its index in `functions` */
} syrinx_bound_callback_use;

/* What bind-check compares with the library. Everything lives as long as the process. */
typedef struct {
    const char *library;        /* the file that the loader found */
    const char *const *headers; /* as written in bind.json */
    unsigned header_count;
    const syrinx_bound_function *functions;
    unsigned function_count;
    const syrinx_bound_callback_use *callbacks;
    unsigned callback_count;
    const syx_module *module;
} syrinx_bound_description;

/* The same as syrinx_bound_module, with what stands behind the module. */
const syrinx_bound_description *syrinx_bound_describe(const char *bind_json_path, const char *folder, const char **code,
                                                      char *error, size_t capacity);
#endif
