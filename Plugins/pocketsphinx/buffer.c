/* SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void buffer_add(buffer *b, const char *text, size_t len) {
    if (b->failed || len == 0) return;
    if (b->len + len > b->capacity) {
        size_t capacity = (b->len + len) * 2;
        char *grown = realloc(b->data, capacity);
        if (!grown) {
            b->failed = true;
            return;
        }
        b->data = grown;
        b->capacity = capacity;
    }
    memcpy(b->data + b->len, text, len);
    b->len += len;
}

void buffer_puts(buffer *b, const char *text) { buffer_add(b, text, strlen(text)); }

void buffer_printf(buffer *b, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        b->failed = true;
    else
        buffer_add(b, text, (size_t)n);
}

void buffer_free(buffer *b) {
    free(b->data);
    *b = (buffer){0};
}

static bool write_all(int fd, const char *data, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n <= 0) return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

int buffer_to_file(const buffer *b, const char *name) {
    int fd = b->failed ? -1 : memfd_create(name, MFD_CLOEXEC);
    if (fd >= 0 && !write_all(fd, b->data, b->len)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

void buffer_file_path(int fd, char path[FILE_PATH]) { snprintf(path, FILE_PATH, "/proc/self/fd/%d", fd); }
