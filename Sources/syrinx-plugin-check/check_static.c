/* SPDX-License-Identifier: Apache-2.0
 *
 * S: what the files say, before any code of the plugin runs. */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "checks.h"

#define ENTRY "syrinx_plugin_entry_1"

static bool readable(ck *c) {
    if (c->elf->error) ck_fail(c, "%s", c->elf->error);
    return !c->elf->error;
}

void check_static_machine(ck *c) { readable(c); }

static bool is_defined(const Elf64_Sym *s) { return s->st_shndx != SHN_UNDEF && ELF64_ST_BIND(s->st_info) != STB_LOCAL; }

void check_static_exports(ck *c) {
    if (!readable(c)) return;
    size_t others = 0;
    bool entry = false;
    const char *other = "";
    for (size_t i = 1; i < c->elf->symbol_count; i++) {
        const Elf64_Sym *s = &c->elf->symbols[i];
        const char *name = elf_string(c->elf, s->st_name);
        if (!is_defined(s) || s->st_shndx == SHN_ABS) continue;
        if (strcmp(name, ENTRY) == 0) entry = true;
        else if (strncmp(name, "syrinx_plugin_entry_", 20) != 0 && others++ == 0) other = name;
    }
    CK_NEED(c, entry, "it does not export " ENTRY);
    CK_NEED(c, others == 0, "it exports %zu other symbols, %.100s among them", others, other);
}

void check_static_unique(ck *c) {
    if (!readable(c)) return;
    for (size_t i = 1; i < c->elf->symbol_count; i++)
        CK_NEED(c, ELF64_ST_BIND(c->elf->symbols[i].st_info) != STB_GNU_UNIQUE, "%.150s is a unique symbol",
                elf_string(c->elf, c->elf->symbols[i].st_name));
}

void check_static_needed(ck *c) {
    if (!readable(c)) return;
    uint64_t at;
    for (size_t i = 0; elf_dynamic(c->elf, DT_NEEDED, i, &at); i++) {
        const char *name = elf_string(c->elf, at);
        CK_NEED(c, *name && !strchr(name, '/'), "it needs `%.150s`: a path of the machine that built it", name);
        CK_NEED(c, strncmp(name, "libasan", 7) && strncmp(name, "libtsan", 7) && strncmp(name, "libubsan", 8),
                "it needs %s: a sanitizer's build", name);
    }
}

/* In a child: loading libraries runs their constructors. */
void check_static_resolved(ck *c) {
    if (!readable(c)) return;
    void *libraries[128];
    size_t count = 0, missing = 0;
    const char *first = "";
    uint64_t at;
    for (size_t i = 0; i < 128 && elf_dynamic(c->elf, DT_NEEDED, i, &at); i++) {
        const char *name = elf_string(c->elf, at);
        void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
        /* Found through its RUNPATH only: then loading the plugin itself brings it in. */
        if (!library && (elf_dynamic(c->elf, DT_RUNPATH, 0, NULL) || elf_dynamic(c->elf, DT_RPATH, 0, NULL)))
            return ck_skip(c, "it finds %.100s through its RUNPATH only (S8)", name);
        CK_NEED(c, library, "it needs %s, which this machine does not have", name);
        libraries[count++] = library;
    }
    for (size_t i = 1; i < c->elf->symbol_count; i++) {
        const Elf64_Sym *s = &c->elf->symbols[i];
        const char *name = elf_string(c->elf, s->st_name);
        if (s->st_shndx != SHN_UNDEF || ELF64_ST_BIND(s->st_info) == STB_WEAK || !*name) continue;
        bool found = false;
        for (size_t k = 0; k < count && !found; k++) found = dlsym(libraries[k], name) != NULL;
        if (!found && missing++ == 0) first = name;
    }
    CK_NEED(c, missing == 0, "%zu symbols come from no library that it names, %.120s among them", missing, first);
}

void check_static_stack(ck *c) {
    if (!readable(c)) return;
    for (size_t i = 0; i < c->elf->segment_count; i++)
        CK_NEED(c, c->elf->segments[i].p_type != PT_GNU_STACK || !(c->elf->segments[i].p_flags & PF_X), "it asks for an executable stack");
}

