// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A key pair with a self-signed certificate, and the library's context that uses it.
///
/// Nobody trusts the certificate for what it says: each side compares its hash with the one in the description.
final class DTLSIdentity: @unchecked Sendable {
    // Unchecked: the context is not changed after `init`, and making connections from it is thread-safe.

    /// "sha-256 AB:CD:…", as a description says it.
    let fingerprint: String
    let context: OpaquePointer

    /// Certificates live for so many seconds; a provider renews its own long before.
    private static let lifetime = 30 * 86_400
    private static let day = 86_400

    /// Nil when the library has no randomness or no memory.
    init?() {
        guard let key = Self.makeKey() else { return nil }
        defer { EVP_PKEY_free(key) }
        guard let certificate = Self.makeCertificate(key) else { return nil }
        defer { X509_free(certificate) }
        guard let hash = Self.hash(certificate, "sha-256"), let context = SSL_CTX_new(DTLS_server_method()) else {
            return nil
        }
        guard SSL_CTX_use_certificate(context, certificate) == 1, SSL_CTX_use_PrivateKey(context, key) == 1,
            Self.configure(context)
        else {
            SSL_CTX_free(context)
            return nil
        }
        self.context = context
        fingerprint = "sha-256 " + hash.map { Self.hex($0) }.joined(separator: ":")
    }

    deinit { SSL_CTX_free(context) }

    /// The certificate's hash; nil for an algorithm that is not known.
    static func hash(_ certificate: OpaquePointer, _ algorithm: String) -> [UInt8]? {
        let digests = ["sha-256": EVP_sha256(), "sha-384": EVP_sha384(), "sha-512": EVP_sha512()]
        guard let digest = digests[algorithm] else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, digest, &bytes, &count) == 1 else { return nil }
        return Array(bytes.prefix(Int(count)))
    }

    private static func configure(_ context: OpaquePointer) -> Bool {
        SSL_CTX_set_options(context, copenssl_dtls_options())
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(DTLS1_2_VERSION), nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        // The hash decides later; here any certificate will do, but there has to be one.
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT) { _, _ in 1 }
        // This function answers 0 for success.
        return SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
            && SSL_CTX_set_tlsext_use_srtp(context, SRTPProfile.offered) == 0
    }

    private static func makeKey() -> OpaquePointer? {
        guard let maker = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(maker) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(maker) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(maker, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(maker, &key) == 1
        else { return nil }
        return key
    }

    private static func makeCertificate(_ key: OpaquePointer) -> OpaquePointer? {
        guard let certificate = X509_new(), let serial = Digests.random(4) else { return nil }
        let number = serial.reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        // The peer's clock may be behind.
        guard X509_set_version(certificate, 2) == 1,
            ASN1_INTEGER_set(X509_get_serialNumber(certificate), number) == 1,
            X509_gmtime_adj(X509_getm_notBefore(certificate), -day) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), lifetime) != nil,
            let name = X509_get_subject_name(certificate),
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, "WebRTC", -1, -1, 0) == 1,
            X509_set_issuer_name(certificate, name) == 1, X509_set_pubkey(certificate, key) == 1,
            X509_sign(certificate, key, EVP_sha256()) > 0
        else {
            X509_free(certificate)
            return nil
        }
        return certificate
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
}
