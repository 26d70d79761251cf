// SPDX-License-Identifier: Apache-2.0

/// What signalling has settled for one peer.
struct PeerSetup {
    var offer: Offer
    var credentials: ICECredentials
    var identity: DTLSIdentity
    /// Of both directions, in hertz.
    var rate: Int
    /// Bits a second.
    var bitrate: Int
    /// Bounds of the jitter buffer, in ms.
    var minimumDelay: Int
    var maximumDelay: Int
    /// RTCP's canonical name.
    var name: String
}

/// One call from the first connectivity check to the goodbye, without socket, thread or clock.
///
/// Datagrams, samples and the time go in; ``takeOutput()`` says what is to be done. Times are in ns.
final class Peer {
    enum Output: Equatable {
        case send([UInt8], to: SocketAddress)
        /// Datagrams of this address are from now on this peer's.
        case admit(SocketAddress)
        /// Checks name this peer by these fragments from now on.
        case answer(to: [String])
        case connected
        /// 20 ms of the caller.
        case hear([Int16])
        case key(Character)
        /// So many samples of the agent's, in the host's count, the caller has probably heard.
        case heard(Int64)
        /// A text that came by a data channel.
        case message(String)
        /// The last output, why.
        case ended(String)
    }

    enum State: Equatable {
        case connecting, connected, ended
    }

    /// A browser that got its answer comes within seconds.
    private static let connectTimeout: Int64 = 30_000_000_000
    private static let frameTime: Int64 = 20_000_000
    /// Between two calls of ``tick(at:)`` at the most, in ns.
    static let longestTick = frameTime
    private static let reportTime: Int64 = 2_000_000_000
    private static let maximumDatagram = 1_500

    private(set) var state = State.connecting
    private(set) var counts = PeerCounts()
    let setup: PeerSetup
    private var ice: ICEAgent
    let dtls: DTLSConnection
    /// Nil: the peer has no use for any.
    let channels: DataChannels?
    private var srtp: SRTPSession?
    private let receiver: AudioReceiver
    private let sender: AudioSender
    private var keys = KeyReader()
    var output: [Output] = []
    private let startedAt: Int64
    private var frameAt: Int64 = 0
    private var reportAt: Int64 = 0
    private var dtlsAt: Int64 = 0

    init?(_ setup: PeerSetup, at now: Int64) {
        guard let dtls = DTLSConnection(identity: setup.identity, fingerprints: setup.offer.fingerprints),
            let receiver = AudioReceiver(
                rate: setup.rate, minimumDelay: setup.minimumDelay, maximumDelay: setup.maximumDelay),
            let sender = AudioSender(offer: setup.offer, rate: setup.rate, bitrate: setup.bitrate)
        else { return nil }
        self.setup = setup
        self.dtls = dtls
        channels = setup.offer.data.map { DataChannels($0) }
        self.receiver = receiver
        self.sender = sender
        ice = ICEAgent(local: setup.credentials, remoteFragment: setup.offer.fragment, at: now)
        startedAt = now
    }

    /// What this side's packets carry.
    var source: UInt32 { sender.source }
    /// The wait of a packet in the jitter buffer, in ms.
    var delayMilliseconds: Int64 { receiver.delayMilliseconds }
    var jitterCounts: JitterBuffer.Counts { receiver.buffer.counts }

    func takeOutput() -> [Output] {
        defer { output = [] }
        return output
    }

    // MARK: In

    func receive(_ datagram: [UInt8], from peer: SocketAddress, at now: Int64) {
        guard state != .ended else { return }
        counts.datagrams += 1
        guard datagram.count <= Self.maximumDatagram else { return refuse() }
        let kind = DatagramKind(datagram)
        if kind == .stun { return check(datagram, from: peer, at: now) }
        // Nobody else has shown that they belong here.
        guard ice.addresses.contains(peer) else { return refuse() }
        switch kind {
        case .dtls:
            dtls.receive(datagram)
            settleDTLS(at: now)
            settleChannels()
        case .media: hear(datagram, at: now)
        case .control: read(datagram, at: now)
        case .stun, .unknown: refuse()
        }
    }

    /// Samples of an answer, to be sent at once or as soon as it is their time.
    ///
    /// - Parameter position: Of the first one, in the host's count.
    func send(_ samples: [Int16], generation: UInt64, position: Int64, at now: Int64) {
        guard state == .connected, setup.offer.direction != .sendonly, setup.offer.direction != .inactive else {
            return
        }
        sender.send(samples, generation: generation, position: position)
        flush(at: now)
    }

    func cancel(_ generation: UInt64) { sender.cancel(generation) }

    /// Presses keys for the peer; false when it takes none.
    func press(_ keys: String, at now: Int64) -> Bool {
        guard state == .connected, sender.press(keys) else { return false }
        flush(at: now)
        return true
    }

    /// When ``tick(at:)`` has something to do again.
    func nextTick(after now: Int64) -> Int64 {
        state == .connected ? min(max(frameAt, now), now + Self.longestTick) : now + Self.longestTick
    }