void check_static_textrel(ck *c) {
    uint64_t flags = 0;
    if (!readable(c)) return;
    elf_dynamic(c->elf, DT_FLAGS, 0, &flags);
    CK_NEED(c, !elf_dynamic(c->elf, DT_TEXTREL, 0, NULL) && !(flags & DF_TEXTREL), "its code is changed while it is loaded (TEXTREL)");
}

void check_static_runpath(ck *c) {
    uint64_t at;
    if (!readable(c)) return;
    if (!elf_dynamic(c->elf, DT_RUNPATH, 0, &at) && !elf_dynamic(c->elf, DT_RPATH, 0, &at)) return;
    const char *path = elf_string(c->elf, at);
    /* The place of a Swift runtime that a plugin shares with its host; S12 speaks of that. */
    if (c->elf->swift) return ck_warn(c, "it looks for libraries in %.150s", path);
    ck_fail(c, "it looks for libraries in %.150s", path);
}

void check_static_writable_code(ck *c) {
    if (!readable(c)) return;
    for (size_t i = 0; i < c->elf->segment_count; i++) {
        const Elf64_Phdr *s = &c->elf->segments[i];
        CK_NEED(c, s->p_type != PT_LOAD || !((s->p_flags & PF_W) && (s->p_flags & PF_X)), "segment %zu is writable and executable", i);
    }
}

void check_static_relro(ck *c) {
    uint64_t flags = 0, flags1 = 0;
    bool relro = false;
    if (!readable(c)) return;
    for (size_t i = 0; i < c->elf->segment_count; i++) relro = relro || c->elf->segments[i].p_type == PT_GNU_RELRO;
    elf_dynamic(c->elf, DT_FLAGS, 0, &flags);
    elf_dynamic(c->elf, DT_FLAGS_1, 0, &flags1);
    bool now = (flags & DF_BIND_NOW) || (flags1 & DF_1_NOW) || elf_dynamic(c->elf, DT_BIND_NOW, 0, NULL);
    if (!relro || !now) ck_warn(c, "its function pointers to libraries stay writable");
}

void check_static_tls(ck *c) {
    uint64_t flags = 0;
    if (!readable(c)) return;
    elf_dynamic(c->elf, DT_FLAGS, 0, &flags);
    if (flags & DF_STATIC_TLS) ck_warn(c, "it needs static thread-local storage, of which a process has little");
}

void check_static_swift(ck *c) {
    uint64_t at;
    if (!readable(c)) return;
    if (!c->elf->swift) return ck_skip(c, "it has no Swift in it");
    for (size_t i = 0; elf_dynamic(c->elf, DT_NEEDED, i, &at); i++)
        if (strncmp(elf_string(c->elf, at), "libswift", 8) == 0)
            return ck_warn(c, "it shares the host's Swift runtime, so it works only with a host of the very same toolchain");
}

/* Names among the undefined symbols. */
static const char *imports(const ck *c, const char *const *names) {
    for (size_t i = 1; i < c->elf->symbol_count; i++) {
        const Elf64_Sym *s = &c->elf->symbols[i];
        if (s->st_shndx != SHN_UNDEF) continue;
        for (size_t k = 0; names[k]; k++)
            if (strcmp(elf_string(c->elf, s->st_name), names[k]) == 0) return names[k];
    }
    return NULL;
}

static void warn_imports(ck *c, const char *const *names, const char *why) {
    if (!readable(c)) return;
    if (c->elf->swift) return ck_skip(c, "a Swift runtime inside it imports many functions that it never calls");
    const char *found = imports(c, names);
    if (found) ck_warn(c, "it imports %s: %s", found, why);
}

void check_static_processes(ck *c) {
    static const char *const names[] = {"fork", "vfork", "execve", "execv", "execvp", "execl", "execlp", "system", "popen",
                                        "posix_spawn", "posix_spawnp", "exit", "_exit", "quick_exit", NULL};
    warn_imports(c, names, "a plugin starts no process and never ends its host's");
}

