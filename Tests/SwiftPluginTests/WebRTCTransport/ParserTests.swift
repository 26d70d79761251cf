// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

@Suite("What a WebRTC peer may send")
struct ParserTests {
    // MARK: STUN

    static let check = STUNMessage.request(
        transaction: Array(1...12), username: "local:remote", password: "secret", priority: 7, usesCandidate: true)

    @Test
    func `a check says who, how much and whether it nominates`() throws {
        let message = try #require(STUNMessage(Self.check))
        #expect(message.username == "local:remote")
        #expect(message.priority == 7)
        #expect(message.usesCandidate)
        #expect(message.hasIntegrity(password: "secret"))
        #expect(!message.hasIntegrity(password: "another"))
    }

    /// RFC 5769, 2.1: the sample request of the standard.
    @Test
    func `the sample of RFC 5769 is read and verified`() throws {
        let words: [UInt32] = [
            0x0001_0058, 0x2112_a442, 0xb7e7_a701, 0xbc34_d686, 0xfa87_dfae, 0x8022_0010, 0x5354_554e, 0x2074_6573,
            0x7420_636c, 0x6965_6e74, 0x0024_0004, 0x6e00_01ff, 0x8029_0008, 0x932f_f9b1, 0x5126_3b36, 0x0006_0009,
            0x6576_746a, 0x3a68_3676, 0x5920_2020, 0x0008_0014, 0x9aea_a70c, 0xbfd8_cb56, 0x781e_f2b5, 0xb2d3_f249,
            0xc1b5_71a2, 0x8028_0004, 0xe57a_3bcf,
        ]
        var bytes: [UInt8] = []
        for word in words { bytes.append(bigEndian: word) }
        let message = try #require(STUNMessage(bytes))
        #expect(message.username == "evtj:h6vY")
        #expect(message.hasIntegrity(password: "VOkJxbRl1RmTxUk/WvJxBt"))
    }

    @Test
    func `an answer is signed and says where the check came from`() throws {
        let peer = try #require(SocketAddress("192.0.2.1", port: 32_853))
        let bytes = STUNMessage.success(transaction: Array(1...12), to: peer, password: "secret")
        let message = try #require(STUNMessage(bytes))
        #expect(message.type == STUNMessage.bindingSuccess)
        #expect(message.hasIntegrity(password: "secret"))
        // XOR-MAPPED-ADDRESS: RFC 5769, 2.2 has the same address and port.
        #expect(Array(bytes[20..<32]) == [0, 0x20, 0, 8, 0, 1, 0xA1, 0x47, 0xE1, 0x12, 0xA6, 0x43])
    }

    static let brokenChecks: [(String, [UInt8])] = [
        ("empty", []), ("a header alone, with a length", Array(check.prefix(20))),
        ("one byte short", Array(check.dropLast())), ("one byte long", check + [0]),
        ("another cookie", check.replacing(4, with: 0)),
        ("a wrong fingerprint", check.replacing(check.count - 1, with: 0)),
        ("an attribute longer than the message", check.replacing(23, with: 255)),
        ("a length that is no multiple of four", check.replacing(3, with: check[3] + 1)),
        ("the bits of RTP", check.replacing(0, with: 0x80)),
    ]

    @Test(arguments: brokenChecks)
    func `a broken check is none`(name: String, bytes: [UInt8]) {
        #expect(STUNMessage(bytes) == nil)
    }

    // MARK: RTP and RTCP

