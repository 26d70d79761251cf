/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

_Thread_local bool interpose_in_rt;
interpose_counts interpose_seen;

static size_t live, asked, fail_at;
static bool fail_all;
static uintptr_t code_low, code_high;

#define EXPORT __attribute__((visibility("default"), used))

/* glibc's own names for what is defined here. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void seen(size_t *counter, const char *what, const char *detail) {
    __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
    snprintf(interpose_seen.what, sizeof interpose_seen.what, "%s(%s)", what, detail ? detail : "");
}

/* --------------------------------------------------------------------------------------------------------- heap -- */

static bool refused(const void *caller) {
    if (interpose_in_rt) __atomic_add_fetch(&interpose_seen.allocations, 1, __ATOMIC_RELAXED);
    if ((uintptr_t)caller < code_low || (uintptr_t)caller >= code_high) return false;
    size_t n = __atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED);
    return fail_at > 0 && (n == fail_at || (fail_all && n > fail_at));
}

static void *added(void *p) {
    if (p) __atomic_add_fetch(&live, malloc_usable_size(p), __ATOMIC_RELAXED);
    return p;
}

static void removed(void *p) {
    if (p) __atomic_sub_fetch(&live, malloc_usable_size(p), __ATOMIC_RELAXED);
}

#define OUT_OF_MEMORY (errno = ENOMEM, NULL)

EXPORT void *malloc(size_t n) { return refused(__builtin_return_address(0)) ? OUT_OF_MEMORY : added(__libc_malloc(n)); }

EXPORT void *calloc(size_t n, size_t size) {
    return refused(__builtin_return_address(0)) ? OUT_OF_MEMORY : added(__libc_calloc(n, size));
}

EXPORT void *realloc(void *p, size_t n) {
    if (refused(__builtin_return_address(0))) return OUT_OF_MEMORY;
    removed(p);
    void *moved = __libc_realloc(p, n);
    return moved || n == 0 ? added(moved) : (added(p), moved);
}

EXPORT void *memalign(size_t alignment, size_t n) {
    return refused(__builtin_return_address(0)) ? OUT_OF_MEMORY : added(__libc_memalign(alignment, n));
}

EXPORT void *aligned_alloc(size_t alignment, size_t n) {
    return refused(__builtin_return_address(0)) ? OUT_OF_MEMORY : added(__libc_memalign(alignment, n));
}

EXPORT int posix_memalign(void **out, size_t alignment, size_t n) {
    void *p = refused(__builtin_return_address(0)) ? NULL : added(__libc_memalign(alignment, n));
    return p ? (*out = p, 0) : ENOMEM;
}

EXPORT void free(void *p) {
    if (interpose_in_rt && p) __atomic_add_fetch(&interpose_seen.allocations, 1, __ATOMIC_RELAXED);
    removed(p);
    __libc_free(p);
}

size_t interpose_live(void) { return __atomic_load_n(&live, __ATOMIC_RELAXED); }

bool interpose_works(void) {
    void *(*bound)(size_t) = NULL;
    *(void **)&bound = dlsym(RTLD_DEFAULT, "malloc");
    return bound == malloc;
}

void interpose_fail(size_t nth, bool all, uintptr_t low, uintptr_t high) {
    code_low = low, code_high = high;
    fail_all = all, fail_at = nth, asked = 0;
}

size_t interpose_asked(void) { return asked; }

/* -------------------------------------------------------------------------------------------------------- locks -- */

EXPORT int pthread_mutex_lock(pthread_mutex_t *m) {
    static int (*next)(pthread_mutex_t *);
    if (interpose_in_rt) __atomic_add_fetch(&interpose_seen.locks, 1, __ATOMIC_RELAXED);
    if (!next) *(void **)&next = real("pthread_mutex_lock");
    return next(m);
}

/* --------------------------------------------------------------------------------------- processes, sockets, files -- */

EXPORT pid_t fork(void) {
    static pid_t (*next)(void);
    seen(&interpose_seen.forks, "fork", NULL);
    if (!next) *(void **)&next = real("fork");
    return next();
}

EXPORT int system(const char *command) {
    seen(&interpose_seen.forks, "system", command);
    return errno = EPERM, -1;
}

EXPORT FILE *popen(const char *command, const char *mode) {
    (void)mode;
    seen(&interpose_seen.forks, "popen", command);
    return errno = EPERM, NULL;
}

EXPORT int execve(const char *path, char *const argv[], char *const env[]) {
    (void)argv, (void)env;
    seen(&interpose_seen.forks, "execve", path);
    return errno = EPERM, -1;
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const argv[], char *const env[]) {
    (void)pid, (void)actions, (void)attributes, (void)argv, (void)env;
    seen(&interpose_seen.forks, "posix_spawn", path);
    return EPERM;
}

EXPORT int socket(int domain, int type, int protocol) {
    static int (*next)(int, int, int);
    if (!next) *(void **)&next = real("socket");
    if (domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX) seen(&interpose_seen.sockets, "socket", NULL);
    return next(domain, type, protocol);
}

static void opened(const char *path, int flags) {
    bool device = path && strncmp(path, "/dev/", 5) == 0;
    if (!device && ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT))) seen(&interpose_seen.writes, "open", path);
}

EXPORT int open(const char *path, int flags, ...) {
    static int (*next)(const char *, int, ...);
    va_list args;
    va_start(args, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
    va_end(args);
    opened(path, flags);
    if (!next) *(void **)&next = real("open");
    return next(path, flags, mode);
}

EXPORT FILE *fopen(const char *path, const char *mode) {
    static FILE *(*next)(const char *, const char *);
    if (mode && strpbrk(mode, "wa+")) opened(path, O_WRONLY);
    if (!next) *(void **)&next = real("fopen");
    return next(path, mode);
}
