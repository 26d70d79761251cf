/* SPDX-License-Identifier: Apache-2.0
 *
 * The offer over WHIP (RFC 9725), and the check of ICE (RFC 8445, RFC 8489). */
#include <arpa/inet.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "caller.h"

static const char offer[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
    "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\na=setup:active\r\n"
    "a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1;usedtx=1\r\n";

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int connected(int type, int port) {
    struct sockaddr_in address = loopback(port);
    int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 10};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (s >= 0 && connect(s, (struct sockaddr *)&address, sizeof address) == 0) return s;
    if (s >= 0) close(s);
    return -1;
}

/* The whole answer; the server closes after it. */
static bool exchange(int port, const char *request, size_t len, char *answer, size_t room) {
    int s = connected(SOCK_STREAM, port);
    if (s < 0) return false;
    size_t have = 0;
    bool sent = send(s, request, len, MSG_NOSIGNAL) == (ssize_t)len;
    for (ssize_t n = 1; sent && n > 0 && have < room - 1;) {
        n = recv(s, answer + have, room - 1 - have, 0);
        if (n > 0) have += (size_t)n;
    }
    answer[have] = 0;
    close(s);
    return have > 0;
}

/* The value of an attribute, up to the end of its line. */
static bool attribute(const char *sdp, const char *name, char *value, size_t room) {
    const char *at = strstr(sdp, name);
    if (!at) return false;
    at += strlen(name);
    size_t len = strcspn(at, "\r\n");
    if (len == 0 || len >= room) return false;
    memcpy(value, at, len);
    value[len] = 0;
    return true;
}

static void letters(char *text, size_t room) {
    unsigned char bytes[32];
    RAND_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i + 1 < room; i++) text[i] = (char)('a' + bytes[i] % 26);
    text[room - 1] = 0;
}

static bool read_answer(struct caller *c, const char *answer, const char **problem) {
    char candidate[256];
    int port = 0;
    *problem = "the door did not answer 201";
    if (strncmp(answer, "HTTP/1.1 201", 12) != 0) return false;
    *problem = "the answer has no candidate or no credentials";
    if (!attribute(answer, "a=ice-ufrag:", c->remote_fragment, sizeof c->remote_fragment) ||
        !attribute(answer, "a=ice-pwd:", c->remote_password, sizeof c->remote_password) ||
        !attribute(answer, "a=candidate:", candidate, sizeof candidate) ||
        sscanf(candidate, "%*s %*d %*s %*u 127.0.0.1 %d", &port) != 1)
        return false;
    *problem = "no UDP socket";
    c->socket = connected(SOCK_DGRAM, port);
    return c->socket >= 0;
}

bool caller_offer(struct caller *c, int port, const char *path, const char *fingerprint, const char **problem) {
    char body[1024], request[2048];
    static char answer[16384];
    letters(c->fragment, sizeof c->fragment);
    letters(c->password, sizeof c->password);
    int len = snprintf(body, sizeof body, offer, c->fragment, c->password, fingerprint);
    int whole = snprintf(request, sizeof request,
                         "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/sdp\r\n"
                         "Content-Length: %d\r\nConnection: close\r\n\r\n%s",
                         path, port, len, body);
    *problem = "the door did not answer";
    if (whole >= (int)sizeof request || !exchange(port, request, (size_t)whole, answer, sizeof answer)) return false;
    return read_answer(c, answer, problem);
}

/* ------------------------------------------------------------------------------------------------------- a check -- */

static size_t put(unsigned char *at, uint16_t type, const void *value, size_t len) {
    at[0] = (unsigned char)(type >> 8);
    at[1] = (unsigned char)type;
    at[2] = (unsigned char)(len >> 8);
    at[3] = (unsigned char)len;
    memcpy(at + 4, value, len);
    memset(at + 4 + len, 0, (4 - len % 4) % 4);
    return 4 + (len + 3) / 4 * 4;
}

bool caller_check(struct caller *c) {
    unsigned char message[700] = {0x00, 0x01, 0, 0, 0x21, 0x12, 0xA4, 0x42}, digest[20];
    char username[300];
    const unsigned char priority[4] = {0x6E, 0x00, 0x01, 0xFF}, controlling[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    RAND_bytes(message + 8, 12);
    int len = snprintf(username, sizeof username, "%s:%s", c->remote_fragment, c->fragment);
    size_t size = 20;
    size += put(message + size, 0x0006, username, (size_t)len);
    size += put(message + size, 0x0024, priority, sizeof priority);
    size += put(message + size, 0x802A, controlling, sizeof controlling);
    size += put(message + size, 0x0025, "", 0);
    /* The digest covers a length that already counts it. */
    message[2] = (unsigned char)((size + 24 - 20) >> 8);
    message[3] = (unsigned char)(size + 24 - 20);
    HMAC(EVP_sha1(), c->remote_password, (int)strlen(c->remote_password), message, size, digest, NULL);
    size += put(message + size, 0x0008, digest, sizeof digest);
    return send(c->socket, message, size, 0) == (ssize_t)size;
}
