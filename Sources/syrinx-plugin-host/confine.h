/* SPDX-License-Identifier: Apache-2.0
 *
 * Shuts a helper process in before the plugin's first instruction: what it may do afterwards is compute, wait, make
 * threads, and read the system's libraries and its own folder. */
#ifndef SYRINX_CONFINE_H
#define SYRINX_CONFINE_H
#include <stddef.h>

#include "syrinx_isolation.h"

/* Layers that are in force. Each stands for itself: one that a kernel or container refuses costs only itself. */
enum {
    SYRINX_LAYER_NO_NEW_PRIVS = 1,  /* nothing that is executed gains rights */
    SYRINX_LAYER_SECCOMP = 2,       /* a list of allowed system calls; all others answer EPERM */
    SYRINX_LAYER_LANDLOCK = 4,      /* reads listed folders, writes nowhere */
    SYRINX_LAYER_SCOPE = 8,         /* Landlock ABI 6: no signal and no abstract socket leaves it */
    SYRINX_LAYER_NETWORK = 16,      /* a network name space of its own, with nothing in it */
    SYRINX_LAYER_USER = 32,         /* a user name space of its own, in which no user exists */
    SYRINX_LAYER_CAPABILITIES = 64, /* none left, in no set that counts */
    SYRINX_LAYER_LIMITS = 128,      /* memory, open files, file size, core */
    SYRINX_LAYER_THREADS = 256      /* the number of threads: needs LAYER_USER */
};

/* Call once, in a process with one thread that has mapped its shared memory and not yet loaded the plugin.
 * `data_dir` (NULL = none) stays readable, with everything beneath it, and so does the file `module` (NULL = none).
 * 0, or -1 and a sentence in `error`: a layer that every supported system has (no-new-privs, seccomp, limits) could not
 * be put in force, and no plugin must run here.
 *
 * To know beforehand:
 *  - No file can grow beyond memory_bytes / open_files, not even stderr: give the helper a pipe. Only files in memory
 *    (memfd_create) can be made at all; engines that want a path use them.
 *  - Under root files are opened as root without any capability: what root may not read by its mode bits alone, the
 *    plugin may not either. access(), which asks for the real user, answers for nobody.
 *  - A parent-death signal is kept, although the kernel forgets it when rights are given up.
 *  - Libraries are found in the system's folders, those of LD_LIBRARY_PATH, and ../lib of the program's own folder.
 *  - `unconfined` leaves only no-new-privs and the core limit. */
int syrinx_confine(const syrinx_confinement *want, const char *data_dir, const char *module, char *error,
                   size_t capacity);

/* The layers that syrinx_confine put in force, as SYRINX_LAYER_ bits. */
unsigned syrinx_confined_layers(void);

/* The same in words: "seccomp, landlock, network". Truncated when `capacity` is too small; 160 are enough. */
void syrinx_layers_text(unsigned layers, char *text, size_t capacity);
#endif
