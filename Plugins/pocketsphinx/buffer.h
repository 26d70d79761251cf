/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing text. Running out of memory sets `failed`, so that a writer checks once, at the end. */
#ifndef SPHINX_BUFFER_H
#define SPHINX_BUFFER_H
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char *data;
    size_t len, capacity;
    bool failed;
} buffer;

void buffer_add(buffer *b, const char *text, size_t len);
void buffer_puts(buffer *b, const char *text);
__attribute__((format(printf, 2, 3))) void buffer_printf(buffer *b, const char *format, ...);
void buffer_free(buffer *b);

/* An anonymous file with this text, readable under buffer_file_path; -1 on failure. Nothing is left behind on disk,
 * however the process ends. */
int buffer_to_file(const buffer *b, const char *name);
enum { FILE_PATH = 32 };
void buffer_file_path(int fd, char path[FILE_PATH]);

#endif
