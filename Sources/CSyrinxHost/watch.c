/* SPDX-License-Identifier: Apache-2.0 */
#include "syrinx_host.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Everything that may change what a folder holds; reading is no change. */
static const uint32_t CHANGES = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF |
                                IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR;

int syrinx_watch_open(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

int syrinx_watch_add(int watch, const char *folder) { return inotify_add_watch(watch, folder, CHANGES) < 0 ? errno : 0; }

int syrinx_watch_wait(int watch, int timeout_ms) {
    struct pollfd ready = {.fd = watch, .events = POLLIN};
    int found = poll(&ready, 1, timeout_ms);
    if (found <= 0) return found < 0 && errno != EINTR ? -errno : 0;
    char events[4096];
    /* What changed is found by looking again; that something did is all that matters here. */
    while (read(watch, events, sizeof events) > 0) continue;
    return 1;
}

void syrinx_watch_close(int watch) { close(watch); }
