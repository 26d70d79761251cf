/* SPDX-License-Identifier: Apache-2.0
 *
 * A shared object as bytes: read without running anything of it, every offset checked against the file's end. */
#ifndef ELF_FILE_H
#define ELF_FILE_H
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const unsigned char *bytes;
    size_t size;
    const char *error; /* NULL = well-formed as far as it was read */
    Elf64_Ehdr head;
    bool foreign;      /* not ELF64, little-endian, for this machine */
    const Elf64_Phdr *segments;
    size_t segment_count;
    const Elf64_Dyn *dynamic;
    size_t dynamic_count;
    const char *strings;
    size_t strings_size;
    const Elf64_Sym *symbols;
    size_t symbol_count;
    bool swift;        /* has Swift's metadata sections */
} elf_file;

elf_file *elf_read(const char *path);
/* The dynamic entry's value; false when absent. `nth` for those that repeat. */
bool elf_dynamic(const elf_file *, int64_t tag, size_t nth, uint64_t *value);
/* A name of the dynamic string table; "" when out of bounds. */
const char *elf_string(const elf_file *, uint64_t offset);
#endif
