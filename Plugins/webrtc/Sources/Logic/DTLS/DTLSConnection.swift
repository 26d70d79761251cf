// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The server's side of one DTLS handshake (RFC 6347), without a socket: datagrams go in, datagrams come out.
///
/// `DTLSv1_listen` is not used: it cannot put a ClientHello together that came in fragments, as those with post-quantum
/// key shares do. There is no amplification to fear, for only addresses that passed an ICE check get here.
final class DTLSConnection {
    enum State: Equatable {
        case handshaking
        case connected(SRTPKeys)
        case closed
        case failed(String)
    }

    private(set) var state = State.handshaking
    private let identity: DTLSIdentity
    private let fingerprints: [Offer.Fingerprint]
    private let connection: OpaquePointer
    private let input: OpaquePointer
    private let output: DatagramSink
    private var messages: [[UInt8]] = []

    /// The largest datagram that it sends, in bytes.
    static let maximumDatagram = 1_200

    init?(identity: DTLSIdentity, fingerprints: [Offer.Fingerprint]) {
        guard let connection = SSL_new(identity.context) else { return nil }
        let sink = DatagramSink()
        guard let input = BIO_new(BIO_s_mem()), let output = sink.makeBIO() else {
            SSL_free(connection)
            return nil
        }
        // An empty input means "later", not "the end".
        BIO_ctrl(input, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
        SSL_set_bio(connection, input, output)
        SSL_set_accept_state(connection)
        SSL_ctrl(connection, DTLS_CTRL_SET_LINK_MTU, Self.maximumDatagram, nil)
        self.identity = identity
        self.fingerprints = fingerprints
        self.connection = connection
        self.input = input
        self.output = sink
    }

    deinit { SSL_free(connection) }

    /// What is to be sent, oldest first.
    func takeDatagrams() -> [[UInt8]] { output.take() }

    /// What the peer has sent inside DTLS, oldest first.
    func takeMessages() -> [[UInt8]] {
        defer { messages = [] }
        return messages
    }

    /// Sends data inside DTLS; the datagram is among ``takeDatagrams()``.
    func send(_ message: [UInt8]) {
        guard case .connected = state, !message.isEmpty else { return }
        ERR_clear_error()
        // What is lost here would be lost on the way as well.
        SSL_write(connection, message, Int32(clamping: message.count))
    }

    /// Takes one datagram of the peer.
    func receive(_ datagram: [UInt8]) {
        guard isOpen else { return }
        ERR_clear_error()
        BIO_write(input, datagram, Int32(clamping: datagram.count))
        if state == .handshaking { handshake() }
        if case .connected = state { readUntilEmpty() }
        // Two datagrams in the buffer would read as one.
        BIO_ctrl(input, BIO_CTRL_RESET, 0, nil)
    }

    /// Sends again what the peer has not answered. The library keeps that time by a clock of its own.
    func tick() {
        guard state == .handshaking else { return }
        ERR_clear_error()
        if SSL_ctrl(connection, Int32(DTLS_CTRL_HANDLE_TIMEOUT), 0, nil) < 0 {
            state = .failed("the DTLS handshake timed out")
        }
    }

    /// Says goodbye; the datagram is among ``takeDatagrams()``.
    func close() {
        if case .connected = state { SSL_shutdown(connection) }
        if isOpen { state = .closed }
    }

    private var isOpen: Bool {
        switch state {
        case .handshaking, .connected: true
        case .closed, .failed: false
        }
    }

    private func handshake() {
        let result = SSL_do_handshake(connection)
        guard result != 1 else { return finish() }
        let error = SSL_get_error(connection, result)
        if error != SSL_ERROR_WANT_READ, error != SSL_ERROR_WANT_WRITE {
            state = .failed("the DTLS handshake failed")
        }
    }

    private func finish() {
        guard isExpectedPeer else {
            state = .failed("the peer's certificate is not the one that its offer named")
            SSL_shutdown(connection)
            return
        }
        guard let keys = exportKeys() else {
            state = .failed("the peer supports no SRTP profile of ours")
            return
        }
        state = .connected(keys)
    }

    /// RFC 8122, 6.2: one hash that we know has to match.
    private var isExpectedPeer: Bool {
        guard let certificate = SSL_get1_peer_certificate(connection) else { return false }
        defer { X509_free(certificate) }
        return fingerprints.contains { expected in
            DTLSIdentity.hash(certificate, expected.algorithm).map { Digests.areEqual($0, expected.bytes) } ?? false
        }
    }

    private func exportKeys() -> SRTPKeys? {
        guard let chosen = SSL_get_selected_srtp_profile(connection),
            let profile = SRTPProfile(rawValue: UInt(chosen.pointee.id))
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: 2 * (SRTPProfile.keyBytes + profile.saltBytes))
        let label = "EXTRACTOR-dtls_srtp"
        guard
            SSL_export_keying_material(connection, &bytes, bytes.count, label, label.utf8.count, nil, 0, 0) == 1
        else { return nil }
        return SRTPKeys(profile: profile, material: bytes)
    }

    /// The peer's data, and its goodbye.
    private func readUntilEmpty() {
        var bytes = [UInt8](repeating: 0, count: 2_048)
        for _ in 0..<64 {
            let result = SSL_read(connection, &bytes, Int32(bytes.count))
            if result > 0 {
                messages.append(Array(bytes.prefix(Int(result))))
                continue
            }
            switch SSL_get_error(connection, result) {
            case SSL_ERROR_ZERO_RETURN: state = .closed
            case SSL_ERROR_SSL: state = .failed("the peer ended DTLS with an error")
            default: break
            }
            return
        }
    }
}
