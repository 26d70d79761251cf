/* SPDX-License-Identifier: Apache-2.0 */
#include "elf_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64 };
#else
enum { MACHINE = EM_NONE };
#endif

static bool inside(const elf_file *f, uint64_t offset, uint64_t count, uint64_t width) {
    return width > 0 && offset <= f->size && count <= (f->size - offset) / width;
}

static unsigned char *slurp(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    struct stat st;
    if (!file || fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > (1 << 30)) {
        if (file) fclose(file);
        return NULL;
    }
    unsigned char *bytes = malloc((size_t)st.st_size + 1);
    *size = bytes ? fread(bytes, 1, (size_t)st.st_size, file) : 0;
    fclose(file);
    return bytes;
}

/* Virtual address to offset in the file, through the segments. */
static bool offset_of(const elf_file *f, uint64_t address, uint64_t *offset) {
    for (size_t i = 0; i < f->segment_count; i++) {
        const Elf64_Phdr *s = &f->segments[i];
        if (s->p_type != PT_LOAD || address < s->p_vaddr || address - s->p_vaddr >= s->p_filesz) continue;
        *offset = s->p_offset + (address - s->p_vaddr);
        return *offset < f->size;
    }
    return false;
}

static void read_sections(elf_file *f) {
    if (!inside(f, f->head.e_shoff, f->head.e_shnum, sizeof(Elf64_Shdr)) || f->head.e_shentsize != sizeof(Elf64_Shdr)) return;
    const Elf64_Shdr *sections = (const void *)(f->bytes + f->head.e_shoff);
    if (f->head.e_shoff % 8 != 0 || f->head.e_shstrndx >= f->head.e_shnum) return;
    const Elf64_Shdr *names = &sections[f->head.e_shstrndx];
    for (size_t i = 0; i < f->head.e_shnum; i++) {
        const Elf64_Shdr *s = &sections[i];
        if (s->sh_name < names->sh_size && inside(f, names->sh_offset, names->sh_size, 1) &&
            names->sh_size - s->sh_name > 7 && memcmp(f->bytes + names->sh_offset + s->sh_name, "swift5_", 7) == 0)
            f->swift = true;
        if (s->sh_type != SHT_DYNSYM || s->sh_offset % 8 != 0) continue;
        if (!inside(f, s->sh_offset, s->sh_size, 1)) continue;
        f->symbols = (const void *)(f->bytes + s->sh_offset);
        f->symbol_count = s->sh_size / sizeof(Elf64_Sym);
    }
}

static const char *read_dynamic(elf_file *f) {
    for (size_t i = 0; i < f->segment_count; i++) {
        const Elf64_Phdr *s = &f->segments[i];
        if (s->p_type != PT_DYNAMIC) continue;
        if (!inside(f, s->p_offset, s->p_filesz, 1) || s->p_offset % 8 != 0) return "its dynamic segment lies outside of the file";
        f->dynamic = (const void *)(f->bytes + s->p_offset);
        f->dynamic_count = s->p_filesz / sizeof(Elf64_Dyn);
    }
    uint64_t address, size, offset;
    if (!f->dynamic) return "it has no dynamic segment: not a shared object";
    if (!elf_dynamic(f, DT_STRTAB, 0, &address) || !elf_dynamic(f, DT_STRSZ, 0, &size) || !offset_of(f, address, &offset) ||
        !inside(f, offset, size, 1))
        return "its string table lies outside of the file";
    f->strings = (const char *)f->bytes + offset;
    f->strings_size = size;
    return NULL;
}

static const char *parse(elf_file *f) {
    if (f->size < sizeof f->head || memcmp(f->bytes, ELFMAG, SELFMAG) != 0) return f->foreign = true, "it is no ELF file";
    memcpy(&f->head, f->bytes, sizeof f->head);
    if (f->head.e_ident[EI_CLASS] != ELFCLASS64 || f->head.e_ident[EI_DATA] != ELFDATA2LSB || f->head.e_machine != MACHINE)
        return f->foreign = true, "it is built for another machine";
    if (f->head.e_type != ET_DYN) return "it is no shared object";
    if (f->head.e_phentsize != sizeof(Elf64_Phdr) || f->head.e_phoff % 8 != 0 ||
        !inside(f, f->head.e_phoff, f->head.e_phnum, sizeof(Elf64_Phdr)))
        return "its segments lie outside of the file";
    f->segments = (const void *)(f->bytes + f->head.e_phoff);
    f->segment_count = f->head.e_phnum;
    const char *error = read_dynamic(f);
    read_sections(f);
    return error;
}

elf_file *elf_read(const char *path) {
    elf_file *f = calloc(1, sizeof *f);
    if (!f) abort();
    f->bytes = slurp(path, &f->size);
    f->error = f->bytes ? parse(f) : "it cannot be read as a file";
    return f;
}

bool elf_dynamic(const elf_file *f, int64_t tag, size_t nth, uint64_t *value) {
    for (size_t i = 0; i < f->dynamic_count && f->dynamic[i].d_tag != DT_NULL; i++) {
        if (f->dynamic[i].d_tag != tag || nth-- > 0) continue;
        if (value) *value = f->dynamic[i].d_un.d_val;
        return true;
    }
    return false;
}

const char *elf_string(const elf_file *f, uint64_t offset) {
    if (offset >= f->strings_size || !memchr(f->strings + offset, 0, f->strings_size - offset)) return "";
    return f->strings + offset;
}
