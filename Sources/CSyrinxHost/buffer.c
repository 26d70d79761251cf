/* SPDX-License-Identifier: Apache-2.0 */
#include "syrinx_host.h"

#include <stdatomic.h>
#include <stdlib.h>

struct syx_buf {
    _Atomic uint32_t references;
    size_t capacity;
    int64_t *account;
    _Alignas(64) unsigned char data[];
};

static void charge(int64_t *account, int64_t bytes) {
    if (account) __atomic_fetch_add(account, bytes, __ATOMIC_RELAXED);
}

syx_buf *syrinx_buf_alloc(size_t bytes, int64_t *account) {
    const size_t limit = (size_t)1 << 30;
    if (bytes > limit) return NULL;
    size_t size = (sizeof(syx_buf) + bytes + 63) & ~(size_t)63;
    syx_buf *buf = aligned_alloc(64, size);
    if (!buf) return NULL;
    atomic_init(&buf->references, 1);
    buf->capacity = bytes;
    buf->account = account;
    charge(account, (int64_t)bytes);
    return buf;
}

void *syrinx_buf_data(syx_buf *buf, size_t *capacity) {
    if (!buf) return NULL;
    if (capacity) *capacity = buf->capacity;
    return buf->data;
}

void syrinx_buf_retain(syx_buf *buf) {
    if (buf) atomic_fetch_add_explicit(&buf->references, 1, memory_order_relaxed);
}

void syrinx_buf_release(syx_buf *buf) {
    if (!buf) return;
    if (atomic_fetch_sub_explicit(&buf->references, 1, memory_order_acq_rel) != 1) return;
    charge(buf->account, -(int64_t)buf->capacity);
    free(buf);
}

int64_t syrinx_account_load(const int64_t *account) { return __atomic_load_n(account, __ATOMIC_RELAXED); }
