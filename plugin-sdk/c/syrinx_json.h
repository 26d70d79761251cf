/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx_json.h -- a minimal, allocation-free JSON reader (RFC 8259) for configuration objects.
 *
 * Values are slices of the given text: nothing is copied until a string is decoded into the caller's buffer. The
 * reader never looks outside the slice, never recurses deeper than SYX_JSON_DEPTH and treats malformed text as absent;
 * call syx_json_valid first where "malformed" and "absent" must be told apart. */
#ifndef SYRINX_JSON_H
#define SYRINX_JSON_H
#include "syrinx_c.h"

enum { SYX_JSON_DEPTH = 32 };

/* ------------------------------------------------------------------------------------------------- skipping text -- */
/* Each skipper takes the position of its construct and returns the position behind it, or NULL when malformed. */

SYX_HELPER const char *syx_json_space_(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
    return p;
}

SYX_HELPER const char *syx_json_skip_string_(const char *p, const char *end) {
    if (p >= end || *p != '"') return NULL;
    for (p++; p < end; p++) {
        if (*p == '"') return p + 1;
        if ((unsigned char)*p < 0x20) return NULL;
        if (*p == '\\' && ++p >= end) return NULL;
    }
    return NULL;
}

SYX_HELPER const char *syx_json_skip_word_(const char *p, const char *end) {
    const char *start = p;
    while (p < end && ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || (*p && strchr("+-.E", *p)))) p++;
    syx_str word = syx_span(start, (size_t)(p - start));
    if (word.len == 0) return NULL;
    bool number = *start == '-' || (*start >= '0' && *start <= '9');
    return number || syx_str_is(word, "true") || syx_str_is(word, "false") || syx_str_is(word, "null") ? p : NULL;
}

SYX_UNUSED static const char *syx_json_skip_(const char *p, const char *end, int depth);

SYX_HELPER const char *syx_json_skip_key_(const char *p, const char *end) {
    p = syx_json_skip_string_(p, end);
    if (!p) return NULL;
    p = syx_json_space_(p, end);
    return p < end && *p == ':' ? syx_json_space_(p + 1, end) : NULL;
}

SYX_UNUSED static const char *syx_json_skip_container_(const char *p, const char *end, int depth) {
    char close = *p == '{' ? '}' : ']';
    p = syx_json_space_(p + 1, end);
    if (p < end && *p == close) return p + 1;
    while (p < end) {
        if (close == '}' && !(p = syx_json_skip_key_(p, end))) return NULL;
        if (!(p = syx_json_skip_(p, end, depth))) return NULL;
        p = syx_json_space_(p, end);
        if (p < end && *p == close) return p + 1;
        if (p >= end || *p != ',') return NULL;
        p = syx_json_space_(p + 1, end);
    }
    return NULL;
}

SYX_UNUSED static const char *syx_json_skip_(const char *p, const char *end, int depth) {
    p = syx_json_space_(p, end);
    if (p >= end) return NULL;
    if (*p == '"') return syx_json_skip_string_(p, end);
    if (*p != '{' && *p != '[') return syx_json_skip_word_(p, end);
    return depth > 0 ? syx_json_skip_container_(p, end, depth - 1) : NULL;
}

/* True when the text is exactly one well-formed value. */
SYX_HELPER bool syx_json_valid(syx_str text) {
    if (!text.ptr) return false;
    const char *end = text.ptr + text.len, *p = syx_json_skip_(text.ptr, end, SYX_JSON_DEPTH);
    return p && syx_json_space_(p, end) == end;
}

/* --------------------------------------------------------------------------------------------- objects and arrays -- */

/* Steps through an object or array. Start with *cursor = 0; an array leaves *key empty. Keys are given as written
 * (between the quotes): configuration keys are plain ASCII words. */
SYX_HELPER bool syx_json_next(syx_str container, size_t *cursor, syx_str *key, syx_str *value) {
    if (!container.ptr) return false;
    const char *end = container.ptr + container.len, *p = container.ptr + *cursor;
    bool first = *cursor == 0, object;
    const char *open = syx_json_space_(container.ptr, end);
    if (open >= end || (*open != '{' && *open != '[')) return false;
    object = *open == '{';
    p = syx_json_space_(first ? open + 1 : p, end);
    if (!first) {
        if (p >= end || *p != ',') return false;
        p = syx_json_space_(p + 1, end);
    }
    *key = syx_span(NULL, 0);
    if (object) {
        const char *name = p, *name_end = syx_json_skip_string_(p, end);
        if (!name_end || !(p = syx_json_skip_key_(p, end))) return false;
        *key = syx_span(name + 1, (size_t)(name_end - name) - 2);
    }
    const char *behind = syx_json_skip_(p, end, SYX_JSON_DEPTH);
    if (!behind) return false;
    *value = syx_span(p, (size_t)(behind - p));
    *cursor = (size_t)(behind - container.ptr);
    return true;
}

/* The value of an object's field, as a slice; false when absent or null. */
SYX_HELPER bool syx_json_field(syx_str object, const char *name, syx_str *value) {
    size_t cursor = 0;
    syx_str key;
    while (syx_json_next(object, &cursor, &key, value))
        if (key.ptr && syx_str_is(key, name)) return !syx_str_is(*value, "null");
    return false;
}

SYX_HELPER bool syx_json_is(syx_str value, char opening) { return value.len > 0 && value.ptr[0] == opening; }

/* ------------------------------------------------------------------------------------------------------- strings -- */

