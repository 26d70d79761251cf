/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syrinx_bound.h>

static bool refuse(const char *code, const char *format, ...) {
    char why[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    syx_str texts[2] = {{code, strlen(code)}, {why, strlen(why)}};
    syrinx_wire_strings lengths = {0};
    struct iovec parts[3] = {{&lengths, sizeof lengths}};
    syrinx_string_parts(texts, 2, &lengths, parts + 1);
    helper_send(SYRINX_MSG_FAILED, 0, 0, parts, 3);
    return false;
}

static bool open_bound(const char *path) {
    char why[512] = "";
    const char *code = "plugin.bind.invalid";
    helper.module = syrinx_bound_module_in(path, helper.data_dir, &code, why, sizeof why);
    return helper.module || refuse(code, "%s", why);
}

static bool open_module(const char *path) {
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!object) return refuse("plugin.load.open_failed", "%s", dlerror());
    union {
        void *symbol;
        const syx_module *(*function)(void);
    } entry = {.symbol = dlsym(object, "syrinx_plugin_entry_1")};
    helper.module = entry.symbol ? entry.function() : NULL;
    return helper.module
        || refuse("plugin.load.no_entry", "the shared object has no syrinx_plugin_entry_1, or it returned nothing");
}

/* What the host would check in its own process, before anything is read that may not be there. */
static bool check_table(void) {
    const syx_module *module = helper.module;
    if (module->magic != SYX_MAGIC)
        return refuse("plugin.abi.bad_magic", "the module's magic is 0x%08x, not 0x%08x", module->magic, SYX_MAGIC);
    if (module->struct_size < SYX_SIZEOF(syx_module, plugins))
        return refuse("plugin.abi.truncated_table", "the module table is %u bytes, at least %u are needed",
            module->struct_size, SYX_SIZEOF(syx_module, plugins));
    if (module->abi_major != SYX_ABI_MAJOR)
        return refuse(module->abi_major > SYX_ABI_MAJOR ? "plugin.abi.newer_major" : "plugin.abi.older_major",
            "built for ABI %u.%u; this host speaks %u.%u", module->abi_major, module->abi_minor, SYX_ABI_MAJOR,
            SYX_ABI_MINOR);
    if (module->n_plugins < 1 || module->n_plugins > 64 || !module->plugins)
        return refuse("plugin.abi.truncated_table", "the module offers %u providers; 1 to 64 are possible",
            module->n_plugins);
    for (uint32_t i = 0; i < module->n_plugins; i++) {
        const syx_plugin_desc *descriptor = module->plugins[i];
        if (!descriptor) return refuse("plugin.abi.truncated_table", "provider %u of the module is NULL", i);
        if (descriptor->struct_size < SYX_SIZEOF(syx_plugin_desc, vt))
            return refuse("plugin.abi.truncated_table", "a descriptor is %u bytes, at least %u are needed",
                descriptor->struct_size, SYX_SIZEOF(syx_plugin_desc, vt));
        const syx_plugin_vt *vt = descriptor->vt;
        if (!vt || vt->struct_size < SYX_SIZEOF(syx_plugin_vt, handle))
            return refuse("plugin.abi.truncated_table", "provider %u has no function table, or it is too short", i);
        if (!vt->open || !vt->close || !vt->session_open || !vt->session_close)
            return refuse("plugin.abi.missing_function", "provider %u lacks open, close, session_open or session_close",
                i);
    }
    return true;
}

static bool initialise(void) {
    const syx_module *module = helper.module;
    if (!SYX_HAS(module, syx_module, init) || !module->init) return true;
    syx_err error = {.struct_size = sizeof error};
    helper_enter(SYRINX_CALL_INIT, 0, 0);
    syx_status status = module->init(helper.core, &error);
    helper_leave();
    error.msg[sizeof error.msg - 1] = 0;
    return status >= 0 || refuse("plugin.load.init_failed", "init answered %d: %s", status, error.msg);
}

static syx_str text(const char *string) { return (syx_str){string, string ? strlen(string) : 0}; }

static uint32_t functions_of(const syx_plugin_desc *descriptor) {
    const syx_plugin_vt *vt = descriptor->vt;
    uint32_t has = 0;
    if (vt->health) has |= SYRINX_HAS_HEALTH;
    if (vt->handle) has |= SYRINX_HAS_HANDLE;
    if (SYX_HAS(vt, syx_plugin_vt, process) && vt->process) has |= SYRINX_HAS_PROCESS;
    if (SYX_HAS(vt, syx_plugin_vt, cancel) && vt->cancel) has |= SYRINX_HAS_CANCEL;
    if (SYX_HAS(vt, syx_plugin_vt, reset) && vt->reset) has |= SYRINX_HAS_RESET;
    if (descriptor->config_schema) has |= SYRINX_HAS_CONFIG_SCHEMA;
    if (descriptor->session_schema) has |= SYRINX_HAS_SESSION_SCHEMA;
    if (descriptor->metrics_json) has |= SYRINX_HAS_METRICS;
    return has;
}

/* One message for the module, then one for each descriptor: a schema may be large. */
static void tell_table(void) {
    const syx_module *module = helper.module;
    syx_str head_texts[2] = {text(module->build_info), text(helper.confinement)};
    syrinx_wire_module head = {
        .abi_major = module->abi_major, .abi_minor = module->abi_minor, .count = module->n_plugins};
    struct iovec head_parts[3] = {{&head, sizeof head}};
    syrinx_string_parts(head_texts, 2, &head.strings, head_parts + 1);
    helper_send(SYRINX_MSG_MODULE, 0, 0, head_parts, 3);
    for (uint32_t i = 0; i < module->n_plugins; i++) {
        const syx_plugin_desc *d = module->plugins[i];
        syx_str texts[9] = {text(d->id), text(d->version), text(d->name), text(d->vendor), text(d->license),
            text(d->config_schema), text(d->session_schema), text(d->caps_json), text(d->metrics_json)};
        syrinx_wire_descriptor wire = {
            .kind = d->kind, .flags = d->flags, .max_sessions = d->max_sessions, .has = functions_of(d)};
        struct iovec parts[10] = {{&wire, sizeof wire}};
        syrinx_string_parts(texts, 9, &wire.strings, parts + 1);
        helper_send(SYRINX_MSG_MODULE, i + 1, 0, parts, 10);
    }
}

bool helper_load(const char *path, bool is_bound) {
    helper_enter(SYRINX_CALL_LOAD, 0, 0);
    bool loaded = (is_bound ? open_bound(path) : open_module(path)) && check_table();
    helper_leave();
    if (!loaded || !initialise()) return false;
    tell_table();
    return true;
}
