/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FLITE_TEXT_H
#define FLITE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text as flite's English front end knows it: ASCII, with the byte of the original that each character came from. */
typedef struct {
    char *ascii; /* NUL-terminated */
    uint16_t *origin;
    size_t len;
    bool speakable; /* has a letter or a digit */
} plain_text;

/* Typographic marks and accented Latin letters become their plain forms, everything else beyond ASCII a space. The text
 * is at most 64 KiB; false when out of memory. */
bool plain_text_make(plain_text *out, const char *utf8, size_t len);
void plain_text_free(plain_text *text);

#endif
