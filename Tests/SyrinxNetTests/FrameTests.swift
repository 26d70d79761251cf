// SPDX-License-Identifier: Apache-2.0

import NIOCore
import SyrinxCore
import Testing

@testable import SyrinxNet

@Suite struct FrameTests {
    private static let stream: [UInt8] =
        ServerConnection.frame(1, Array("he".utf8), isFinal: false) + ServerConnection.frame(9, [1])
        + ServerConnection.frame(0, Array("llo".utf8)) + ServerConnection.frame(10, [])
        + ServerConnection.frame(2, [UInt8](repeating: 8, count: 300))
        + ServerConnection.frame(8, [0x03, 0xe9] + Array("gone".utf8))

    private static let parts: [FrameParser.Part] = [
        .data(Array("he".utf8), isText: true, isLast: false), .ping([1]),
        .data(Array("llo".utf8), isText: true, isLast: true), .pong,
        .data([UInt8](repeating: 8, count: 300), isText: false, isLast: true), .close(code: 1001, reason: "gone"),
    ]

    @Test(arguments: [1, 2, 3, 7, 64, 1000])
    func `frames are the same however the bytes are cut`(size: Int) throws {
        var parser = FrameParser(limit: 1000)
        var found: [FrameParser.Part] = []
        var rest = Self.stream[...]
        while !rest.isEmpty {
            parser.feed(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
            while let part = try parser.next() { found.append(part) }
        }
        #expect(found == Self.parts)
    }

    @Test func `no bytes whatever break the parser`() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<2000 {
            var bytes = round % 2 == 0 ? Self.stream : []
            if bytes.isEmpty { bytes = (0..<Int.random(in: 0...60)).map { _ in .random(in: 0...255, using: &random) } }
            for _ in 0..<3 where !bytes.isEmpty { bytes[Int.random(in: bytes.indices)] = .random(in: 0...255) }
            var parser = FrameParser(limit: 1000)
            parser.feed(ByteBuffer(bytes: bytes))
            var total = 0
            while let part = try? parser.next() {
                if case .data(let data, _, _) = part { total += data.count }
            }
            #expect(total <= bytes.count, "\(bytes)")
        }
    }

    private static let texts: [(fragments: [[UInt8]], isValid: Bool)] = [
        ([Array("Grüß Gott 👋".utf8)], true),
        // A character in three fragments, an empty one and a ping between them.
        ([[0xF0], [0x9F, 0x91], [], [0x8B]], true),
        ([Array("ok ".utf8), [0xC3]], false), ([[0xC3], Array("x".utf8)], false), ([[0xFF]], false),
        ([[0xC0, 0xAF]], false), ([[0xED, 0xA0, 0x80]], false), ([[0xF4, 0x90, 0x80, 0x80]], false),
    ]

    @Test(arguments: texts, [1, 2, 5, 1000])
    func `a text is UTF-8 however it is cut, and anything else ends the connection with 1007`(
        text: (fragments: [[UInt8]], isValid: Bool), size: Int
    ) throws {
        var rest: ArraySlice<UInt8> = []
        for (index, fragment) in text.fragments.enumerated() {
            rest += ServerConnection.frame(
                index == 0 ? 1 : 0, fragment, isFinal: index == text.fragments.count - 1)
            if index == 1 { rest += ServerConnection.frame(9, [0xFF]) }
        }
        // The next message has nothing to do with it, and bytes may be anything.
        rest += ServerConnection.frame(2, [0xFF, 0xC3]) + ServerConnection.text("next")
        var parser = FrameParser(limit: 1000)
        var found: [[UInt8]] = []
        var violation: FrameParser.Violation?
        while !rest.isEmpty, violation == nil {
            parser.feed(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
            do throws(FrameParser.Violation) {
                while let part = try parser.next() {
                    if case .data(let bytes, _, _) = part { found.append(bytes) }
                }
            } catch {
                violation = error
            }
        }
        #expect(violation?.code == (text.isValid ? nil : 1007))
        if text.isValid {
            #expect(Array(found.joined()) == text.fragments.flatMap(\.self) + [0xFF, 0xC3] + Array("next".utf8))
        }
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func `a frame is masked and says its length as short as can be`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let bytes = Array(FrameWriter.frame(.binary, payload, mask: 0x0102_0304).readableBytesView)
        let head = count < 126 ? 2 : count < 65_536 ? 4 : 10
        #expect(bytes.count == head + 4 + count && bytes[0] == 0x82 && bytes[1] & 0x80 != 0)
        #expect(Array(bytes[head..<(head + 4)]) == [1, 2, 3, 4])
        #expect(bytes.dropFirst(head + 4).enumerated().map { $1 ^ [1, 2, 3, 4][$0 & 3] } == payload)
    }

    @Test func `a reason that is too long is cut between characters`() {
        let bytes = FrameWriter.close(code: 1000, reason: String(repeating: "é", count: 100)).readableBytes
        #expect(bytes == 2 + 4 + 2 + 122)
        #expect(FrameWriter.close(code: 1005, reason: "x").readableBytes == 6)
    }

    @Test func `the answer to a key is RFC 6455's`() {
        #expect(Upgrade.accept(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
