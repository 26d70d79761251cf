/* SPDX-License-Identifier: Apache-2.0
 *
 * The sections "format", "result" and "voices". */
#include <math.h>

#include "reader.h"
#include "types.h"

static bool read_rates(reader *r, const place *at, json_t *list, bound_format *f) {
    if (!list) return INVALID(at, "is missing: which sample rates does the library take?");
    if (!need_array(r, at, list, BOUND_RATES)) return false;
    if (json_array_size(list) == 0) return INVALID(at, "is empty");
    for (size_t i = 0; i < json_array_size(list); i++) {
        place here = place_index(at, i);
        json_t *item = json_array_get(list, i);
        json_int_t rate = json_integer_value(item);
        if (!json_is_integer(item) || rate < 8000 || rate > 48000) return INVALID(&here, "must be 8000 to 48000");
        f->rates[f->rate_count++] = (uint32_t)rate;
    }
    return true;
}

/* A fixed frame has a whole number of samples at each rate. */
static bool check_frame(reader *r, const place *at, const bound_format *f) {
    place here = place_key(at, "frame_ms");
    if (f->frame_ms && f->frame_samples) return INVALID(&here, "stands beside frame_samples; one of the two is enough");
    for (uint32_t i = 0; i < f->rate_count; i++)
        if (f->frame_ms && f->rates[i] * f->frame_ms % 1000)
            return INVALID(&here, "%u ms at %u Hz is no whole number of samples", f->frame_ms, f->rates[i]);
    return true;
}

bool read_format(reader *r, const place *at, json_t *object) {
    static const char *const keys[] = {"format",   "range",         "channels",   "rates",
                                       "frame_ms", "frame_samples", "latency_ms", NULL};
    static const char *const words[] = {"s16", "f32", NULL};
    if (!object) return INVALID(at, "is missing");
    if (!need_object(r, at, object, 8) || !only_keys(r, at, object, keys)) return false;
    bound_format *f = &r->module->format;
    int64_t channels = 1, frame_ms = 0, samples = 0, latency = 0;
    int choice = get_choice(r, at, object, "format", words, -1);
    place here = place_key(at, "rates");
    if (choice < 0 || !read_rates(r, &here, member(object, "rates"), f)) return false;
    bool ok = get_whole(r, at, object, "channels", 1, 1, &channels) &&
              get_whole(r, at, object, "frame_ms", 1, 60, &frame_ms) &&
              get_whole(r, at, object, "frame_samples", 16, 4096, &samples) &&
              get_whole(r, at, object, "latency_ms", 0, 1000, &latency);
    if (!ok) return false;
    json_t *range = member(object, "range");
    here = place_key(at, "range");
    if (range && (choice == 0 || !json_is_number(range) || json_number_value(range) < 1 || json_number_value(range) > 65536))
        return INVALID(&here, "is the f32 value of full scale, 1 to 65536");
    f->f32 = choice == 1;
    f->range = range ? (float)json_number_value(range) : 1;
    f->frame_ms = (uint32_t)frame_ms;
    f->frame_samples = (uint32_t)samples;
    f->latency_ms = (uint32_t)latency;
    here = place_key(at, "frame_ms");
    if (r->module->kind == SYX_TTS && (frame_ms || samples)) return INVALID(&here, "a tts has no frames");
    return check_frame(r, at, f);
}

/* "result": {"probability": "$speech"}, or {"probability": {"value": "$percent", "scale": 0.01}}. */
bool read_result(reader *r, const place *at, json_t *object) {
    static const char *const keys[] = {"probability", NULL}, *const scaled[] = {"value", "scale", NULL};
    bound_module *m = r->module;
    place here = place_key(at, "probability");
    if (!object) return m->kind != SYX_VAD ? true : INVALID(&here, "is missing: where does a vad find the speech?");
    if (!need_object(r, at, object, 4) || !only_keys(r, at, object, keys)) return false;
    json_t *value = member(object, "probability");
    m->probability_scale = 1;
    if (json_is_object(value)) {
        if (!only_keys(r, &here, value, scaled)) return false;
        place factor = place_key(&here, "scale");
        json_t *scale = member(value, "scale");
        if (scale && !json_is_number(scale)) return INVALID(&factor, "must be a number");
        if (scale) m->probability_scale = json_number_value(scale);
        value = member(value, "value");
    }
    const char *name = json_string_value(value);
    if (!name || name[0] != '$') return INVALID(&here, "must name a variable, such as \"$speech\"");
    for (unsigned i = 0; i < m->variable_count; i++) {
        const bound_variable *v = &m->variables[i];
        if (strcmp(v->name, name + 1) != 0) continue;
        if (v->scope != BOUND_SESSION || bound_is_pointer(v->type.base))
            return INVALID(&here, "`%s` is no number of a session", name);
        m->probability = (bound_value){.source = BOUND_FROM_VARIABLE, .type = v->type, .variable = v};
        return true;
    }
    return UNKNOWN(&here, "nothing is called `%.80s`", name);
}

bool read_voices(reader *r, const place *at, json_t *object) {
    if (!object) return true;
    if (r->module->kind != SYX_TTS) return INVALID(at, "only a tts has voices");
    if (!need_object(r, at, object, 512)) return false;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        place here = place_key(at, key);
        if (strlen(key) > 15 || !json_is_string(value) || json_string_length(value) > 47)
            return INVALID(&here, "must be a language tag of at most 15 bytes and a voice of at most 47");
    }
    r->module->voices = object;
    return true;
}
