/* SPDX-License-Identifier: Apache-2.0
 *
 * One WebRTC caller: an offer to a WHIP door, an ICE check, DTLS as the client, then SRTP both ways.
 * Enough of these protocols for a server on this machine that is ICE-lite and passive; nothing else is supported. */
#ifndef BENCH_WEBRTC_CALLER_H
#define BENCH_WEBRTC_CALLER_H
#include <openssl/ssl.h>
#include <opus/opus.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAMES_PER_LOOP = 50, MAX_PACKET = 1500 };

struct caller {
    int socket;
    SSL *ssl;
    srtp_t sending, receiving;
    OpusDecoder *decoder;
    char fragment[9], password[25];                       /* ours */
    char remote_fragment[257], remote_password[257];
    uint16_t sequence;
    uint32_t timestamp, source;
    uint32_t frame;       /* of the loop */
    int64_t onset;        /* when the burst that is not heard yet was sent; 0 for none */
    uint32_t quiet_ms;    /* heard since the last loud frame */
    uint32_t last_heard;  /* RTP timestamp */
};

/* A context with a certificate of our own; its fingerprint in SDP's writing. Ends the program when OpenSSL cannot. */
SSL_CTX *caller_context(char *fingerprint, size_t room);

/* Asks the door at 127.0.0.1:port/path. False: `problem` says why. */
bool caller_offer(struct caller *, int port, const char *path, const char *fingerprint, const char **problem);
/* The check and the handshake, waiting for each. */
bool caller_connect(struct caller *, SSL_CTX *, const char **problem);
/* Sends a check: the consent of RFC 7675, which a server wants every 30 s. */
bool caller_check(struct caller *);

/* One 20 ms packet. */
void caller_send(struct caller *, const unsigned char *payload, size_t len, bool first);
/* Reads one datagram. The length of its Opus payload, 0 for anything else, -1 when nothing waits. */
int caller_receive(struct caller *, unsigned char *payload, uint32_t *timestamp);

#endif