    @Test
    func `a packet is read as it was written, without extensions and padding`() throws {
        let packet = RTPPacket(
            isMarked: true, payloadType: 111, sequence: 65_535, timestamp: .max, source: 7, payload: [1, 2, 3])
        #expect(RTPPacket(packet.bytes) == packet)
        // Padding, an extension of one word and two contributing sources.
        var bytes: [UInt8] = [0xB2, 0x6F, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + [UInt8](repeating: 9, count: 8)
        bytes += [0xBE, 0xDE, 0, 1, 1, 2, 3, 4, 42, 0, 0, 3]
        #expect(try #require(RTPPacket(bytes)).payload == [42])
    }

    static let brokenPackets: [(String, [UInt8])] = [
        ("empty", []), ("another version", [0x40] + [UInt8](repeating: 0, count: 11)),
        ("eleven bytes", [0x80] + [UInt8](repeating: 0, count: 10)),
        ("sources that are not there", [0x8F] + [UInt8](repeating: 0, count: 11)),
        ("an extension that is not there", [0x90] + [UInt8](repeating: 0, count: 11)),
        ("an extension that is too long", [0x90] + [UInt8](repeating: 0, count: 11) + [0, 0, 255, 255]),
        ("padding without bytes", [0xA0] + [UInt8](repeating: 0, count: 11)),
        ("padding longer than the packet", [0xA0] + [UInt8](repeating: 0, count: 11) + [9]),
        ("padding of no bytes", [0xA0] + [UInt8](repeating: 0, count: 11) + [0]),
    ]

    @Test(arguments: brokenPackets)
    func `a broken packet is none`(name: String, bytes: [UInt8]) {
        #expect(RTPPacket(bytes) == nil)
    }

    static let report = RTCPWriter.report(
        source: 5,
        name: "somebody",
        sender: RTCPReport.Sender(source: 5, ntp: 1 << 40, timestamp: 6, packets: 7, octets: 8),
        blocks: [RTCPReport.Block(source: 9, fractionLost: 64, lost: -3, highestSequence: 70_000, jitter: 11)],
        isGoodbye: true
    )

    @Test
    func `a report is read as it was written`() throws {
        let report = try #require(RTCPReport(Self.report))
        #expect(report.sender == RTCPReport.Sender(source: 5, ntp: 1 << 40, timestamp: 6, packets: 7, octets: 8))
        #expect(report.blocks.first?.lost == -3)
        #expect(report.blocks.first?.fractionLost == 64)
        #expect(report.goodbyes == [5])
    }

    static let brokenReports: [(String, [UInt8])] = [
        ("empty", []), ("a header cut off", [0x80, 200, 0]), ("longer than it is", [0x80, 201, 0, 9, 0, 0, 0, 0]),
        ("blocks that are not there", [0x9F, 201, 0, 1, 0, 0, 0, 0]), ("another version", [0, 201, 0, 1, 0, 0, 0, 0]),
        ("a sender's report without its numbers", [0x80, 200, 0, 1, 0, 0, 0, 0]),
        ("goodbyes that are not there", [0x82, 203, 0, 1, 0, 0, 0, 0]),
    ]

    @Test(arguments: brokenReports)
    func `a broken report is none`(name: String, bytes: [UInt8]) {
        #expect(RTCPReport(bytes) == nil)
    }

    // MARK: Anything

    @Test
    func `random changes are survived by every parser`() {
        var random = SeededRandom(seed: 42)
        let offer = Array(OfferTests.chrome.utf8)
        let key = RTPPacket(payloadType: 110, sequence: 1, timestamp: 2, source: 3, payload: [1, 0x8A, 0, 9]).bytes
        for original in [Self.check, Self.report, key, offer] {
            for _ in 0..<4_000 {
                let bytes = original.mutated(using: &random)
                _ = STUNMessage(bytes)?.hasIntegrity(password: "secret")
                _ = RTCPReport(bytes)
                if let packet = RTPPacket(bytes) {
                    _ = TelephoneEvent(packet.payload)
                    _ = OpusVoiceDecoder.duration(packet.payload)
                    _ = OpusVoiceDecoder.hasRedundancy(packet.payload)
                }
                _ = DatagramKind(bytes)
                _ = try? Offer(parsing: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    @Test
    func `any payload is survived by the decoder`() throws {
        var random = SeededRandom(seed: 3)
        let decoder = try #require(OpusVoiceDecoder(rate: 16_000))
        for _ in 0..<3_000 {
            let payload = (0..<Int.random(in: 0..<400, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            guard let duration = OpusVoiceDecoder.duration(payload[...]) else { continue }
            #expect(decoder.decode(payload).count <= 1_920)
            #expect(decoder.recover(from: payload, duration: duration).count <= 1_920)
        }
        #expect(decoder.conceal(960).count == 320)
    }

    @Test(arguments: [
        ("192.0.2.1", false, false), ("0.0.0.0", false, true), ("2001:db8::1:0:7", true, false), ("::", true, true),
        ("::1", true, false), ("::1.2.3.4", true, false), ("fe80::ffff:102:304", true, false),
    ])
    func `an address is what it was after the system has had it`(text: String, isIPv6: Bool, isWildcard: Bool) throws {
        let address = try #require(SocketAddress(text, port: 4_660))
        #expect(address.isIPv6 == isIPv6)
        #expect(address.isWildcard == isWildcard)
        let again = address.withRaw(onIPv6: true) { raw, size in
            SocketAddress(UnsafeRawPointer(raw).loadUnaligned(as: sockaddr_storage.self))
        }
        #expect(again == address)
        #expect(SocketAddress(address.host, port: 4_660) == address)
        #expect(address.address.count == (isIPv6 ? 16 : 4))
    }

    @Test
    func `an IPv4 address inside IPv6 is the IPv4 address, and no other is`() throws {
        let plain = try #require(SocketAddress("192.0.2.1", port: 1))
        #expect(SocketAddress("::ffff:192.0.2.1", port: 1) == plain)
        #expect(SocketAddress("::192.0.2.1", port: 1) != plain)
        #expect(SocketAddress("192.0.2.1", port: 2) != plain)
    }
}

extension [UInt8] {
    func replacing(_ index: Int, with byte: UInt8) -> [UInt8] {
        var bytes = self
        bytes[index] = byte
        return bytes
    }

    /// A few bytes changed, cut out or put in.
    func mutated(using random: inout SeededRandom) -> [UInt8] {
        var bytes = self
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.remove(at: index)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            case 2: bytes.removeLast(bytes.count - index)
            default: bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }
}
