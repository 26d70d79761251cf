/* SPDX-License-Identifier: Apache-2.0
 *
 * What a module tells its host: descriptor, schemas, capabilities; and what it tells bind-check. */
#include <stdlib.h>

#include "reader.h"
#include "types.h"

static bool keep_json(reader *r, json_t *json, const char **out) {
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (!json) return true;
    if (text) *out = bound_keep_text(r->module, text);
    free(text);
    return *out ? true : out_of_memory(r);
}

/* Frames that do not fit the library's wait until they do: that delays a filter's output by one of its frames. */
static uint32_t latency(const bound_module *m) {
    const bound_format *f = &m->format;
    uint32_t slowest = f->rates[0];
    for (uint32_t i = 1; i < f->rate_count; i++)
        if (f->rates[i] < slowest) slowest = f->rates[i];
    uint32_t block = f->frame_ms ? f->frame_ms : (f->frame_samples * 1000 + slowest - 1) / slowest;
    return f->latency_ms + (m->kind == SYX_FILTER ? block : 0);
}

static bool capabilities(reader *r) {
    bound_module *m = r->module;
    const bound_format *f = &m->format;
    json_t *caps = json_deep_copy(member(m->bind, "capabilities")), *rates = json_array();
    if (!caps) caps = json_object();
    for (uint32_t i = 0; i < f->rate_count; i++) json_array_append_new(rates, json_integer(f->rates[i]));
    json_object_set_new(caps, "formats", json_pack("[{s:s,s:o,s:[i]}]", "format", "s16", "rates", rates, "channels", 1));
    if (m->kind == SYX_TTS) json_object_set_new(caps, "streaming", json_true());
    if (f->frame_ms) json_object_set_new(caps, "frame_ms", json_integer(f->frame_ms));
    if (f->frame_samples) json_object_set_new(caps, "frame_samples", json_integer(f->frame_samples));
    if (m->kind == SYX_FILTER) json_object_set_new(caps, "latency_ms", json_integer(latency(m)));
    bool ok = keep_json(r, caps, &m->descriptor.caps_json);
    json_decref(caps);
    return ok;
}

static uint32_t flags(const bound_module *m) {
    return SYX_PF_NO_UNLOAD | (m->global_state ? SYX_PF_GLOBAL_STATE : 0) | (m->realtime ? SYX_PF_RT_PROCESS : 0);
}

static bool describe_signature(reader *r, const char *name, bound_type returns, const bound_type *args, unsigned count,
                               syrinx_bound_function *out) {
    const char **names = bound_keep(r->module, (count + 1) * sizeof *names);
    if (!names) return out_of_memory(r);
    for (unsigned i = 0; i < count; i++) names[i] = bound_base_name(args[i].base);
    *out = (syrinx_bound_function){name, NULL, bound_base_name(returns.base), names, count};
    return true;
}

static bool describe_functions(reader *r) {
    bound_module *m = r->module;
    syrinx_bound_function *list = bound_keep(m, (m->function_count + 1) * sizeof *list);
    if (!list) return out_of_memory(r);
    for (unsigned i = 0; i < m->function_count; i++) {
        const bound_function *f = &m->functions[i];
        if (!describe_signature(r, f->name, f->returns, f->args, f->count, &list[i])) return false;
        list[i].symbol = f->symbol;
    }
    m->description.functions = list;
    m->description.function_count = m->function_count;
    return true;
}

/* Counts the callbacks that calls give away, and lists them when there is a list. */
static bool each_use(reader *r, syrinx_bound_callback_use *list) {
    bound_module *m = r->module;
    for (unsigned phase = 0; phase < BOUND_PROGRAMS; phase++)
        for (unsigned i = 0; i < m->programs[phase].count; i++) {
            const bound_op *op = &m->programs[phase].ops[i];
            for (unsigned a = 0; op->kind == BOUND_CALL && a < op->function->count; a++) {
                if (op->args[a].source != BOUND_FROM_CALLBACK) continue;
                const bound_callback *c = &m->callbacks[op->args[a].index];
                unsigned n = m->description.callback_count++;
                if (!list) continue;
                list[n] = (syrinx_bound_callback_use){.function = (unsigned)(op->function - m->functions), .argument = a};
                if (!describe_signature(r, c->name, c->returns, c->args, c->count, &list[n].callback)) return false;
            }
        }
    return true;
}

static bool describe_callbacks(reader *r) {
    bound_module *m = r->module;
    if (!each_use(r, NULL)) return false;
    syrinx_bound_callback_use *list = bound_keep(m, (m->description.callback_count + 1) * sizeof *list);
    if (!list) return out_of_memory(r);
    m->description.callback_count = 0;
    m->description.callbacks = list;
    return each_use(r, list);
}

static bool describe_headers(reader *r, const place *at) {
    bound_module *m = r->module;
    json_t *value = member(m->bind, "header");
    place here = place_key(at, "header");
    const char **list = bound_keep(m, (BOUND_HEADERS + 1) * sizeof *list);
    if (!list) return out_of_memory(r);
    if (value && !json_is_string(value) && !need_array(r, &here, value, BOUND_HEADERS)) return false;
    size_t count = json_is_array(value) ? json_array_size(value) : value != NULL;
    for (size_t i = 0; i < count; i++) {
        json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        const char *name = json_string_value(item);
        /* The name becomes an #include line of bind-check. */
        if (!name || !name[0] || strpbrk(name, "\"<>\\\n\r") || strlen(name) > 200)
            return INVALID(&here, "must name C headers, such as \"speex/speex_preprocess.h\"");
        list[i] = name;
    }
    m->description.headers = list;
    m->description.header_count = (unsigned)count;
    return true;
}

bool describe_module(reader *r, const place *at) {
    bound_module *m = r->module;
    syx_plugin_desc *d = &m->descriptor;
    int64_t sessions = 0;
    if (!get_whole(r, at, m->bind, "max_sessions", 0, 100000, &sessions)) return false;
    d->struct_size = SYX_SIZEOF(syx_plugin_desc, vt);
    d->kind = m->kind;
    d->flags = flags(m);
    /* Frames of two sessions would mix in one state. */
    d->max_sessions = m->global_state && m->kind != SYX_TTS ? 1 : (uint32_t)sessions;
    d->config_schema = "{\"type\":\"object\",\"additionalProperties\":false}";
    d->vt = bound_table(m->kind);
    bool ok = keep_json(r, config_schema(m), &d->config_schema) && keep_json(r, session_schema(m), &d->session_schema) &&
              capabilities(r) && describe_functions(r) &&
              describe_callbacks(r) && describe_headers(r, at);
    m->descriptors[0] = d;
    m->table = (syx_module){SYX_MAGIC,        SYX_SIZEOF(syx_module, deinit), SYX_ABI_MAJOR, SYX_ABI_MINOR, 1,
                            "bound sdk-1.0.0", m->descriptors,                 NULL,          NULL};
    m->description.module = &m->table;
    return ok;
}
