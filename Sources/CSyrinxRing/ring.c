/* SPDX-License-Identifier: Apache-2.0 */
#include "syrinx_ring.h"

#include <string.h>

static size_t head_size(void) { return (sizeof(syrinx_shared) + 4095) & ~(size_t)4095; }

size_t syrinx_shared_size(uint64_t to_helper_bytes, uint64_t to_host_bytes) {
    return head_size() + to_helper_bytes + to_host_bytes;
}

static syrinx_ring view(syrinx_shared *shared, syrinx_ring_words *words, size_t offset, uint64_t capacity) {
    return (syrinx_ring){.words = words, .bytes = (unsigned char *)shared + offset, .capacity = capacity};
}

syrinx_ring syrinx_ring_to_helper(syrinx_shared *shared, uint64_t to_helper_bytes) {
    return view(shared, &shared->to_helper, head_size(), to_helper_bytes);
}

syrinx_ring syrinx_ring_to_host(syrinx_shared *shared, uint64_t to_helper_bytes, uint64_t to_host_bytes) {
    return view(shared, &shared->to_host, head_size() + to_helper_bytes, to_host_bytes);
}

static void copy_in(syrinx_ring *ring, uint64_t at, const void *from, size_t length) {
    size_t offset = (size_t)(at & (ring->capacity - 1));
    size_t first = ring->capacity - offset < length ? (size_t)(ring->capacity - offset) : length;
    memcpy(ring->bytes + offset, from, first);
    memcpy(ring->bytes, (const char *)from + first, length - first);
}

static void copy_out(const syrinx_ring *ring, uint64_t at, void *to, size_t length) {
    size_t offset = (size_t)(at & (ring->capacity - 1));
    size_t first = ring->capacity - offset < length ? (size_t)(ring->capacity - offset) : length;
    memcpy(to, ring->bytes + offset, first);
    memcpy((char *)to + first, ring->bytes, length - first);
}

syrinx_ring_status syrinx_ring_write(syrinx_ring *ring, syrinx_head *head, const struct iovec *parts, int count) {
    size_t size = sizeof *head;
    for (int i = 0; i < count; i++) {
        if (parts[i].iov_len > syrinx_ring_limit(ring)) return SYRINX_RING_TOO_LARGE;
        size += parts[i].iov_len;
    }
    size = (size + 7) & ~(size_t)7;
    if (size > syrinx_ring_limit(ring)) return SYRINX_RING_TOO_LARGE;
    uint64_t used = ring->mine - atomic_load_explicit(&ring->words->tail, memory_order_acquire);
    if (used > ring->capacity) return SYRINX_RING_CORRUPT;
    if (ring->capacity - used < size + ring->kept_back) return SYRINX_RING_FULL;
    head->size = (uint32_t)size;
    uint64_t at = ring->mine;
    copy_in(ring, at, head, sizeof *head);
    at += sizeof *head;
    for (int i = 0; i < count; i++) {
        if (parts[i].iov_len == 0) continue;
        copy_in(ring, at, parts[i].iov_base, parts[i].iov_len);
        at += parts[i].iov_len;
    }
    ring->mine += size;
    atomic_store_explicit(&ring->words->head, ring->mine, memory_order_release);
    return SYRINX_RING_OK;
}

int syrinx_ring_read(syrinx_ring *ring, void *into) {
    uint64_t available = atomic_load_explicit(&ring->words->head, memory_order_acquire) - ring->mine;
    if (available == 0) return 0;
    if (available > ring->capacity || available < sizeof(syrinx_head)) return -1;
    uint32_t size;
    copy_out(ring, ring->mine, &size, sizeof size);
    if (size < sizeof(syrinx_head) || size % 8 != 0 || size > available || size > syrinx_ring_limit(ring)) return -1;
    copy_out(ring, ring->mine, into, size);
    /* The bytes may have changed between the two copies: the size that was checked is the one that counts. */
    memcpy(into, &size, sizeof size);
    ring->mine += size;
    atomic_store_explicit(&ring->words->tail, ring->mine, memory_order_release);
    return 1;
}

bool syrinx_ring_is_empty(const syrinx_ring *ring) {
    return atomic_load_explicit(&ring->words->head, memory_order_acquire) == ring->mine;
}

bool syrinx_ring_must_wake(syrinx_ring *ring) {
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&ring->words->asleep, memory_order_relaxed) == 0) return false;
    return atomic_exchange_explicit(&ring->words->asleep, 0, memory_order_acq_rel) != 0;
}

bool syrinx_ring_may_sleep(syrinx_ring *ring) {
    atomic_store_explicit(&ring->words->asleep, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    if (syrinx_ring_is_empty(ring)) return true;
    syrinx_ring_awake(ring);
    return false;
}

void syrinx_ring_awake(syrinx_ring *ring) { atomic_store_explicit(&ring->words->asleep, 0, memory_order_relaxed); }

const char *syrinx_call_name(uint32_t call) {
    static const char *const names[SYRINX_CALL_COUNT] = {"nothing", "loading", "init", "open", "close", "health",
        "session_open", "session_close", "handle", "process", "cancel", "reset"};
    return call < SYRINX_CALL_COUNT ? names[call] : "an unknown call";
}