    /// What has to happen as time passes; to be called every 20 ms at least, best as ``nextTick(after:)`` says.
    func tick(at now: Int64) {
        guard state != .ended else { return }
        if ice.isConsentLost(at: now) { return end("the peer answers no more", at: now) }
        guard state == .connected else {
            if now - startedAt > Self.connectTimeout { return end("the peer did not connect", at: now) }
            if now - dtlsAt >= 50_000_000 {
                dtlsAt = now
                dtls.tick()
                settleDTLS(at: now)
            }
            return
        }
        listen(at: now)
        flush(at: now)
        if let position = sender.heard(at: now) { output.append(.heard(position)) }
        settleChannels()
        if now >= reportAt {
            reportAt = now + Self.reportTime
            sendReport(at: now)
        }
    }

    /// Restarts ICE (RFC 8445, 9): media goes on as it does until the peer nominates with the new credentials.
    func restart(_ credentials: ICECredentials, remoteFragment: String) {
        guard state != .ended else { return }
        ice.restart(local: credentials, remoteFragment: remoteFragment)
        output.append(.answer(to: ice.fragments))
    }

    /// Hangs up.
    func close(at now: Int64) {
        guard state != .ended else { return }
        if state == .connected { sendReport(at: now, isGoodbye: true) }
        end("hung up", at: now)
    }

    // MARK: Checks and keys

    private func check(_ datagram: [UInt8], from peer: SocketAddress, at now: Int64) {
        guard let message = STUNMessage(datagram) else { return refuse() }
        let fragments = ice.fragments
        switch ice.receive(message, from: peer, at: now) {
        case .answer(let reply):
            if ice.fragments != fragments { output.append(.answer(to: ice.fragments)) }
            output.append(.admit(peer))
            output.append(.send(reply, to: peer))
        case .refused, .limited: counts.checksRefused += 1
        }
    }

    private func settleDTLS(at now: Int64) {
        for datagram in dtls.takeDatagrams() { transmit(datagram) }
        switch dtls.state {
        case .handshaking: break
        case .connected(let keys):
            guard srtp == nil else { return }
            guard let session = SRTPSession(keys) else { return end("SRTP could not be set up", at: now) }
            srtp = session
            state = .connected
            frameAt = now
            // The first report comes soon: it lets the peer compute the round trip.
            reportAt = now + 500_000_000
            output.append(.connected)
            channels?.open()
        case .closed: end("the peer hung up", at: now)
        case .failed(let reason): end(reason, at: now)
        }
    }

    private func end(_ reason: String, at now: Int64) {
        guard state != .ended else { return }
        closeChannels()
        state = .ended
        dtls.close()
        for datagram in dtls.takeDatagrams() { transmit(datagram) }
        output.append(.ended(reason))
    }

    // MARK: Media

    private func hear(_ datagram: [UInt8], at now: Int64) {
        guard let srtp else { return refuse() }
        guard let plain = srtp.unprotect(datagram), let packet = RTPPacket(plain) else {
            counts.protectionRefused += 1
            return
        }
        if packet.payloadType == setup.offer.opusType {
            guard receiver.receive(packet, at: now) else { return refuse() }
        } else if setup.offer.keyTypes.values.contains(packet.payloadType) {
            receiver.receive(event: packet, at: now)
            if let key = keys.read(packet) { output.append(.key(key)) }
        } else {
            refuse()
        }
    }

    private func read(_ datagram: [UInt8], at now: Int64) {
        guard let srtp else { return refuse() }
        guard let plain = srtp.unprotectControl(datagram), let report = RTCPReport(plain) else {
            counts.protectionRefused += 1
            return
        }
        if let sender = report.sender { receiver.receive(sender, at: now) }
        for block in report.blocks { sender.receive(block, at: now) }
        if let heard = receiver.statistics?.source, report.goodbyes.contains(heard) { end("the peer hung up", at: now) }
    }

    private func listen(at now: Int64) {
        // After a stall of the machine the lost time is not made up for.
        if now - frameAt > 10 * Self.frameTime { frameAt = now }
        // A first packet is heard when its wait is over, and not up to a frame later.
        if let start = receiver.startsAt, start > frameAt, start - frameAt < Self.frameTime { frameAt = start }
        while frameAt <= now {
            frameAt += Self.frameTime
            if let samples = receiver.frame(at: now) { output.append(.hear(samples)) }
        }
    }

    private func flush(at now: Int64) {
        guard let srtp else { return }
        for packet in sender.packets(at: now) {
            if let datagram = srtp.protect(packet.bytes) { transmit(datagram) }
        }
    }

    private func sendReport(at now: Int64, isGoodbye: Bool = false) {
        let report = RTCPWriter.report(
            source: sender.source,
            name: setup.name,
            sender: sender.report(at: now),
            blocks: receiver.report(at: now).map { [$0] } ?? [],
            isGoodbye: isGoodbye
        )
        if let datagram = srtp?.protectControl(report) { transmit(datagram) }
    }

    func transmit(_ datagram: [UInt8]) {
        guard let address = ice.selected else { return }
        output.append(.send(datagram, to: address))
    }

    private func refuse() { counts.refused += 1 }
}

/// What one peer's datagrams came to.
struct PeerCounts: Equatable {
    var datagrams = 0
    /// Of an unknown kind, too long, of a stranger, or of no stream of this call.
    var refused = 0
    var checksRefused = 0
    /// Forged, replayed or reflected.
    var protectionRefused = 0
}
