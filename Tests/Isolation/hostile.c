/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

unsigned long long any(hostile *h) { return next_random(&h->random); }

bool tell(hostile *h, uint16_t type, uint32_t slot, uint32_t serial, const void *body, size_t length) {
    syrinx_head head = {.type = type, .slot = slot, .serial = serial};
    struct iovec part = {(void *)(uintptr_t)body, length};
    bool told = syrinx_ring_write(&h->out, &head, &part, 1) == SYRINX_RING_OK;
    uint64_t one = 1;
    if (write(FD_WAKE_HOST, &one, sizeof one) < 0) return false;
    return told;
}

static bool map_memory(hostile *h) {
    struct stat status;
    if (fstat(FD_MEMORY, &status) != 0) return false;
    h->shared = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, FD_MEMORY, 0);
    if (h->shared == MAP_FAILED) return false;
    uint64_t in = h->shared->to_helper_bytes, out = h->shared->to_host_bytes;
    h->in = syrinx_ring_to_helper(h->shared, in);
    h->out = syrinx_ring_to_host(h->shared, in, out);
    return true;
}

static void reply(hostile *h, uint32_t serial) {
    syrinx_wire_reply wire = {.status = SYX_OK};
    tell(h, SYRINX_MSG_REPLY, 0, serial, &wire, sizeof wire);
}

static void answer_frame(hostile *h, const syrinx_head *head) {
    syrinx_wire_frame_done done = {.probability = 0.5f};
    tell(h, SYRINX_MSG_FRAME_DONE, head->slot, head->serial, &done, sizeof done);
}

static void answer(hostile *h, const syrinx_head *head) {
    switch (head->type) {
    case SYRINX_MSG_PROVIDER_OPEN:
    case SYRINX_MSG_PROVIDER_CLOSE: reply(h, head->serial); break;
    case SYRINX_MSG_SESSION_OPEN:
        h->open = true;
        h->slot = head->slot;
        h->generation = head->serial;
        reply(h, head->serial);
        break;
    case SYRINX_MSG_SESSION_CLOSE: tell(h, SYRINX_MSG_SESSION_CLOSED, head->slot, head->serial, NULL, 0); break;
    case SYRINX_MSG_FRAME: answer_frame(h, head); break;
    case SYRINX_MSG_STOP: _exit(0);
    default: break;
    }
    atomic_fetch_add(&h->shared->done, 1);
}

static void wait_a_moment(hostile *h) {
    struct pollfd line = {.fd = FD_LINE, .events = POLLIN};
    char bytes[64];
    if (syrinx_ring_may_sleep(&h->in)) poll(&line, 1, 1);
    syrinx_ring_awake(&h->in);
    if ((line.revents & POLLIN) && recv(FD_LINE, bytes, sizeof bytes, MSG_DONTWAIT) == 0) _exit(0);
}

int main(int argc, char **argv) {
    static hostile h;
    char name[32] = "";
    unsigned long long seed = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (argc < 2 || sscanf(argv[1], "%31[a-z]-%llu", name, &seed) != 2 || !map_memory(&h)) return 2;
    h.random = seeded(seed);
    attack strike = find_attack(name);
    void *message = malloc(syrinx_ring_limit(&h.in));
    if (!strike || !message) return 2;
    tell_table(&h, strcmp(name, "table") == 0);
    for (;;) {
        int got = syrinx_ring_read(&h.in, message);
        if (got > 0) answer(&h, message);
        if (h.open) strike(&h);
        if (got <= 0) wait_a_moment(&h);
    }
}
