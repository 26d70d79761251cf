/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory that the host and a helper process share: two rings of messages, one each way, and some words beside them.
 * One writer and one reader a ring (each side takes a lock of its own among its threads).
 *
 * Neither side trusts the other. A side keeps its own index private and only publishes it; the other's index is read
 * once, checked, and used. A message is copied out before anything in it is looked at. */
#ifndef SYRINX_RING_H
#define SYRINX_RING_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define SYRINX_SHARED_MAGIC 0x52585953 /* "SYXR" */
#define SYRINX_SLOTS 256

/* One direction. head and tail count bytes for ever; each lies in a cache line of its own. */
typedef struct {
    _Alignas(64) _Atomic uint64_t head;   /* written by the writer */
    _Alignas(64) _Atomic uint64_t tail;   /* written by the reader */
    _Alignas(64) _Atomic uint32_t asleep; /* the reader waits for its eventfd */
} syrinx_ring_words;

/* The start of the shared memory; the two rings' bytes follow, the one to the helper first. */
typedef struct {
    uint32_t magic, slots;
    uint64_t to_helper_bytes, to_host_bytes; /* powers of two */
    syrinx_ring_words to_helper, to_host;
    _Alignas(64) _Atomic int64_t clock;      /* virtual time, if the helper was told to use it */
    _Alignas(64) _Atomic uint64_t done;      /* messages that the helper has worked off */
    _Atomic uint64_t unsettled;              /* tasks of plugins that have not ended */
    /* The call under way: what (see syrinx_call), in which slot, with which event. */
    _Atomic uint32_t call, call_slot, call_event;
    /* Per session: the host has no room for its events (SYX_EAGAIN). */
    _Alignas(64) _Atomic uint32_t paused[SYRINX_SLOTS];
} syrinx_shared;

/* What a helper is doing; numbers of syrinx_shared.call. */
enum syrinx_call {
    SYRINX_CALL_NONE,
    SYRINX_CALL_LOAD,
    SYRINX_CALL_INIT,
    SYRINX_CALL_OPEN,
    SYRINX_CALL_CLOSE,
    SYRINX_CALL_HEALTH,
    SYRINX_CALL_SESSION_OPEN,
    SYRINX_CALL_SESSION_CLOSE,
    SYRINX_CALL_HANDLE,
    SYRINX_CALL_PROCESS,
    SYRINX_CALL_CANCEL,
    SYRINX_CALL_RESET,
    SYRINX_CALL_COUNT
};
const char *syrinx_call_name(uint32_t call);

/* One side's view of one ring. */
typedef struct {
    syrinx_ring_words *words;
    unsigned char *bytes;
    uint64_t capacity;
    uint64_t mine; /* private: the index that this side owns */
    uint64_t kept_back; /* private: room that the writer's next message has to leave, at most half of the capacity */
} syrinx_ring;

/* The size of the whole mapping for rings of these sizes. */
size_t syrinx_shared_size(uint64_t to_helper_bytes, uint64_t to_host_bytes);
/* Views of a mapping whose sizes are known to be right. */
syrinx_ring syrinx_ring_to_helper(syrinx_shared *shared, uint64_t to_helper_bytes);
syrinx_ring syrinx_ring_to_host(syrinx_shared *shared, uint64_t to_helper_bytes, uint64_t to_host_bytes);

/* Every message begins with this. size counts the head and is a multiple of 8. */
typedef struct {
    uint32_t size;
    uint16_t type, flags;
    uint32_t slot, serial;
} syrinx_head;

/* The largest message that fits: half a ring. */
static inline uint32_t syrinx_ring_limit(const syrinx_ring *ring) { return (uint32_t)(ring->capacity / 2); }

typedef enum { SYRINX_RING_OK, SYRINX_RING_FULL, SYRINX_RING_TOO_LARGE, SYRINX_RING_CORRUPT } syrinx_ring_status;

/* Writes one message from parts; head->size is filled in. All or nothing. */
syrinx_ring_status syrinx_ring_write(syrinx_ring *ring, syrinx_head *head, const struct iovec *parts, int count);
/* Copies the next message to `into` (at least syrinx_ring_limit bytes, aligned to 8).
 * 1 = there is one, 0 = none, -1 = the other side wrote nonsense. */
int syrinx_ring_read(syrinx_ring *ring, void *into);
bool syrinx_ring_is_empty(const syrinx_ring *ring);

/* The writer, after writing: true when the reader sleeps and has to be woken (once). */
bool syrinx_ring_must_wake(syrinx_ring *ring);
/* The reader, before it sleeps: false when something came meanwhile. After waking it calls syrinx_ring_awake. */
bool syrinx_ring_may_sleep(syrinx_ring *ring);
void syrinx_ring_awake(syrinx_ring *ring);
#endif
