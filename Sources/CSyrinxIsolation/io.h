/* SPDX-License-Identifier: Apache-2.0
 *
 * The requests and sockets of plugins in helpers: the plugin's id for each, the host's, and what waits between the two.
 * Everything here is under the session's `io` lock, which is held while the host's services are called: these answer at
 * once and never call back (R3). */
#ifndef SYRINX_ISOLATION_IO_H
#define SYRINX_ISOLATION_IO_H
#include "host.h"

/* Bytes that the host did not take yet. */
typedef struct io_part {
    struct io_part *next;
    uint32_t flags, size;
    unsigned char bytes[];
} io_part;

struct proxy_exchange {
    uint64_t plugin, host; /* ids; plugin 0 = free, host 0 = not begun */
    uint32_t serial;       /* of the session that it belongs to */
    syx_hsession handle;
    const syx_http_v1 *http;
    const syx_ws_v1 *ws;
    const syx_secret_v1 *secret;
    /* What it begins with, until all of the body is here: texts, then the body, in one block. */
    syrinx_wire_io_begin begin;
    unsigned char *block;
    uint64_t block_bytes, body_have;
    io_part *first, **last;
    uint64_t waiting; /* bytes of the parts */
    bool paused, ended, closing; /* ended: by the plugin; closing: when nothing waits any more */
    uint32_t close_code;
    char *close_reason;
    /* What the helper has to be told. */
    uint64_t taken;
    bool refused, unsent; /* unsent: the ring was full */
    syx_status status;
    uint32_t error_flags;
    char message[232];
};

/* io.c */
proxy_exchange *host_find_exchange(proxy_session *session, uint32_t serial, uint64_t id);
/* Where the exchange of this id is, or would be; NULL = out of memory. */
proxy_exchange *host_io_place(proxy_session *session, uint64_t id);
/* The host's services for the session's provider; all NULL = the session is not what it was. */
void host_io_take_tables(proxy_session *session, proxy_exchange *exchange);
/* Counts against what the helper may make the host keep. False = it cheats. */
bool host_io_keep(syrinx_helper *helper, uint64_t bytes);
void host_io_drop_parts(syrinx_helper *helper, proxy_exchange *exchange);
void host_io_drop_block(syrinx_helper *helper, proxy_exchange *exchange);
/* Frees its place. */
void host_io_forget(syrinx_helper *helper, proxy_exchange *exchange);
/* Tells the helper what was taken and what was refused, or remembers to. May free the place. */
void host_io_tell(proxy_session *session, proxy_exchange *exchange);
void host_io_refuse(proxy_exchange *exchange, syx_status status, uint32_t flags, const char *message);
/* Gives the host what waits. */
void host_io_flush(proxy_session *session, proxy_exchange *exchange);
syx_status host_io_send(const proxy_exchange *exchange, uint32_t flags, const void *bytes, size_t count);
/* Ends it at once. */
void host_io_abort(const proxy_exchange *exchange);
#endif
