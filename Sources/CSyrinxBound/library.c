/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading the library and finding its functions. */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdlib.h>

#include "reader.h"
#include "types.h"

/* A name for the loader's own search ("libm.so.6"), or a path below the package's folder ("lib/libx.so"). */
static bool library_path(reader *r, const place *at, const char *name, char *out, size_t size) {
    if (strlen(name) > 200) return INVALID(at, "is longer than 200 bytes");
    if (!strstr(name, ".so")) return INVALID(at, "`%s` is no shared object; write its soname, such as libm.so.6", name);
    if (name[0] == '/') return INVALID(at, "is an absolute path; write a soname, or a path below this folder");
    for (const char *part = name; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 || part[0] == '/' || !part[0])
            return INVALID(at, "`%s` leaves the package's folder", name);
    bool below = strchr(name, '/') != NULL;
    snprintf(out, size, below ? "%s/%s" : "%s%s", below ? r->module->folder : "", name);
    return true;
}

static bool open_library(reader *r, const place *at, const char *path) {
    bound_module *m = r->module;
    m->library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (m->library) return true;
    const char *why = dlerror();
    return refuse(r, "plugin.bind.library_not_found", at, "%.300s; install the library's package", why ? why : path);
}

/* The symbol must be the library's own: dlsym also finds what its dependencies export. */
static bool check_symbol(reader *r, const place *at, const bound_function *f, void *address) {
    Dl_info where = {0};
    const ElfW(Sym) *symbol = NULL;
    struct link_map *map = NULL;
    void *extra = NULL;
    if (!dladdr1(address, &where, &extra, RTLD_DL_SYMENT) || dlinfo(r->module->library, RTLD_DI_LINKMAP, &map) != 0)
        return refuse(r, "plugin.bind.symbol_not_found", at, "`%s` cannot be looked up", f->symbol);
    symbol = extra;
    if (where.dli_fbase != (void *)map->l_addr && strcmp(where.dli_fname, map->l_name) != 0)
        return refuse(r, "plugin.bind.symbol_not_found", at, "`%s` is not the library's own; it comes from %.120s",
                      f->symbol, where.dli_fname);
    if (symbol && where.dli_saddr == address && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT)
        return refuse(r, "plugin.bind.symbol_not_found", at, "`%s` is a variable, not a function", f->symbol);
    return true;
}

static bool find_symbol(reader *r, const place *at, bound_function *f) {
    place functions = place_key(at, "functions"), own = place_key(&functions, f->name), here = place_key(&own, "symbol");
    union {
        void *data;
        void (*code)(void);
    } found = {.data = dlsym(r->module->library, f->symbol)};
    if (!found.data)
        return refuse(r, "plugin.bind.symbol_not_found", &here, "the library has no symbol `%.120s`", f->symbol);
    f->address = found.code;
    return check_symbol(r, &here, f, found.data);
}

static bool share_library(reader *r) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bound_library *all;
    pthread_mutex_lock(&lock);
    bound_library *found = all;
    while (found && found->handle != r->module->library) found = found->next;
    if (!found && (found = calloc(1, sizeof *found))) {
        pthread_mutex_init(&found->lock, NULL);
        found->handle = r->module->library;
        found->next = all;
        all = found;
    }
    pthread_mutex_unlock(&lock);
    r->module->shared = found;
    return found ? true : out_of_memory(r);
}

bool load_library(reader *r, const place *at) {
    const char *name = NULL;
    char path[4400];
    bound_module *m = r->module;
    place here = place_key(at, "library");
    if (!get_text(r, at, m->bind, "library", true, &name)) return false;
    if (!library_path(r, &here, name, path, sizeof path) || !open_library(r, &here, path)) return false;
    struct link_map *map = NULL;
    dlinfo(m->library, RTLD_DI_LINKMAP, &map);
    m->description.library = bound_keep_text(m, map && map->l_name[0] ? map->l_name : path);
    if (!m->description.library) return out_of_memory(r);
    for (unsigned i = 0; i < m->function_count; i++)
        if (!find_symbol(r, at, &m->functions[i])) return false;
    return share_library(r);
}
