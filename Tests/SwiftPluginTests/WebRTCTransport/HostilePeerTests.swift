// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

@Suite("A peer of WebRTC that is not what it seems")
struct HostilePeerTests {
    @Test
    func `a hello in fragments is put together`() throws {
        let line = try LoopCall(link: 256)
        line.connect()
        #expect(line.isConnected)
    }

    @Test
    func `another certificate than the offer's is refused`() throws {
        let line = try LoopCall(fingerprint: "sha-256 \(OfferTests.hash)")
        line.connect()
        #expect(!line.isConnected)
        #expect(line.end?.contains("certificate") == true)
    }

    @Test
    func `a check with a wrong password is not answered`() throws {
        let line = try LoopCall()
        line.check(nominates: true, password: "wrong")
        #expect(line.raw.isEmpty)
        #expect(line.peer.counts.checksRefused == 1)
        // Nor does its address open a way for anything else.
        line.far.handshake()
        for datagram in line.far.takeDatagrams() { line.deliver(datagram) }
        #expect(line.raw.isEmpty)
    }

    @Test
    func `a flood of strangers' checks is cut off, those of the peer are not`() throws {
        let line = try LoopCall()
        line.connect()
        for port in UInt16(10_000)..<11_000 {
            line.check(password: "wrong", from: SocketAddress(address: [203, 0, 113, 5], port: port))
        }
        line.forget()
        line.check()
        #expect(line.raw.count == 1)
    }

    @Test
    func `packets of strangers, replays and reflections are refused`() throws {
        let line = try LoopCall()
        line.connect()
        let packet = RTPPacket(payloadType: 111, sequence: 9, timestamp: 9, source: 77, payload: [0xF8, 0xFF, 0xFE])
        let protected = try line.protect(packet)
        line.deliver(protected, from: LoopCall.abroad)
        #expect(line.peer.counts.refused == 1)
        line.deliver(protected)
        #expect(line.peer.counts.protectionRefused == 0)
        line.deliver(protected)
        #expect(line.peer.counts.protectionRefused == 1)
        line.deliver(protected.replacing(protected.count - 1, with: protected[protected.count - 1] ^ 1))
        #expect(line.peer.counts.protectionRefused == 2)

        line.forget()
        line.answer([Int16](repeating: 3_000, count: 320), generation: 1)
        line.wait(milliseconds: 20)
        let own = try #require(line.raw.first { DatagramKind($0) == .media })
        line.deliver(own)
        #expect(line.peer.counts.protectionRefused == 3)
    }

    @Test
    func `a flood of sources does not grow what is kept`() throws {
        let line = try LoopCall()
        line.connect()
        for source in UInt32(1)...100 {
            try line.send(
                RTPPacket(payloadType: 111, sequence: 1, timestamp: 0, source: source, payload: [0xF8, 0xFF, 0xFE]))
        }
        #expect(line.peer.counts.protectionRefused == 100 - SRTPSession.maximumSources)
    }

    @Test
    func `datagrams that are too long or of no kind are dropped`() throws {
        let line = try LoopCall()
        line.connect()
        let before = line.peer.counts.refused
        line.deliver([UInt8](repeating: 0x80, count: 1_501))
        line.deliver([UInt8](repeating: 0x7F, count: 100))
        line.deliver([])
        #expect(line.peer.counts.refused == before + 3)
        #expect(line.end == nil)
    }

    @Test
    func `random datagrams never end a call`() throws {
        var random = SeededRandom(seed: 11)
        let line = try LoopCall()
        line.connect()
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<200, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if count > 1, Bool.random(using: &random) {
                bytes[0] = [0x80, 0x00, 0x16, 0x90].randomElement(using: &random) ?? 0
            }
            line.deliver(bytes)
        }
        #expect(line.end == nil)
        line.forget()
        try line.speak()
        #expect(line.peer.jitterCounts.received == 1)
    }

    @Test
    func `a peer that falls silent is given up after thirty seconds, one that checks is not`() throws {
        let line = try LoopCall()
        line.connect()
        for _ in 0..<12 {
            line.wait(milliseconds: 5_000)
            line.check()
        }
        #expect(line.end == nil)
        line.wait(milliseconds: 29_000)
        #expect(line.end == nil)
        line.wait(milliseconds: 1_500)
        #expect(line.end == "the peer answers no more")
    }

    @Test
    func `a peer that never comes is given up`() throws {
        let line = try LoopCall()
        line.wait(milliseconds: 31_000)
        #expect(line.end != nil)
    }

    @Test
    func `media follows a peer that moves, once it nominates`() throws {
        let line = try LoopCall()
        line.connect()
        line.check(from: LoopCall.abroad)
        line.forget()
        line.answer([Int16](repeating: 3_000, count: 320), generation: 1)
        line.wait(milliseconds: 20)
        #expect(line.destinations.allSatisfy { $0 == LoopCall.home })
        line.check(nominates: true, from: LoopCall.abroad)
        line.forget()
        line.answer([Int16](repeating: 3_000, count: 320), generation: 1)
        line.wait(milliseconds: 20)
        #expect(!line.destinations.isEmpty)
        #expect(line.destinations.allSatisfy { $0 == LoopCall.abroad })
        line.address = LoopCall.abroad
        try line.speak()
        #expect(line.peer.jitterCounts.received == 1)
    }

    @Test
    func `goodbyes end the call at once`() throws {
        let quiet = try LoopCall()
        quiet.connect()
        quiet.far.hangUp()
        for datagram in quiet.far.takeDatagrams() { quiet.deliver(datagram) }
        #expect(quiet.end == "the peer hung up")

        let polite = try LoopCall()
        polite.connect()
        try polite.speak()
        let goodbye = RTCPWriter.report(source: 77, name: "far", sender: nil, blocks: [], isGoodbye: true)
        try polite.sendControl(goodbye)
        #expect(polite.end == "the peer hung up")
    }

    @Test
    func `hanging up says goodbye in both protocols`() throws {
        let line = try LoopCall()
        line.connect()
        line.forget()
        line.peer.close(at: line.now)
        line.wait(milliseconds: 5)
        #expect(line.reports.last?.goodbyes == [line.peer.source])
        #expect(line.raw.contains { DatagramKind($0) == .dtls })
        #expect(line.end == "hung up")
    }
}
