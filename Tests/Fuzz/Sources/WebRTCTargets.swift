// SPDX-License-Identifier: Apache-2.0

@testable internal import WebRTCTransport

/// An offer, and the answer to it.
enum SDPTarget {
    static func run(_ bytes: [UInt8]) {
        guard let offer = try? Offer(parsing: bytes.text) else { return }
        let answer = Answer(
            offer: offer, credentials: ICECredentials(fragment: "frag", password: "password"),
            fingerprint: "sha-256 00", candidates: [Far.address], source: 7, name: "syrinx", session: 1)
        // Nothing of the offer may break a line of the answer.
        guard let read = try? SessionDescription(parsing: answer.text) else { fatalError("the answer cannot be read") }
        precondition(read.media.count == offer.media.count)
        precondition(read.attributes.contains("ice-lite"))
        let wanted = [offer.audio, offer.data?.index]
        for (index, media) in read.media.enumerated() where !wanted.contains(index) { precondition(media.port == 0) }
    }
}

enum STUNTarget {
    static func run(_ bytes: [UInt8]) {
        var agent = ICEAgent(local: Far.credentials, remoteFragment: "far", at: 0)
        guard let message = STUNMessage(bytes) else { return }
        _ = agent.receive(message, from: Far.address, at: 1)
        let reply = STUNMessage.success(transaction: message.transaction, to: Far.address, password: "secret")
        precondition(STUNMessage(reply)?.hasIntegrity(password: "secret") == true)
        guard message.username.utf8.count <= 513 else { return }
        let again = STUNMessage.request(
            transaction: message.transaction, username: message.username, password: "secret",
            priority: message.priority, usesCandidate: message.usesCandidate)
        guard let copy = STUNMessage(again) else { fatalError("a check that was written cannot be read") }
        precondition(copy.username == message.username && copy.priority == message.priority)
        precondition(copy.usesCandidate == message.usesCandidate && copy.hasIntegrity(password: "secret"))
    }
}

enum RTPTarget {
    static func run(_ bytes: [UInt8]) {
        _ = DatagramKind(bytes)
        guard let packet = RTPPacket(bytes) else { return }
        precondition(RTPPacket(packet.bytes) == packet)
        var keys = KeyReader()
        _ = keys.read(packet)
        if let event = TelephoneEvent(packet.payload) {
            precondition(TelephoneEvent(event.payload[...]) == event)
        }
    }
}

enum RTCPTarget {
    static func run(_ bytes: [UInt8]) {
        guard let report = RTCPReport(bytes) else { return }
        let blocks = Array(report.blocks.prefix(31))
        let source = report.sender?.source ?? 1
        let written = RTCPWriter.report(
            source: source, name: bytes.text, sender: report.sender, blocks: blocks, isGoodbye: true)
        guard let copy = RTCPReport(written) else { fatalError("a report that was written cannot be read") }
        precondition(copy.sender == report.sender && copy.blocks == blocks && copy.goodbyes == [source])
    }
}

/// Packets, whole or with a payload of the input, at times of the input: unprotected, ordered, decoded, played.
enum MediaTarget {
    private static let keys = SRTPKeys(profile: .aes128GCM, material: Array(0..<56))

    static func run(_ bytes: [UInt8]) {
        guard let far = SRTPSession(keys.swapped), let near = SRTPSession(keys),
            let receiver = AudioReceiver(rate: 16_000, minimumDelay: 40, maximumDelay: 300)
        else { fatalError("no session") }
        var (input, now, sequence, timestamp) = (Input(bytes), Int64(1_000_000_000), UInt16(65_530), UInt32.max - 960)
        var steps = 0
        while !input.isAtEnd, steps < 200 {
            steps += 1
            let kind = input.byte()
            sequence &+= UInt16(truncatingIfNeeded: Int(Int8(bitPattern: input.byte())))
            timestamp &+= UInt32(truncatingIfNeeded: Int(Int8(bitPattern: input.byte())) * 120)
            now += Int64(input.byte()) * 1_000_000
            let payload = input.take(Int(input.byte()))
            let packet = RTPPacket(
                payloadType: 111, sequence: sequence, timestamp: timestamp, source: UInt32(kind >> 4),
                payload: payload[...])
            switch kind & 3 {
            case 0: near.unprotectControl(payload).map { _ = RTCPReport($0) }
            case 1: receiver.receive(event: packet, at: now)
            default:
                // What is replayed or reordered too far is refused here.
                let whole = far.protect(packet.bytes).flatMap { near.unprotect($0) }.flatMap { RTPPacket($0) }
                if let whole { _ = receiver.receive(whole, at: now) }
            }
            if let frame = receiver.frame(at: now) { precondition(frame.count == 320) }
            precondition(receiver.buffer.depth <= JitterBuffer.capacity)
            _ = receiver.report(at: now)
        }
    }
}

/// Datagrams at a peer to which the sender has proved itself: the handshake reads them.
enum DTLSTarget {
    private static let offer = try? Offer(parsing: Far.offer)
    private static let identity = DTLSIdentity()

    static func run(_ bytes: [UInt8]) {
        guard let offer, let identity else { fatalError("no identity") }
        let setup = PeerSetup(
            offer: offer, credentials: Far.credentials, identity: identity, rate: 16_000, bitrate: 28_000,
            minimumDelay: 40, maximumDelay: 300, name: "fuzz")
        guard let peer = Peer(setup, at: 0) else { fatalError("no peer") }
        let check = STUNMessage.request(
            transaction: Array(1...12), username: "local:\(offer.fragment)", password: "secret", usesCandidate: true)
        peer.receive(check, from: Far.address, at: 0)
        var (input, now) = (Input(bytes), Int64(0))
        for _ in 0..<16 where !input.isAtEnd {
            peer.receive(input.piece(), from: Far.address, at: now)
            now += 20_000_000
            peer.tick(at: now)
            _ = peer.takeOutput()
        }
        // Nobody here has the key of the certificate that the offer names.
        precondition(peer.state != .connected)
        peer.close(at: now)
    }
}

enum OpusTarget {
    static func run(_ bytes: [UInt8]) {
        guard let decoder = OpusVoiceDecoder(rate: 16_000) else { fatalError("no decoder") }
        var input = Input(bytes)
        for _ in 0..<32 where !input.isAtEnd {
            let packet = input.take(Int(input.byte()))
            _ = OpusVoiceDecoder.hasRedundancy(packet[...])
            // What the door plays has a duration.
            guard let duration = OpusVoiceDecoder.duration(packet[...]) else { continue }
            _ = decoder.recover(from: packet, duration: duration)
            precondition(decoder.decode(packet).count <= 1_920)
            _ = decoder.conceal(duration)
        }
    }
}

/// The other end, as far as it is always the same.
enum Far {
    static let address = SocketAddress(address: [192, 0, 2, 1], port: 5_000)
    static let credentials = ICECredentials(fragment: "local", password: "secret")
    static let offer = """
        v=0\r
        m=audio 9 UDP/TLS/RTP/SAVPF 111 110\r
        a=ice-ufrag:abcd\r
        a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r
        a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))\r
        a=setup:actpass\r
        a=rtcp-mux\r
        a=rtpmap:111 opus/48000/2\r
        a=rtpmap:110 telephone-event/48000\r

        """
}
