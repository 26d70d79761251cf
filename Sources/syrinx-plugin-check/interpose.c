/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

_Thread_local bool interpose_in_rt;
interpose_counts interpose_own, interpose_others;

typedef struct {
    const void *inside;
    uintptr_t low, high;
} image;

static size_t live, asked, fail_at;
static image plugin, checker;

static int find_image(struct dl_phdr_info *info, size_t size, void *context) {
    image *m = context;
    (void)size;
    uintptr_t low = UINTPTR_MAX, high = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
        uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, to = from + info->dlpi_phdr[i].p_memsz;
        if (from < low) low = from;
        if (to > high) high = to;
    }
    if ((uintptr_t)m->inside < low || (uintptr_t)m->inside >= high) return 0;
    return m->low = low, m->high = high, 1;
}

static bool within(const image *m, const void *caller) { return (uintptr_t)caller >= m->low && (uintptr_t)caller < m->high; }

bool interpose_image(const void *inside) {
    checker.inside = (const void *)(uintptr_t)interpose_image;
    plugin = (image){.inside = inside};
    dl_iterate_phdr(find_image, &checker);
    return dl_iterate_phdr(find_image, &plugin) != 0;
}

/* Whose call it is; NULL = the checker's. */
static interpose_counts *whose(const void *caller) {
    return within(&plugin, caller) ? &interpose_own : checker.high == 0 || within(&checker, caller) ? NULL : &interpose_others;
}

#define EXPORT __attribute__((visibility("default"), used))

/* glibc's own names for what is defined here. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void note(interpose_counts *by, const char *call, const char *detail) {
    snprintf(by->what, sizeof by->what, "%s(%s)", call, detail ? detail : "");
}

#define CALLER __builtin_return_address(0)
#define SEEN(counter, call, text)                                                          \
    do {                                                                                   \
        interpose_counts *by = whose(CALLER);                                              \
        if (by) {                                                                          \
            __atomic_add_fetch(&by->counter, 1, __ATOMIC_RELAXED);                         \
            const char *detail = text;                                                     \
            note(by, call, detail);                                                        \
        }                                                                                  \
    } while (0)

/* --------------------------------------------------------------------------------------------------------- heap -- */

static bool refused(const void *caller) {
    if (interpose_in_rt) {
        interpose_counts *by = whose(caller);
        __atomic_add_fetch(by ? &by->allocations : &interpose_others.allocations, 1, __ATOMIC_RELAXED);
    }
    return fail_at > 0 && within(&plugin, caller) && __atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED) == fail_at;
}

static void *added(void *p) {
    if (p) __atomic_add_fetch(&live, malloc_usable_size(p), __ATOMIC_RELAXED);
    return p;
}

static void removed(void *p) {
    if (p) __atomic_sub_fetch(&live, malloc_usable_size(p), __ATOMIC_RELAXED);
}

#define OUT_OF_MEMORY (errno = ENOMEM, NULL)

EXPORT void *malloc(size_t n) { return refused(CALLER) ? OUT_OF_MEMORY : added(__libc_malloc(n)); }

EXPORT void *calloc(size_t n, size_t size) {
    return refused(CALLER) ? OUT_OF_MEMORY : added(__libc_calloc(n, size));
}

EXPORT void *realloc(void *p, size_t n) {
    if (refused(CALLER)) return OUT_OF_MEMORY;
    removed(p);
    void *moved = __libc_realloc(p, n);
    return moved || n == 0 ? added(moved) : (added(p), moved);
}

EXPORT void *memalign(size_t alignment, size_t n) {
    return refused(CALLER) ? OUT_OF_MEMORY : added(__libc_memalign(alignment, n));
}

EXPORT void *aligned_alloc(size_t alignment, size_t n) {
    return refused(CALLER) ? OUT_OF_MEMORY : added(__libc_memalign(alignment, n));
}

