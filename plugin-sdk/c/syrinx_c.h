/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx_c.h -- small helpers for plugins written in C or C++. Header-only; nothing here is part of the ABI.
 *
 *   strings   syx_cstr, syx_str_is
 *   errors    syx_fail
 *   logging   syx_logf
 *   events    syx_ev, syx_emit_text, syx_emit_error
 *   audio     syx_frame_is_pcm, syx_frame_copy_header, syx_pcm_level
 *   entry     SYX_MODULE
 *
 * The JSON reader is in syrinx_json.h, cancelled generations in syrinx_cancel.h, a whole TTS session's queue in
 * syrinx_speaker.h. */
#ifndef SYRINX_C_H
#define SYRINX_C_H
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "syrinx_plugin.h"

#if defined(__GNUC__)
#define SYX_UNUSED __attribute__((unused))
#define SYX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define SYX_UNUSED
#define SYX_PRINTF(fmt, args)
#endif
/* Helpers a plugin does not use vanish without a warning. */
#define SYX_HELPER SYX_UNUSED static inline

/* ------------------------------------------------------------------------------------------------------ strings -- */

SYX_HELPER syx_str syx_span(const char *ptr, size_t len) {
    syx_str s;
    s.ptr = ptr;
    s.len = len;
    return s;
}

SYX_HELPER syx_str syx_cstr(const char *text) { return syx_span(text, text ? strlen(text) : 0); }

SYX_HELPER bool syx_str_is(syx_str s, const char *text) {
    size_t len = strlen(text);
    return s.len == len && (len == 0 || memcmp(s.ptr, text, len) == 0);
}

/* The longest prefix of at most `limit` bytes that does not cut a UTF-8 sequence in two. */
SYX_HELPER size_t syx_utf8_prefix(const char *text, size_t len, size_t limit) {
    if (len <= limit) return len;
    while (limit > 0 && ((unsigned char)text[limit] & 0xC0) == 0x80) limit--;
    return limit;
}

/* Bytes of the UTF-8 sequence at text[0], 0 when it is none (RFC 3629: no surrogates, nothing longer than needed). */
SYX_HELPER size_t syx_utf8_step(const char *text, size_t len) {
    const unsigned char *p = (const unsigned char *)text;
    size_t size = p[0] < 0x80                   ? 1
                  : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
                  : (p[0] & 0xF0) == 0xE0       ? 3
                  : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                                : 0;
    if (size == 0 || size > len) return 0;
    for (size_t i = 1; i < size; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if (size == 3 && ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] >= 0xA0))) return 0;
    if (size == 4 && ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] >= 0x90))) return 0;
    return size;
}

/* True for whole UTF-8. A host sends nothing else; what comes out again should be checked all the same. */
SYX_HELPER bool syx_utf8_valid(syx_str s) {
    for (size_t i = 0, step; i < s.len; i += step)
        if (!s.ptr || (step = syx_utf8_step(s.ptr + i, s.len - i)) == 0) return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------------- errors -- */

/* Fills *err (which may be NULL or from an older host) and returns `code`, so that `return syx_fail(...)` reads well. */
SYX_PRINTF(3, 4)
SYX_HELPER syx_status syx_fail(syx_err *err, syx_status code, const char *format, ...) {
    if (!err || !SYX_HAS(err, syx_err, msg)) return code;
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    len = syx_utf8_prefix(text, len, sizeof err->msg - 1);
    memcpy(err->msg, text, len);
    err->msg[len] = 0;
    err->code = code;
    err->flags = 0;
    err->retry_after_ms = 0;
    err->vendor_code = 0;
    return code;
}

/* ------------------------------------------------------------------------------------------------------ logging -- */

SYX_PRINTF(5, 6)
SYX_HELPER void syx_logf(const syx_core *core, syx_hprovider provider, syx_hsession session, uint32_t level,
                         const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0) return;
    size_t len = (size_t)n < sizeof text ? (size_t)n : syx_utf8_prefix(text, sizeof text - 1, sizeof text - 2);
    core->log(provider, session, level, syx_span(text, len), syx_span(NULL, 0));
}

/* ------------------------------------------------------------------------------------------------------- events -- */

SYX_HELPER syx_event syx_ev(uint16_t type, uint64_t generation, uint64_t id) {
    syx_event ev;
    memset(&ev, 0, sizeof ev);
    ev.struct_size = SYX_SIZEOF(syx_event, audio);
    ev.type = type;
    ev.generation = generation;
    ev.id = id;
    return ev;
}

SYX_HELPER syx_status syx_emit_text(const syx_core *core, syx_hsession session, uint16_t type, uint64_t generation,
                                    syx_str text, double confidence) {
    syx_event ev = syx_ev(type, generation, 0);
    ev.text = text;
    ev.f0 = confidence;
    return core->emit(session, &ev);
}

SYX_HELPER syx_status syx_emit_error(const syx_core *core, syx_hsession session, uint64_t generation, uint64_t id,
                                     syx_status code, uint32_t flags, const char *message) {
    syx_event ev = syx_ev(SYX_EV_ERROR, generation, id);
    ev.i0 = code;
    ev.i1 = flags;
    ev.text = syx_cstr(message);
    return core->emit(session, &ev);
}

