/* SPDX-License-Identifier: Apache-2.0 */
#include "caller.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { KEY = 16, GCM_SALT = 12, CM_SALT = 14, OPUS_TYPE = 111 };

static void need(bool fine, const char *what) {
    if (fine) return;
    fprintf(stderr, "webrtc-load: %s failed\n", what);
    exit(2);
}

SSL_CTX *caller_context(char *fingerprint, size_t room) {
    SSL_CTX *context = SSL_CTX_new(DTLS_client_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    unsigned char digest[32];
    unsigned int len = 0;
    need(context && key && certificate, "OpenSSL");
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    need(X509_sign(certificate, key, EVP_sha256()) > 0, "the certificate");
    X509_digest(certificate, EVP_sha256(), digest, &len);
    for (unsigned int i = 0; i < len && (i + 1) * 3 < room; i++)
        snprintf(fingerprint + i * 3, 4, i + 1 < len ? "%02X:" : "%02X", digest[i]);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    /* The server's certificate is named by its answer; a benchmark on loopback need not check it. */
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    need(SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0, "use_srtp");
    need(srtp_init() == srtp_err_status_ok, "libsrtp");
    return context;
}

static bool make_session(srtp_t *session, bool gcm, unsigned char *key, srtp_ssrc_type_t direction) {
    srtp_policy_t policy = {.ssrc = {.type = direction}, .key = key, .window_size = 1024};
    if (gcm) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    return srtp_create(session, &policy) == srtp_err_status_ok;
}

/* RFC 5764, 4.2: client key, server key, client salt, server salt. */
static bool take_keys(struct caller *c) {
    const char *label = "EXTRACTOR-dtls_srtp";
    SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(c->ssl);
    unsigned char material[2 * (KEY + CM_SALT)], ours[KEY + CM_SALT], theirs[KEY + CM_SALT];
    if (!profile) return false;
    bool gcm = profile->id == SRTP_AEAD_AES_128_GCM;
    size_t salt = gcm ? GCM_SALT : CM_SALT;
    if (SSL_export_keying_material(c->ssl, material, 2 * (KEY + salt), label, strlen(label), NULL, 0, 0) != 1)
        return false;
    memcpy(ours, material, KEY);
    memcpy(ours + KEY, material + 2 * KEY, salt);
    memcpy(theirs, material + KEY, KEY);
    memcpy(theirs + KEY, material + 2 * KEY + salt, salt);
    return make_session(&c->sending, gcm, ours, ssrc_any_outbound) &&
           make_session(&c->receiving, gcm, theirs, ssrc_any_inbound);
}

/* Waits for the success response of a check. */
static bool checked(struct caller *c) {
    unsigned char reply[MAX_PACKET];
    if (!caller_check(c)) return false;
    ssize_t n = recv(c->socket, reply, sizeof reply, 0);
    return n >= 20 && reply[0] == 0x01 && reply[1] == 0x01;
}

bool caller_connect(struct caller *c, SSL_CTX *context, const char **problem) {
    int error;
    *problem = "the ICE check was not answered";
    if (!checked(c)) return false;
    *problem = "the DTLS handshake failed";
    c->ssl = SSL_new(context);
    BIO *wire = BIO_new_dgram(c->socket, BIO_NOCLOSE);
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    if (!c->ssl || !wire || getpeername(c->socket, (struct sockaddr *)&peer, &len) != 0) return false;
    BIO_ctrl(wire, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
    SSL_set_bio(c->ssl, wire, wire);
    if (SSL_connect(c->ssl) != 1) return false;
    *problem = "no SRTP";
    c->decoder = opus_decoder_create(16000, 1, &error);
    return take_keys(c) && c->decoder;
}

void caller_send(struct caller *c, const unsigned char *payload, size_t len, bool first) {
    unsigned char packet[MAX_PACKET + SRTP_MAX_TRAILER_LEN];
    uint16_t sequence = htons(c->sequence++);
    uint32_t timestamp = htonl(c->timestamp), source = htonl(c->source);
    int size = (int)(12 + len);
    packet[0] = 0x80;
    packet[1] = (unsigned char)(OPUS_TYPE | (first ? 0x80 : 0));
    memcpy(packet + 2, &sequence, 2);
    memcpy(packet + 4, &timestamp, 4);
    memcpy(packet + 8, &source, 4);
    memcpy(packet + 12, payload, len);
    c->timestamp += 960;
    if (srtp_protect(c->sending, packet, &size) != srtp_err_status_ok) return;
    send(c->socket, packet, (size_t)size, MSG_DONTWAIT);
}

int caller_receive(struct caller *c, unsigned char *payload, uint32_t *timestamp) {
    unsigned char packet[MAX_PACKET];
    ssize_t n = recv(c->socket, packet, sizeof packet, MSG_DONTWAIT);
    int size = (int)n;
    if (n < 0) return -1;
    bool is_media = n >= 12 && packet[0] >> 6 == 2 && (packet[1] & 0x7F) == OPUS_TYPE;
    if (!is_media || srtp_unprotect(c->receiving, packet, &size) != srtp_err_status_ok || size <= 12) return 0;
    memcpy(timestamp, packet + 4, 4);
    *timestamp = ntohl(*timestamp);
    memcpy(payload, packet + 12, (size_t)size - 12);
    return size - 12;
}
