/* SPDX-License-Identifier: Apache-2.0
 *
 * One WebSocket connection on an epoll: never blocks, all memory inside the struct. */
#ifndef LOADGEN_CONN_H
#define LOADGEN_CONN_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "websocket.h"

enum {
    CONN_IN = 32 * 1024,  /* also the longest message taken */
    CONN_OUT = 16 * 1024, /* half a second of 16 kHz audio: whoever reads slower than that is stalled */
};

enum conn_state { CONN_IDLE, CONN_CONNECTING, CONN_UPGRADING, CONN_OPEN, CONN_CLOSING };

/* How a connection came to its end. */
enum conn_end {
    END_CLOSED,  /* as we asked */
    END_REFUSED, /* never opened: no connection, or not upgraded */
    END_DROPPED, /* the server left an open session */
    END_GARBLED, /* not RFC 6455 */
};

struct conn;

struct conn_handler {
    void (*opened)(struct conn *);
    void (*message)(struct conn *, const struct ws_frame *);
    /* The connection is idle again and may be opened anew. */
    void (*ended)(struct conn *, enum conn_end);
};

struct conn {
    const struct conn_handler *handler;
    int epoll, fd;
    enum conn_state state;
    bool waits_for_room;
    uint32_t mask;
    size_t in_len, out_from, out_to;
    uint8_t in[CONN_IN], out[CONN_OUT];
};

struct target {
    struct sockaddr_in address;
    const char *host, *path;
    int port;
};

void conn_init(struct conn *, int epoll, uint32_t seed, const struct conn_handler *);

/* Begins to connect; opened() or ended() follows, the latter perhaps at once. */
void conn_open(struct conn *, const struct target *);

/* Sends a message, or what the socket takes of it now and the rest later. False: no room, nothing was taken. */
bool conn_send(struct conn *, int opcode, const void *payload, size_t len);

/* Sends Close (RFC 6455 5.5.1); ended() follows when the server has answered. */
void conn_close(struct conn *);

/* Gives up at once, without ended(). */
void conn_abort(struct conn *);

/* epoll says that something can be done. */
void conn_ready(struct conn *, uint32_t events);

#endif
