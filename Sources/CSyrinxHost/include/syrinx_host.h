/* SPDX-License-Identifier: Apache-2.0
 *
 * The few things of the plugin host that Swift cannot say well: reference-counted audio memory behind an opaque C type,
 * the processor's cycle counter, and reading a shared object's entry. */
#ifndef SYRINX_HOST_H
#define SYRINX_HOST_H
#include <stddef.h>
#include <stdint.h>

/* ---- syx_buf: memory with an atomic reference count and an account that is charged while it lives -------------- */

typedef struct syx_buf syx_buf;
/* NULL when memory is out. `account` (may be NULL) is an int64_t that holds the bytes alive; it must outlive them. */
syx_buf *syrinx_buf_alloc(size_t bytes, int64_t *account);
void *syrinx_buf_data(syx_buf *buf, size_t *capacity);
void syrinx_buf_retain(syx_buf *buf);
void syrinx_buf_release(syx_buf *buf);
int64_t syrinx_account_load(const int64_t *account);

/* ---- cycles: about 8 ns a read, for accounting on the media path ------------------------------------------------ */

static inline uint64_t syrinx_cycles(void) {
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return ((uint64_t)high << 32) | low;
#elif defined(__aarch64__)
    uint64_t value;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#else
    return 0;
#endif
}

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t syrinx_monotonic_ns(void);

/* ---- loading ------------------------------------------------------------------------------------------------- */

/* dlopen with RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE: complete, private, and never unloaded (Swift, C++ and thread-local
 * destructors do not survive dlclose). NULL on failure, with the loader's sentence copied into `error`. */
void *syrinx_module_open(const char *path, char *error, size_t capacity);
/* The entry function called once; NULL when the symbol is missing. */
const void *syrinx_module_table(void *module, const char *entry);

/* ---- threads ------------------------------------------------------------------------------------------------- */

/* A detached thread with a name (at most 15 bytes) that runs body(context). 0 = ok, else errno. */
int syrinx_thread_start(const char *name, void (*body)(void *), void *context);

/* ---- watching folders --------------------------------------------------------------------------------------- */

/* An inotify descriptor, or -1 with errno. */
int syrinx_watch_open(void);
/* Notices changes of the folder's own entries, not of what is below. Adding it again is harmless. 0 = ok, else errno. */
int syrinx_watch_add(int watch, const char *folder);
/* 1 = something changed, 0 = nothing within the time, negative = -errno. */
int syrinx_watch_wait(int watch, int timeout_ms);
void syrinx_watch_close(int watch);

/* ---- naming bytes ------------------------------------------------------------------------------------------- */

void syrinx_sha256(const void *bytes, size_t length, uint8_t digest[32]);
#endif
