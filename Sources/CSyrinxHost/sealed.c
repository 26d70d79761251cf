/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "syrinx_sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static int create(const char *name) {
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    /* Since Linux 6.3 executable memory has to be asked for by name; older kernels do not know the flag. */
    int fd = memfd_create(name, flags | MFD_EXEC);
    return fd < 0 && errno == EINVAL ? memfd_create(name, flags) : fd;
}

static int fill(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -errno;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

/* The kernel answers EBUSY while it holds a page for a moment by itself (reclaim, migration): nobody else can. */
static int seal(int fd) {
    const struct timespec moment = {.tv_nsec = 5000000};
    for (int attempt = 0;; attempt++) {
        if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0) return 0;
        if (errno != EBUSY || attempt == 100) return -errno;
        nanosleep(&moment, NULL);
    }
}

int syrinx_sealed_memory(const char *name, const void *bytes, size_t count) {
    int fd = create(name);
    if (fd < 0) return -errno;
    int status = fill(fd, bytes, count);
    if (status == 0) status = seal(fd);
    if (status == 0) return fd;
    close(fd);
    return status;
}
