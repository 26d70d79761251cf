/* SPDX-License-Identifier: Apache-2.0 */
#include "websocket.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* RFC 6455 1.3's own sample: a fixed key has a known answer, so no SHA-1 is needed to check it. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static void mask_copy(uint8_t *out, const uint8_t *in, size_t len, uint32_t mask) {
    uint64_t wide = (uint64_t)mask << 32 | mask, word;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        memcpy(&word, in + i, 8);
        word ^= wide;
        memcpy(out + i, &word, 8);
    }
    for (; i < len; i++) out[i] = in[i] ^ (uint8_t)(mask >> (8 * (i % 4)));
}

size_t ws_encode(uint8_t *out, int opcode, uint32_t mask, const void *payload, size_t len) {
    size_t at = 0;
    out[at++] = (uint8_t)(0x80 | opcode);
    if (len < 126) {
        out[at++] = (uint8_t)(0x80 | len);
    } else {
        out[at++] = 0x80 | 126;
        out[at++] = (uint8_t)(len >> 8);
        out[at++] = (uint8_t)len;
    }
    memcpy(out + at, &mask, 4);
    at += 4;
    mask_copy(out + at, payload, len, mask);
    return at + len;
}

static uint64_t big_endian(const uint8_t *in, size_t n) {
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | in[i];
    return value;
}

enum ws_result ws_decode(const uint8_t *in, size_t n, size_t max, struct ws_frame *frame) {
    if (n < 2) return WS_MORE;
    int whole_and_unmasked = (in[0] & 0xf0) == 0x80 && (in[1] & 0x80) == 0;
    if (!whole_and_unmasked) return WS_BAD;
    uint64_t len = in[1] & 0x7f;
    size_t extra = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (n < 2 + extra) return WS_MORE;
    if (extra) len = big_endian(in + 2, extra);
    if (len > max || len + 2 + extra > max) return WS_BAD;
    if (n < 2 + extra + len) return WS_MORE;
    *frame = (struct ws_frame){in[0] & 0x0f, in + 2 + extra, (size_t)len, (size_t)len + 2 + extra};
    return WS_FRAME;
}

size_t ws_request(char *out, size_t capacity, const char *host, int port, const char *path) {
    int n = snprintf(out, capacity,
                     "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n",
                     path, host, port);
    return n > 0 && (size_t)n < capacity ? (size_t)n : 0;
}

int ws_response(const char *in, size_t n) {
    const char *end = memmem(in, n, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = (size_t)(end - in) + 4;
    int switched = head > 12 && strncmp(in, "HTTP/1.1 101", 12) == 0;
    return switched && memmem(in, head, ACCEPT, sizeof ACCEPT - 1) ? (int)head : -1;
}
