/* SPDX-License-Identifier: Apache-2.0
 *
 * The checker's executable defines some functions of the C library itself, so that the dynamic linker binds the plugin's
 * calls to them: they count, may fail on purpose, and then do what the library does. */
#ifndef INTERPOSE_H
#define INTERPOSE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Set on the thread that is inside process(). */
extern _Thread_local bool interpose_in_rt;

typedef struct {
    size_t allocations, locks;     /* on a thread that was inside process() */
    size_t forks, sockets, writes; /* processes started, sockets opened, files opened for writing; any thread */
    char what[160];                /* the last process or file, in words */
} interpose_counts;
/* Calls by the plugin's own image, and by the libraries behind it. The checker's own are not counted. */
extern interpose_counts interpose_own, interpose_others;

/* Tells which code is the plugin's: the image that this address lies in. */
bool interpose_image(const void *inside);

/* Bytes that are allocated now, by anyone. */
size_t interpose_live(void);
/* True when calls of shared objects really come here. */
bool interpose_works(void);

/* From now on counts the allocations that the plugin's own image asks for, and lets the nth fail. 0 = none. */
void interpose_fail(size_t nth);
/* How many such allocations there were since. */
size_t interpose_asked(void);
#endif
