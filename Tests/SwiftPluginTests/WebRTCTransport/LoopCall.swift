// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Testing

@testable import WebRTCTransport

/// A browser in memory: the client's side of DTLS, and media as it would send it.
final class BrowserEnd {
    let identity: DTLSIdentity
    private(set) var srtp: SRTPSession?
    private(set) var messages: [[UInt8]] = []
    private let context: OpaquePointer
    private let connection: OpaquePointer
    private let input: OpaquePointer
    private let sink = DatagramSink()

    /// - Parameter link: The largest datagram, in bytes; a small one makes it send its hello in fragments.
    init(link: Int = 1_200) throws {
        identity = try #require(DTLSIdentity())
        context = try #require(SSL_CTX_new(DTLS_client_method()))
        SSL_CTX_set_options(context, copenssl_dtls_options())
        // Its own key and certificate are those that it also announces.
        SSL_CTX_use_certificate(context, SSL_CTX_get0_certificate(identity.context))
        SSL_CTX_use_PrivateKey(context, SSL_CTX_get0_privatekey(identity.context))
        SSL_CTX_set_tlsext_use_srtp(context, SRTPProfile.offered)
        connection = try #require(SSL_new(context))
        input = try #require(BIO_new(BIO_s_mem()))
        BIO_ctrl(input, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
        SSL_set_bio(connection, input, sink.makeBIO())
        SSL_ctrl(connection, DTLS_CTRL_SET_LINK_MTU, link, nil)
    }

    deinit {
        SSL_free(connection)
        SSL_CTX_free(context)
    }

    func takeDatagrams() -> [[UInt8]] { sink.take() }

    func handshake() {
        guard srtp == nil, SSL_connect(connection) == 1,
            let chosen = SSL_get_selected_srtp_profile(connection),
            let profile = SRTPProfile(rawValue: UInt(chosen.pointee.id))
        else { return }
        var bytes = [UInt8](repeating: 0, count: 2 * (SRTPProfile.keyBytes + profile.saltBytes))
        let label = "EXTRACTOR-dtls_srtp"
        SSL_export_keying_material(connection, &bytes, bytes.count, label, label.utf8.count, nil, 0, 0)
        srtp = SRTPSession(SRTPKeys(profile: profile, material: bytes).swapped)
    }

    func receive(_ datagram: [UInt8]) {
        BIO_write(input, datagram, Int32(datagram.count))
        handshake()
        guard srtp != nil else { return }
        var bytes = [UInt8](repeating: 0, count: 2_048)
        while case let count = SSL_read(connection, &bytes, Int32(bytes.count)), count > 0 {
            messages.append(Array(bytes.prefix(Int(count))))
        }
    }

    /// What has come inside DTLS.
    func takeMessages() -> [[UInt8]] {
        defer { messages = [] }
        return messages
    }

    func send(_ message: [UInt8]) { SSL_write(connection, message, Int32(message.count)) }

    func hangUp() { SSL_shutdown(connection) }
}

/// A peer and its far end on one clock, with a network that loses nothing unless told.
final class LoopCall {
    static let home = SocketAddress(address: [192, 0, 2, 1], port: 5_000)
    static let abroad = SocketAddress(address: [198, 51, 100, 9], port: 6_000)

    let far: BrowserEnd
    let peer: Peer
    var address = LoopCall.home
    private(set) var now: Int64 = 1_000_000_000
    private(set) var heard: [[Int16]] = []
    private(set) var keys = ""
    private(set) var commands: [String] = []
    private(set) var media: [RTPPacket] = []
    private(set) var reports: [RTCPReport] = []
    private(set) var destinations: [SocketAddress] = []
    private(set) var raw: [[UInt8]] = []
    /// By which checks name this call.
    private(set) var fragments = ["local"]
    private(set) var isConnected = false
    private(set) var end: String?
    /// What the far end has probably heard of the agent, and when that was told.
    private(set) var marks: [(position: Int64, at: Int64)] = []
    private var encoder: OpusVoiceEncoder
    private var sequence: UInt16 = 65_530
    private var timestamp: UInt32 = .max - 9_600
    private var transaction: UInt8 = 0
    private var spoken = 0
    private var position: Int64 = 0
    private var phase = 0.0

