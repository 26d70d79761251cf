// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOWebSocket
import Testing

@testable import SyrinxServer

/// What comes of bytes: reader and assembler together, without a socket.
struct Wire {
    private var frames = FrameReader()
    var messages = MessageAssembler()

    /// What the bytes make, in pieces of at most `size`; nothing after a violation.
    mutating func take(_ bytes: [UInt8], by size: Int = .max) -> [MessageAssembler.Result] {
        var results: [MessageAssembler.Result] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            var piece = ByteBuffer(bytes: rest.prefix(size))
            rest = rest.dropFirst(size)
            while let step = frames.next(&piece) {
                let result = messages.take(step)
                if result != .more { results.append(result) }
                if case .violation = result { return results }
            }
        }
        return results
    }
}

@Suite("WebSocket frames, byte by byte")
struct FrameReaderTests {
    private typealias Opcode = ClientFrame.Opcode

    @Test(arguments: [1, 2, 3, 5, 13, 14, 640, 70_000, .max])
    func `frames are found however their bytes come`(size: Int) {
        let lengths = [0, 1, 2, 7, 8, 9, 125, 126, 127, 640, 65_535, 65_536]
        let payloads = lengths.map { length in (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) } }
        let ping = ClientFrame(Opcode.ping, [9])
        var wire = Wire()
        let results = wire.take(payloads.flatMap { ClientFrame.audio($0).bytes + ping.bytes }, by: size)
        #expect(results == payloads.flatMap { [.binary(ByteBuffer(bytes: $0)), .ping(ByteBuffer(bytes: [9]))] })
    }

    @Test(arguments: [1, 4, 5, .max])
    func `a message in fragments is one, with control frames between them`(size: Int) {
        let text = "zwölf Boxkämpfer 🥊"
        let frames = ClientFrame.fragments(Opcode.text, Array(text.utf8), of: 3)
        var wire = Wire()
        let results = wire.take(frames.flatMap { $0.bytes + ClientFrame(Opcode.pong, [1]).bytes }, by: size)
        #expect(results.filter { $0 != .pong } == [.text(text)])
        #expect(results.count == frames.count + 1)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        /// The byte that tells.
        let at: Int
        let code: WebSocketErrorCode
    }

    private static func fault(
        _ description: String, _ bytes: [UInt8], at: Int, _ code: WebSocketErrorCode = .protocolError
    ) -> Fault {
        Fault(testDescription: description, bytes: bytes, at: at, code: code)
    }

    private static let (large, noText) = (
        WebSocketErrorCode.messageTooLarge, WebSocketErrorCode.dataInconsistentWithMessage
    )

    static let faults = [
        fault("RSV1", [0xC2], at: 0), fault("RSV2", [0xA2], at: 0), fault("RSV3", [0x92], at: 0),
        fault("opcode 3", [0x83], at: 0), fault("opcode 7", [0x87], at: 0),
        fault("opcode 11", [0x8B], at: 0), fault("opcode 15", [0x8F], at: 0),
        fault("a ping in fragments", [0x09], at: 0), fault("a close in fragments", [0x08], at: 0),
        fault("no mask", [0x82, 0x04], at: 1),
        fault("a ping of 126 bytes", [0x89, 0xFE], at: 1), fault("a ping of 2^16 bytes", [0x89, 0xFF], at: 1),
        fault("a message over the limit", [0x82, 0xFE, 0x10, 0x01, 1, 2, 3, 4], at: 7, large),
        fault("2^63 bytes", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], at: 9, large),
        fault("2^62 bytes", [0x82, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], at: 13, large),
        fault("a continuation of nothing", [0x80, 0x81, 0, 0, 0, 0, 1], at: 5),
        fault("half a close code", [0x88, 0x81, 0, 0, 0, 0, 3], at: 6),
        fault("text that is none", [0x01, 0x84, 0, 0, 0, 0, 0xE2, 0x28, 0x41, 0x41], at: 7, noText),
        fault("text that ends early", [0x81, 0x82, 0, 0, 0, 0, 0xE2, 0x82], at: 7, noText),
        fault("a close's reason that is no text", [0x88, 0x83, 0, 0, 0, 0, 0x03, 0xE8, 0xFF], at: 8, noText),
    ]

    /// Nothing that follows is waited for, and nothing of it is kept.
    @Test(arguments: faults)
    func `what is wrong is told by the byte that makes it so`(fault: Fault) {
        var wire = Wire()
        wire.messages.limit = 4_096
        let at = fault.bytes.indices.first { wire.take([fault.bytes[$0]]) != [] }
        #expect(at == fault.at)
        var whole = Wire()
        whole.messages.limit = 4_096
        #expect(whole.take(fault.bytes + [UInt8](repeating: 0, count: 64)) == [.violation(fault.code)])
    }

    @Test func `fragments count together, and a message at the limit is none too many`() {
        let fits = ClientFrame.fragments(Opcode.binary, [UInt8](repeating: 5, count: 4_096), of: 1_000)
        var wire = Wire()
        wire.messages.limit = 4_096
        #expect(wire.take(fits.flatMap(\.bytes)) == [.binary(ByteBuffer(repeating: 5, count: 4_096))])
        let tooMany = ClientFrame.fragments(Opcode.binary, [UInt8](repeating: 5, count: 4_097), of: 1_000)
        #expect(wire.take(tooMany.flatMap(\.bytes)) == [.violation(.messageTooLarge)])
    }

    @Test func `a million fragments are a message, when they fit`() {
        var begin = ClientFrame(Opcode.text, [0x61])
        var more = ClientFrame(Opcode.continuation)
        (begin.isLast, more.isLast) = (false, false)
        var wire = Wire()
        #expect(wire.take(begin.bytes) == [])
        let thousand = [[UInt8]](repeating: more.bytes, count: 1_000).flatMap(\.self)
        for _ in 0..<1_000 { #expect(wire.take(thousand) == []) }
        #expect(wire.take(ClientFrame(Opcode.continuation, [0x62]).bytes) == [.text("ab")])
    }

    @Test func `noise makes violations, never a trap`() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2_000 {
            var wire = Wire()
            wire.messages.limit = 1_024
            // Heads that are nearly right go further.
            let bytes = (0..<200).map { _ -> UInt8 in
                Bool.random(using: &random)
                    ? [0x81, 0x01, 0x80, 0x00, 0x89, 0xFE].randomElement(using: &random) ?? 0
                    : .random(in: 0...255, using: &random)
            }
            var one = Wire()
            one.messages.limit = 1_024
            #expect(wire.take(bytes) == one.take(bytes, by: 1))
        }
    }
}
