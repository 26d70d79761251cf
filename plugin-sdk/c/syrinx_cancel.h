/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx_cancel.h -- remembers cancelled generations without a lock, so that cancel() [any] is one store.
 *
 * Generations are remembered exactly, not as "everything up to": a host may discard a speculative answer while an
 * older one is still spoken. The newest SYX_CANCEL_SLOTS are kept, more than a session can have under way. */
#ifndef SYRINX_CANCEL_H
#define SYRINX_CANCEL_H
#include <stdatomic.h>

#include "syrinx_c.h"

enum { SYX_CANCEL_SLOTS = 64 };

typedef struct {
    _Atomic uint64_t generation[SYX_CANCEL_SLOTS];
    _Atomic uint32_t next;
} syx_cancel_set;

SYX_HELPER void syx_cancel_init(syx_cancel_set *set) {
    for (int i = 0; i < SYX_CANCEL_SLOTS; i++) atomic_init(&set->generation[i], UINT64_MAX);
    atomic_init(&set->next, 0);
}

SYX_HELPER bool syx_cancelled(syx_cancel_set *set, uint64_t generation) {
    for (int i = 0; i < SYX_CANCEL_SLOTS; i++)
        if (atomic_load_explicit(&set->generation[i], memory_order_acquire) == generation) return true;
    return false;
}

SYX_HELPER void syx_cancel_add(syx_cancel_set *set, uint64_t generation) {
    if (syx_cancelled(set, generation)) return;
    uint32_t slot = atomic_fetch_add_explicit(&set->next, 1, memory_order_relaxed) % SYX_CANCEL_SLOTS;
    atomic_store_explicit(&set->generation[slot], generation, memory_order_release);
}

#endif
