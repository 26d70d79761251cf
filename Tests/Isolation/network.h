/* SPDX-License-Identifier: Apache-2.0
 *
 * A scripted network behind the test's core: it writes down what is asked, and takes what is sent or does not. */
#ifndef TEST_NETWORK_H
#define TEST_NETWORK_H
#include "host.h"

enum { NET_MOST = 512 };

typedef struct {
    syx_hsession session;
    uint64_t id;
    bool socket, ended, refused;
    char url[128], headers[128], method[16], reason[32];
    uint32_t flags, code, reads;
    uint64_t generation, body_bytes, body_sum, sent_bytes, sent_sum, calls;
    uint32_t last_flags;
} net_exchange;

/* Under record_lock(). */
typedef struct {
    bool offered, full; /* full: send() answers SYX_EAGAIN */
    net_exchange exchanges[NET_MOST];
    size_t count, signatures, prewarms;
    uint64_t signed_bytes, cookie;
    uint32_t algorithm; /* of the last signature: 256, or 1 */
} net_record;
extern net_record net;

void net_clear(bool offered);
/* A socket that came in at the door of this session, by this id. */
void net_adopt(syx_hsession session, uint64_t id);
const void *net_service(const char *id);
/* A copy of the `index`th that was begun; waits for it. id 0 = it did not come. */
net_exchange net_wait(size_t index);
/* Waits until it was sent so many bytes, or has ended. */
net_exchange net_wait_sent(size_t index, uint64_t bytes);
net_exchange net_wait_end(size_t index);
/* The sum of bytes as both sides count it. */
uint64_t net_sum(uint64_t sum, const void *bytes, size_t count);
void test_network(void);
#endif
