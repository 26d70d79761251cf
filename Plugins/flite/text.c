/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <ctype.h>
#include <stdlib.h>

/* Words longer than this are broken: flite's letter-to-sound rules are meant for words, not for blobs. */
enum { LONGEST_WORD = 48 };

/* Latin-1 letters U+00C0 ... U+00FF without their accents; a space where there is no plain letter. */
static const char latin1[] = "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTsaaaaaaaceeeeiiiidnooooo ouuuuyty";

static char plain(uint32_t code) {
    if (code < 0x80) return iscntrl((int)code) ? ' ' : (char)code;
    if (code >= 0xC0 && code <= 0xFF) return latin1[code - 0xC0];
    switch (code) {
        case 0x2018:
        case 0x2019:
            return '\'';
        case 0x2010:
        case 0x2011:
            return '-';
        case 0x2013:
        case 0x2014:
            return ','; /* a dash is heard as a pause */
        case 0x2026:
            return '.';
        default:
            return ' ';
    }
}

static size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead < 0xE0) return 2;
    if (lead >= 0xE0 && lead < 0xF0) return 3;
    return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

/* Decodes the UTF-8 sequence at p; an invalid byte counts as one unknown character. */
static size_t decode(const unsigned char *p, size_t left, uint32_t *code) {
    size_t size = sequence_length(p[0]);
    *code = 0xFFFD;
    if (size == 0 || size > left) return 1;
    uint32_t value = size == 1 ? p[0] : p[0] & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xC0) != 0x80) return 1;
        value = value << 6 | (p[i] & 0x3Fu);
    }
    *code = value;
    return size;
}

bool plain_text_make(plain_text *out, const char *utf8, size_t len) {
    /* Every sequence yields one character; a broken word adds one space to LONGEST_WORD. */
    size_t capacity = len + len / LONGEST_WORD + 2;
    *out = (plain_text){.ascii = malloc(capacity), .origin = malloc(capacity * sizeof *out->origin)};
    if (!out->ascii || !out->origin) return plain_text_free(out), false;
    size_t word = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t size = decode((const unsigned char *)utf8 + at, len - at, &code);
        char c = plain(code);
        word = c == ' ' ? 0 : word + 1;
        if (word > LONGEST_WORD) {
            out->origin[out->len] = (uint16_t)at;
            out->ascii[out->len++] = ' ';
            word = 1;
        }
        out->origin[out->len] = (uint16_t)at;
        out->ascii[out->len++] = c;
        out->speakable = out->speakable || isalnum((unsigned char)c);
        at += size;
    }
    out->ascii[out->len] = 0;
    return true;
}

void plain_text_free(plain_text *text) {
    free(text->ascii);
    free(text->origin);
    *text = (plain_text){0};
}