/* True for a core event that is large enough to be read to its last field. */
SYX_HELPER bool syx_event_readable(const syx_event *ev) {
    return ev && SYX_HAS(ev, syx_event, audio) && ev->space == 0;
}

/* -------------------------------------------------------------------------------------------------------- audio -- */

/* True when the frame is whole 16-bit mono PCM at `rate`, with as many bytes as it claims. Silence may lack its data. */
SYX_HELPER bool syx_frame_is_pcm(const syx_frame *f, uint32_t rate) {
    if (!f || !SYX_HAS(f, syx_frame, buf)) return false;
    if (f->format != SYX_FMT_S16 || f->channels != 1 || f->rate != rate || f->samples == 0) return false;
    if (!f->data) return (f->flags & SYX_FR_SILENCE) != 0;
    return f->bytes == (size_t)f->samples * 2 && ((uintptr_t)f->data & 1) == 0;
}

/* True when the frame's length lies within 10 ... 60 ms and is a multiple of `quantum` samples. */
SYX_HELPER bool syx_frame_fits(const syx_frame *f, uint32_t quantum) {
    return f->samples >= f->rate / 100 && f->samples <= f->rate / 100 * 6 && f->samples % quantum == 0;
}

/* Prepares a filter's output: the input's description and data (silence without data is written out as zeros). */
SYX_HELPER syx_status syx_frame_copy(const syx_frame *in, syx_frame *out) {
    size_t bytes = (size_t)in->samples * 2;
    if (!out || !SYX_HAS(out, syx_frame, buf) || !out->data || out->bytes < bytes) return SYX_EINVAL;
    if (!in->data)
        memset(out->data, 0, bytes);
    else if (in->data != out->data)
        memmove(out->data, in->data, bytes);
    out->format = in->format;
    out->rate = in->rate;
    out->channels = in->channels;
    out->samples = in->samples;
    out->flags = in->flags & ~(uint32_t)SYX_FR_SILENCE;
    out->generation = in->generation;
    out->pts = in->pts;
    out->t_ns = in->t_ns;
    out->bytes = bytes;
    return SYX_OK;
}

#define SYX_LEVEL_MIN (-120.0f)

/* Level of the AC part in dB relative to a full-scale square wave. Two integer sums that the compiler vectorises;
 * taking the mean out keeps a line's DC offset from looking like sound. */
SYX_HELPER float syx_pcm_level(const int16_t *pcm, uint32_t n) {
    uint64_t squares = 0;
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        int32_t x = pcm[i];
        squares += (uint32_t)(x * x);
        sum += x;
    }
    if (n == 0) return SYX_LEVEL_MIN;
    double mean = (double)sum / n;
    double power = (double)squares / n - mean * mean;
    if (power < 1e-3) return SYX_LEVEL_MIN;
    float level = 10.0f * log10f((float)(power / (32768.0 * 32768.0)));
    return level < SYX_LEVEL_MIN ? SYX_LEVEL_MIN : level;
}

SYX_HELPER float syx_frame_level(const syx_frame *f) {
    return f->data ? syx_pcm_level((const int16_t *)f->data, f->samples) : SYX_LEVEL_MIN;
}

/* Fills a result (which may be NULL: a filter's host need not ask). */
SYX_HELPER void syx_result_fill(syx_result *r, const syx_frame *in, float probability, float level) {
    if (!r || !SYX_HAS(r, syx_result, pts)) return;
    r->flags = 0;
    r->probability = probability;
    r->level_dbfs = level;
    r->pts = in->pts;
}

/* -------------------------------------------------------------------------------------------------------- entry -- */

#define SYX_STR1_(x) #x
#define SYX_STR_(x) SYX_STR1_(x)
#if defined(__clang__)
#define SYX_BUILD_INFO "clang-" SYX_STR_(__clang_major__) " sdk-1.0.0"
#else
#define SYX_BUILD_INFO "gcc-" SYX_STR_(__GNUC__) " sdk-1.0.0"
#endif

/* SYX_MODULE(&desc, &another_desc): the module's table and its one exported function. */
#define SYX_MODULE(...)                                                                   \
    static const syx_plugin_desc *const syx_module_plugins[] = {__VA_ARGS__};             \
    static const syx_module syx_module_table = {                                          \
        SYX_MAGIC,                                                                        \
        SYX_SIZEOF(syx_module, deinit),                                                   \
        SYX_ABI_MAJOR,                                                                    \
        SYX_ABI_MINOR,                                                                    \
        (uint32_t)(sizeof syx_module_plugins / sizeof syx_module_plugins[0]),             \
        SYX_BUILD_INFO,                                                                   \
        syx_module_plugins,                                                               \
        NULL,                                                                             \
        NULL,                                                                             \
    };                                                                                    \
    const syx_module *syrinx_plugin_entry_1(void) { return &syx_module_table; }

#endif
