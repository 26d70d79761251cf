/* SPDX-License-Identifier: Apache-2.0
 *
 * The I/O services in a helper: what the plugin asks goes to the host as messages, what comes back are its events. A
 * service answers at once: the id is made here, and what the host refuses comes as the terminal event. */
#ifndef SYRINX_HELPER_IO_H
#define SYRINX_HELPER_IO_H
#include "helper.h"

/* A request, a socket, or a signature that the host has not taken yet. */
struct helper_exchange {
    uint64_t id;      /* 0 = free */
    uint64_t unacked; /* bytes that the host has not told to be taken */
    uint32_t what;
    bool aborted; /* only its end is to come */
    bool refused; /* send() answered SYX_EAGAIN */
    bool takes;   /* more may be sent */
    bool silent;  /* the plugin was told that it did not begin */
};

/* io.c */
const void *helper_io_service(uint32_t services, const char *id);

/* io_flow.c */
/* Under the lock: the exchange of this id, NULL = it has ended. */
helper_exchange *helper_find_exchange(helper_session *session, uint64_t id);
/* Under the lock: a free place with a new id; NULL = there is none. */
helper_exchange *helper_new_exchange(helper_session *session, uint32_t what);
void helper_end_exchange(helper_exchange *exchange);
/* Under the lock: sends it, or keeps it until there is room, in order. False = out of memory, or far too much waits. */
bool helper_io_write(const helper_session *session, uint16_t type, const struct iovec *parts, int count);
/* Under the lock: an exchange may have no more under way now. */
bool helper_io_is_full(const helper_exchange *exchange);
/* Under the lock: so many bytes of it are under way. */
void helper_io_count(helper_exchange *exchange, uint64_t bytes);
/* Under the lock: send() answers SYX_EAGAIN; IO_WRITABLE has to follow. */
void helper_io_refuse(helper_session *session, helper_exchange *exchange);
#endif