    init(link: Int = 1_200, rate: Int = 16_000, fingerprint: String? = nil) throws {
        far = try BrowserEnd(link: link)
        encoder = try #require(OpusVoiceEncoder(rate: 48_000, bitrate: 32_000))
        let named = fingerprint ?? far.identity.fingerprint
        let text = OfferTests.chrome.replacing("sha-256 \(OfferTests.hash)", named)
        let setup = PeerSetup(
            offer: try Offer(parsing: text),
            credentials: ICECredentials(fragment: "local", password: "secret"),
            identity: try #require(DTLSIdentity()),
            rate: rate, bitrate: 28_000, minimumDelay: 40, maximumDelay: 300, name: "test"
        )
        peer = try #require(Peer(setup, at: now))
    }

    // MARK: What the far end does

    func check(
        nominates: Bool = false,
        username: String = "local:abcd",
        password: String = "secret",
        from: SocketAddress? = nil
    ) {
        transaction &+= 1
        let request = STUNMessage.request(
            transaction: [UInt8](repeating: transaction, count: 12), username: username, password: password,
            usesCandidate: nominates)
        deliver(request, from: from)
    }

    func deliver(_ datagram: [UInt8], from: SocketAddress? = nil) {
        peer.receive(datagram, from: from ?? address, at: now)
        collect()
    }

    func connect() {
        check(nominates: true)
        far.handshake()
        for _ in 0..<20 where !(isConnected && far.srtp != nil) && end == nil {
            for datagram in far.takeDatagrams() { deliver(datagram) }
            wait(milliseconds: 5)
        }
    }

    /// One packet of something like a voice: its pitch and its loudness change. `isLost` = it is made and does not come.
    func speak(isLost: Bool = false) throws {
        var samples = [Int16](repeating: 0, count: 960)
        for index in samples.indices {
            let time = Double(spoken * 960 + index) / 48_000
            phase += (140 + 40 * Self.sine(2 * time)) / 48_000
            let voice = (1...10).reduce(0.0) { $0 + Self.sine(phase * Double($1)) / Double($1) }
            samples[index] = Int16(6_000 * (0.7 + 0.3 * Self.sine(4 * time)) * voice / 2)
        }
        spoken += 1
        let payload = try #require(encoder.encode(samples[...]))
        let packet = RTPPacket(
            payloadType: 111, sequence: sequence, timestamp: timestamp, source: 77, payload: payload[...])
        sequence &+= 1
        timestamp &+= 960
        if !isLost { try send(packet) }
    }

    func expectLoss(percent: Int) { encoder.expectLoss(percent: percent) }

    func send(_ packet: RTPPacket) throws { deliver(try protect(packet)) }
    func protect(_ packet: RTPPacket) throws -> [UInt8] { try #require(far.srtp?.protect(packet.bytes)) }
    func sendControl(_ bytes: [UInt8]) throws { deliver(try #require(far.srtp?.protectControl(bytes))) }

    // MARK: What the host does

    /// Gives samples of the agent, as the host counts them.
    func answer(_ samples: [Int16], generation: UInt64) {
        peer.send(samples, generation: generation, position: position, at: now)
        position += Int64(samples.count)
        collect()
    }

    // MARK: Time

    func wait(milliseconds: Int64) {
        for _ in 0..<max(1, milliseconds / 5) {
            now += 5_000_000
            peer.tick(at: now)
            collect()
        }
    }

    func forget() {
        heard = []
        media = []
        reports = []
        destinations = []
        raw = []
    }

    private func collect() {
        for output in peer.takeOutput() {
            switch output {
            case .send(let datagram, let address): take(datagram, address)
            case .admit: break
            case .answer(let fragments): self.fragments = fragments
            case .connected: isConnected = true
            case .hear(let samples): heard.append(samples)
            case .key(let key): keys.append(key)
            case .heard(let position): marks.append((position, now))
            case .message(let text): commands.append(text)
            case .ended(let reason): end = reason
            }
        }
    }

    private func take(_ datagram: [UInt8], _ address: SocketAddress) {
        destinations.append(address)
        raw.append(datagram)
        switch DatagramKind(datagram) {
        case .dtls: far.receive(datagram)
        case .media: if let packet = far.srtp?.unprotect(datagram).flatMap({ RTPPacket($0) }) { media.append(packet) }
        case .control:
            if let report = far.srtp?.unprotectControl(datagram).flatMap({ RTCPReport($0) }) { reports.append(report) }
        case .stun, .unknown: break
        }
    }

    /// Enough of a sine for a codec: a parabola for each half.
    static func sine(_ turns: Double) -> Double {
        let x = turns - turns.rounded(.down)
        return x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x)
    }
}

extension [[Int16]] {
    /// The loudest sample.
    var peak: Int { map { $0.map { Swift.abs(Int($0)) }.max() ?? 0 }.max() ?? 0 }
}