EXPORT int posix_memalign(void **out, size_t alignment, size_t n) {
    void *p = refused(CALLER) ? NULL : added(__libc_memalign(alignment, n));
    return p ? (*out = p, 0) : ENOMEM;
}

EXPORT void free(void *p) {
    if (interpose_in_rt && p) __atomic_add_fetch(within(&plugin, CALLER) ? &interpose_own.allocations : &interpose_others.allocations, 1, __ATOMIC_RELAXED);
    removed(p);
    __libc_free(p);
}

size_t interpose_live(void) { return __atomic_load_n(&live, __ATOMIC_RELAXED); }

bool interpose_works(void) {
    void *(*bound)(size_t) = NULL;
    *(void **)&bound = dlsym(RTLD_DEFAULT, "malloc");
    return bound == malloc;
}

void interpose_fail(size_t nth) { asked = 0, fail_at = nth; }

size_t interpose_asked(void) { return asked; }

/* -------------------------------------------------------------------------------------------------------- locks -- */

EXPORT int pthread_mutex_lock(pthread_mutex_t *m) {
    static int (*next)(pthread_mutex_t *);
    if (interpose_in_rt) __atomic_add_fetch(within(&plugin, CALLER) ? &interpose_own.locks : &interpose_others.locks, 1, __ATOMIC_RELAXED);
    if (!next) *(void **)&next = real("pthread_mutex_lock");
    return next(m);
}

/* --------------------------------------------------------------------------------------- processes, sockets, files -- */

EXPORT pid_t fork(void) {
    static pid_t (*next)(void);
    SEEN(forks, "fork", NULL);
    if (!next) *(void **)&next = real("fork");
    return next();
}

/* The plugin's and its libraries' own are refused; the checker itself starts helpers. */
EXPORT int system(const char *command) {
    SEEN(forks, "system", command);
    return errno = EPERM, -1;
}

EXPORT FILE *popen(const char *command, const char *mode) {
    (void)mode;
    SEEN(forks, "popen", command);
    return errno = EPERM, NULL;
}

EXPORT int execve(const char *path, char *const argv[], char *const env[]) {
    static int (*next)(const char *, char *const[], char *const[]);
    if (!next) *(void **)&next = real("execve");
    SEEN(forks, "execve", path);
    return whose(CALLER) ? (errno = EPERM, -1) : next(path, argv, env);
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const argv[], char *const env[]) {
    static int (*next)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]);
    if (!next) *(void **)&next = real("posix_spawn");
    SEEN(forks, "posix_spawn", path);
    return whose(CALLER) ? EPERM : next(pid, path, actions, attributes, argv, env);
}

EXPORT int socket(int domain, int type, int protocol) {
    static int (*next)(int, int, int);
    if (!next) *(void **)&next = real("socket");
    interpose_counts *by = domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX ? whose(CALLER) : NULL;
    if (by) __atomic_add_fetch(&by->sockets, 1, __ATOMIC_RELAXED);
    return next(domain, type, protocol);
}

static bool is_written(const char *path, int flags) {
    return !(path && strncmp(path, "/dev/", 5) == 0) && ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT));
}

EXPORT int open(const char *path, int flags, ...) {
    static int (*next)(const char *, int, ...);
    va_list args;
    va_start(args, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
    va_end(args);
    if (is_written(path, flags)) SEEN(writes, "open", path);
    if (!next) *(void **)&next = real("open");
    return next(path, flags, mode);
}

EXPORT FILE *fopen(const char *path, const char *mode) {
    static FILE *(*next)(const char *, const char *);
    if (mode && strpbrk(mode, "wa+") && is_written(path, O_WRONLY)) SEEN(writes, "fopen", path);
    if (!next) *(void **)&next = real("fopen");
    return next(path, mode);
}

EXPORT int mkdir(const char *path, mode_t mode) {
    static int (*next)(const char *, mode_t);
    SEEN(writes, "mkdir", path);
    if (!next) *(void **)&next = real("mkdir");
    return next(path, mode);
}