void check_static_clocks(ck *c) {
    static const char *const names[] = {"clock_gettime", "gettimeofday", "time", "nanosleep", "usleep", "sleep", "clock_nanosleep",
                                        "timer_create", "setitimer", "alarm", NULL};
    warn_imports(c, names, "time comes from now_ns and timer");
}

void check_static_network(ck *c) {
    static const char *const names[] = {"socket", "connect", "bind", "listen", "accept", "getaddrinfo", "gethostbyname", NULL};
    warn_imports(c, names, "an isolated plugin has no network");
}

/* ------------------------------------------------------------------------------------------------------ manifest -- */

static bool is_id(const char *s) {
    size_t n = strlen(s);
    return n >= 1 && n <= 64 && s[0] >= 'a' && s[0] <= 'z' && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static bool is_version(const char *s) {
    int a, b, c, n = 0;
    return sscanf(s, "%d.%d.%d%n", &a, &b, &c, &n) == 3 && a >= 0 && b >= 0 && c >= 0 && (s[n] == 0 || s[n] == '-' || s[n] == '+');
}

static const char *const kinds[] = {"backend", "transport", "stt", "tts", "s2s", "agent", "vad", "turn", "filter", NULL};

void check_static_manifest(ck *c) {
    if (!c->o->has_manifest) return ck_skip(c, "it was given as a shared object, without a plugin.json");
    CK_NEED(c, json_is(c->manifest, JSON_OBJECT), "plugin.json is not a JSON object of at most 64 KiB");
    const char *abi = json_text(c->manifest, "abi", ""), *entry = json_text(c->manifest, "entry", "");
    int major, minor, n = 0;
    CK_NEED(c, is_id(json_text(c->manifest, "id", "")), "`id` is missing or malformed");
    CK_NEED(c, is_version(json_text(c->manifest, "version", "")), "`version` is not a semantic version");
    CK_NEED(c, sscanf(abi, "%d.%d%n", &major, &minor, &n) == 2 && !abi[n] && major == SYX_ABI_MAJOR, "`abi` is `%.40s`, not %d.x", abi, SYX_ABI_MAJOR);
    CK_NEED(c, *entry && !strchr(entry, '/') && entry[0] != '.', "`entry` is not a plain file name");
    const json *provides = json_get(c->manifest, "provides");
    CK_NEED(c, json_is(provides, JSON_ARRAY) && provides->first, "`provides` is no list, or empty");
    for (const json *p = provides->first; p; p = p->next) {
        const char *kind = json_text(p, "kind", "");
        bool known = false;
        for (size_t i = 0; kinds[i]; i++) known = known || strcmp(kinds[i], kind) == 0;
        CK_NEED(c, known, "`provides` has the unknown kind `%.40s`", kind);
        CK_NEED(c, is_id(json_text(p, "id", "")), "`provides` has a provider without a valid id");
    }
    if (!*json_text(c->manifest, "license", "")) ck_warn(c, "it does not say its license");
}

static void walk(ck *c, const char *folder, int depth, size_t *files) {
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) && *files < 10000;) {
        char path[4600];
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        snprintf(path, sizeof path, "%.4000s/%.255s", folder, e->d_name);
        if (lstat(path, &st) != 0) continue;
        ++*files;
        if (S_ISLNK(st.st_mode)) ck_fail(c, "%.150s is a symbolic link", e->d_name);
        else if (S_ISDIR(st.st_mode)) depth > 0 ? walk(c, path, depth - 1, files) : ck_fail(c, "its folders are nested too deeply");
        else if (!S_ISREG(st.st_mode)) ck_fail(c, "%.150s is no file", e->d_name);
        if (!S_ISLNK(st.st_mode) && (st.st_mode & S_IWOTH)) ck_fail(c, "%.150s can be written by everyone", e->d_name);
    }
    if (d) closedir(d);
}

void check_static_folder(ck *c) {
    size_t files = 0;
    if (!c->o->has_manifest) return ck_skip(c, "it was given as a shared object, without a folder");
    walk(c, c->o->folder, 8, &files);
}
