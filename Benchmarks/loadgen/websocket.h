/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's half of RFC 6455, without a socket: encode masked frames, decode unmasked ones. */
#ifndef LOADGEN_WEBSOCKET_H
#define LOADGEN_WEBSOCKET_H
#include <stddef.h>
#include <stdint.h>

enum { WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };
enum { WS_MAX_HEADER = 14 };

struct ws_frame {
    int opcode;
    const uint8_t *payload;
    size_t len;
    size_t total; /* header and payload */
};

enum ws_result { WS_MORE, WS_FRAME, WS_BAD };

/* Writes one whole masked message (len < 65536) and returns its length; out holds len + WS_MAX_HEADER bytes. */
size_t ws_encode(uint8_t *out, int opcode, uint32_t mask, const void *payload, size_t len);

/* Reads one whole message from n bytes. WS_BAD: masked, fragmented, reserved bits, or longer than max in total. */
enum ws_result ws_decode(const uint8_t *in, size_t n, size_t max, struct ws_frame *frame);

/* The upgrade request; returns its length, 0 when it does not fit. */
size_t ws_request(char *out, size_t capacity, const char *host, int port, const char *path);

/* Bytes of a complete and correct 101 answer; 0 = more bytes needed; -1 = any other answer. */
int ws_response(const char *in, size_t n);

#endif