SYX_HELPER int32_t syx_json_hex4_(const char *p, const char *end) {
    int32_t code = 0;
    if (end - p < 4) return -1;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return code;
}

SYX_HELPER size_t syx_json_utf8_(uint32_t code, char out[4]) {
    if (code < 0x80) return out[0] = (char)code, 1;
    if (code < 0x800) return out[0] = (char)(0xC0 | code >> 6), out[1] = (char)(0x80 | (code & 63)), 2;
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12), out[1] = (char)(0x80 | (code >> 6 & 63));
        return out[2] = (char)(0x80 | (code & 63)), 3;
    }
    out[0] = (char)(0xF0 | code >> 18), out[1] = (char)(0x80 | (code >> 12 & 63));
    return out[2] = (char)(0x80 | (code >> 6 & 63)), out[3] = (char)(0x80 | (code & 63)), 4;
}

/* Decodes the escape behind a backslash at *p (RFC 8259 section 7), pairs of surrogates included; 0 = malformed.
 * A lone surrogate becomes U+FFFD. */
SYX_HELPER size_t syx_json_escape_(const char **p, const char *end, char out[4]) {
    static const char names[] = "\"\\/bfnrt", codes[] = "\"\\/\b\f\n\r\t";
    char c = *(*p)++;
    if (c != 'u') {
        const char *found = c ? strchr(names, c) : NULL;
        return found ? (out[0] = codes[found - names], 1) : 0;
    }
    int32_t high = syx_json_hex4_(*p, end);
    if (high < 0) return 0;
    *p += 4;
    uint32_t code = (uint32_t)high;
    if (code >= 0xD800 && code < 0xDC00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        int32_t low = syx_json_hex4_(*p + 2, end);
        if (low >= 0xDC00 && low < 0xE000) {
            *p += 6;
            return syx_json_utf8_(0x10000 + ((code - 0xD800) << 10) + ((uint32_t)low - 0xDC00), out);
        }
    }
    return syx_json_utf8_(code >= 0xD800 && code < 0xE000 ? 0xFFFD : code, out);
}

/* Decodes a string value into out[cap], NUL-terminated, its length in *len (may be NULL). False when the value is not
 * a string, is malformed, contains U+0000 or does not fit. The decoded text is never longer than the slice. */
SYX_HELPER bool syx_json_string(syx_str value, char *out, size_t cap, size_t *len) {
    if (!syx_json_is(value, '"') || value.len < 2 || cap == 0) return false;
    const char *p = value.ptr + 1, *end = value.ptr + value.len - 1;
    size_t n = 0;
    while (p < end) {
        char bytes[4] = {*p};
        size_t size = 1;
        if (*p++ == '\\' && (p >= end || (size = syx_json_escape_(&p, end, bytes)) == 0)) return false;
        if (bytes[0] == 0 || n + size >= cap) return false;
        memcpy(out + n, bytes, size);
        n += size;
    }
    out[n] = 0;
    if (len) *len = n;
    return true;
}

/* ------------------------------------------------------------------------------------------------------- numbers -- */

/* Reads a number without the C library's locale, in which a decimal point may be a comma. */
SYX_HELPER bool syx_json_number(syx_str value, double *out) {
    const char *p = value.ptr, *end = value.ptr + value.len;
    if (p >= end || !(*p == '-' || (*p >= '0' && *p <= '9'))) return false;
    bool negative = *p == '-';
    if (negative) p++;
    double mantissa = 0;
    int exponent = 0, digits = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++, digits++) mantissa = mantissa * 10 + (*p - '0');
    if (p < end && *p == '.')
        for (p++; p < end && *p >= '0' && *p <= '9'; p++, digits++, exponent--) mantissa = mantissa * 10 + (*p - '0');
    if (digits == 0) return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        int sign = 1, power = 0;
        p++;
        if (p < end && (*p == '+' || *p == '-')) sign = *p++ == '-' ? -1 : 1;
        for (; p < end && *p >= '0' && *p <= '9'; p++)
            if (power < 1000) power = power * 10 + (*p - '0');
        exponent += sign * power;
    }
    if (p != end) return false;
    double result = mantissa * pow(10, exponent);
    if (!isfinite(result)) return false;
    *out = negative ? -result : result;
    return true;
}

/* ------------------------------------------------------------------------------------------------------- options -- */
/* The host has already validated options by the schema; these repeat the bounds so that a plugin is safe alone. */

SYX_HELPER double syx_opt_number(syx_str object, const char *name, double low, double high, double fallback) {
    syx_str value;
    double number;
    if (!syx_json_field(object, name, &value) || !syx_json_number(value, &number)) return fallback;
    return number < low ? low : number > high ? high : number;
}

SYX_HELPER bool syx_opt_bool(syx_str object, const char *name, bool fallback) {
    syx_str value;
    if (!syx_json_field(object, name, &value)) return fallback;
    return syx_str_is(value, "true") || (fallback && !syx_str_is(value, "false"));
}

/* Copies a string option; when it is absent, not a string or too long, `out` keeps what it held. */
SYX_HELPER bool syx_opt_string(syx_str object, const char *name, char *out, size_t cap) {
    syx_str value;
    char text[256];
    size_t len;
    if (!syx_json_field(object, name, &value) || !syx_json_string(value, text, sizeof text, &len) || len >= cap)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

/* True for an empty text (no options given) or one well-formed object. */
SYX_HELPER bool syx_options_ok(syx_str text) {
    if (text.len == 0) return true;
    if (!syx_json_valid(text)) return false;
    return *syx_json_space_(text.ptr, text.ptr + text.len) == '{';
}

#endif
