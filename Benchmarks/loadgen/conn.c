/* SPDX-License-Identifier: Apache-2.0 */
#include "conn.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void conn_init(struct conn *c, int epoll, uint32_t seed, const struct conn_handler *handler) {
    c->handler = handler;
    c->epoll = epoll;
    c->fd = -1;
    c->mask = seed * 2654435761u | 1;
}

void conn_abort(struct conn *c) {
    if (c->fd >= 0) close(c->fd); /* also leaves the epoll */
    c->fd = -1;
    c->state = CONN_IDLE;
    c->waits_for_room = false;
    c->in_len = c->out_from = c->out_to = 0;
}

static void end(struct conn *c, enum conn_end why) {
    conn_abort(c);
    c->handler->ended(c, why);
}

/* What a broken connection means depends on how far it had come. */
static void broken(struct conn *c) {
    end(c, c->state == CONN_CLOSING ? END_CLOSED : c->state == CONN_OPEN ? END_DROPPED : END_REFUSED);
}

static void watch(struct conn *c, int operation, bool for_room) {
    struct epoll_event event = {.events = EPOLLIN | (for_room ? EPOLLOUT : 0), .data.ptr = c};
    c->waits_for_room = for_room;
    epoll_ctl(c->epoll, operation, c->fd, &event);
}

/* Writes what is waiting. An error is left to the next read, which sees it too: no callback from within a send. */
static void flush(struct conn *c) {
    while (c->out_from < c->out_to) {
        ssize_t n = send(c->fd, c->out + c->out_from, c->out_to - c->out_from, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) break;
        c->out_from += (size_t)n;
    }
    bool all = c->out_from == c->out_to;
    if (all) c->out_from = c->out_to = 0;
    if (c->waits_for_room == all) watch(c, EPOLL_CTL_MOD, !all);
}

static bool make_room(struct conn *c, size_t len) {
    if (c->out_to + len <= CONN_OUT) return true;
    memmove(c->out, c->out + c->out_from, c->out_to - c->out_from);
    c->out_to -= c->out_from;
    c->out_from = 0;
    return c->out_to + len <= CONN_OUT;
}

void conn_open(struct conn *c, const struct target *target) {
    int yes = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) return end(c, END_REFUSED);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    c->state = CONN_CONNECTING;
    c->out_to = ws_request((char *)c->out, CONN_OUT, target->host, target->port, target->path);
    if (connect(c->fd, (const struct sockaddr *)&target->address, sizeof target->address) && errno != EINPROGRESS)
        return end(c, END_REFUSED);
    watch(c, EPOLL_CTL_ADD, true);
}

bool conn_send(struct conn *c, int opcode, const void *payload, size_t len) {
    if (!make_room(c, len + WS_MAX_HEADER)) return false;
    c->mask = c->mask * 1664525u + 1013904223u;
    c->out_to += ws_encode(c->out + c->out_to, opcode, c->mask, payload, len);
    flush(c);
    return true;
}

void conn_close(struct conn *c) {
    static const uint8_t normal[] = {1000 >> 8, 1000 & 0xff};
    if (c->state != CONN_OPEN) return;
    c->state = CONN_CLOSING;
    conn_send(c, WS_CLOSE, normal, sizeof normal);
}

/* Drops n consumed bytes from the front. */
static void consume(struct conn *c, size_t n) {
    c->in_len -= n;
    memmove(c->in, c->in + n, c->in_len);
}

static bool upgraded(struct conn *c) {
    int head = ws_response((const char *)c->in, c->in_len);
    if (head < 0) end(c, END_REFUSED);
    if (head <= 0) return false;
    consume(c, (size_t)head);
    c->state = CONN_OPEN;
    c->handler->opened(c);
    return true;
}

/* False when the connection ended. */
static bool take(struct conn *c, const struct ws_frame *frame) {
    switch (frame->opcode) {
    case WS_TEXT:
    case WS_BINARY: c->handler->message(c, frame); return true;
    case WS_PING: conn_send(c, WS_PONG, frame->payload, frame->len); return true;
    case WS_PONG: return true;
    case WS_CLOSE:
        if (c->state == CONN_OPEN) conn_send(c, WS_CLOSE, frame->payload, frame->len);
        broken(c);
        return false;
    default: end(c, END_GARBLED); return false;
    }
}

static void take_all(struct conn *c) {
    struct ws_frame frame;
    size_t at = 0;
    enum ws_result result;
    while ((result = ws_decode(c->in + at, c->in_len - at, CONN_IN, &frame)) == WS_FRAME) {
        if (!take(c, &frame)) return;
        at += frame.total;
    }
    if (result == WS_BAD) return end(c, END_GARBLED);
    if (at) consume(c, at);
}

static void receive(struct conn *c) {
    ssize_t n = recv(c->fd, c->in + c->in_len, CONN_IN - c->in_len, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return broken(c);
    c->in_len += (size_t)n;
    if (c->state == CONN_UPGRADING && !upgraded(c)) return;
    take_all(c);
}

void conn_ready(struct conn *c, uint32_t events) {
    if (c->state == CONN_CONNECTING && (events & EPOLLOUT)) c->state = CONN_UPGRADING;
    if (events & EPOLLOUT) flush(c);
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(c);
}
