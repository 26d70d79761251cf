/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool dictionary_open(dictionary *d, const char *path) {
    *d = (dictionary){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    struct stat info;
    void *map = MAP_FAILED;
    if (fstat(fd, &info) == 0 && info.st_size > 0)
        map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (map == MAP_FAILED) return false;
    *d = (dictionary){map, (size_t)info.st_size};
    return true;
}

void dictionary_close(dictionary *d) {
    if (d->text) munmap((void *)(size_t)d->text, d->size);
    *d = (dictionary){0};
}

/* Length of a line's word without the number of an alternative: 1 for "a(2) EY". */
static size_t word_length(const char *line, const char *end) {
    const char *p = line;
    while (p < end && *p != ' ' && *p != '\t') p++;
    size_t len = (size_t)(p - line);
    if (len > 3 && line[len - 1] == ')') {
        const char *open = memrchr(line, '(', len);
        if (open && open > line) len = (size_t)(open - line);
    }
    return len;
}

void dictionary_select(const dictionary *d, const word_set *words, bool *known, buffer *out) {
    memset(known, 0, words->count * sizeof *known);
    const char *end = d->text + d->size;
    for (const char *line = d->text, *next; line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        next = newline ? newline + 1 : end;
        int found = word_set_find(words, line, word_length(line, newline ? newline : end));
        if (found < 0) continue;
        known[found] = true;
        buffer_add(out, line, (size_t)(next - line));
    }
}
