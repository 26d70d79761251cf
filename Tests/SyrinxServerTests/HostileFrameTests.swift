// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxServer
import Testing

/// What a broken or hostile client may put on its socket (RFC 6455), and what it gets for it.
@Suite("Hostile frames", .tags(.integration), .server { $0.maxMessage = 65_536 })
struct HostileFrameTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let code: Int

        init(_ description: String, _ code: Int, _ frames: ClientFrame...) {
            testDescription = description
            bytes = frames.flatMap(\.bytes)
            self.code = code
        }

        init(_ description: String, _ code: Int, _ frame: ClientFrame, _ change: (inout ClientFrame) -> Void) {
            var frame = frame
            change(&frame)
            self.init(description, code, frame)
        }
    }

    private typealias Opcode = ClientFrame.Opcode
    private static let audio = ClientFrame.audio([1, 2, 3, 4])
    private static let notLast: @Sendable (inout ClientFrame) -> Void = { $0.isLast = false }

    static let attacks = [
        Attack("no mask", 1002, audio) { $0.isMasked = false },
        Attack("RSV1", 1002, audio) { $0.reserved = 4 },
        Attack("RSV2", 1002, audio) { $0.reserved = 2 },
        Attack("RSV3", 1002, audio) { $0.reserved = 1 },
        Attack("reserved data opcode", 1002, ClientFrame(0x3, [1, 2])),
        Attack("reserved control opcode", 1002, ClientFrame(0xB, [1, 2])),
        Attack("continuation of nothing", 1002, ClientFrame(Opcode.continuation, [1, 2])),
        Attack("a ping in fragments", 1002, ClientFrame(Opcode.ping, [1]), notLast),
        Attack("a close in fragments", 1002, ClientFrame.close(1000), notLast),
        Attack("a ping that is too long", 1002, ClientFrame(Opcode.ping, [UInt8](repeating: 0, count: 126))),
        Attack("half a close code", 1002, ClientFrame(Opcode.close, [3])),
        Attack("close code 999", 1002, .close(999)),
        Attack("close code 1005", 1002, .close(1005)),
        Attack("close code 1006", 1002, .close(1006)),
        Attack("close code 2000", 1002, .close(2000)),
        Attack("close code 5000", 1002, .close(5000)),
        Attack("a message over the limit", 1009, ClientFrame.audio([UInt8](repeating: 0, count: 65_538))),
        Attack("a length of 2^62", 1009, audio) { $0.claimedLength = 1 << 62 },
        Attack("a length with its top bit set", 1009, audio) { $0.claimedLength = 1 << 63 },
        Attack("text that is not UTF-8", 1007, ClientFrame(Opcode.text, [0x22, 0xC3, 0x28, 0x22])),
        Attack("text with a lone surrogate", 1007, ClientFrame(Opcode.text, [0xED, 0xA0, 0x80])),
    ]

    @Test(arguments: attacks)
    func `is told its close code, and nobody else notices`(attack: Attack) async throws {
        let server = try server()
        let code = try await Neighbour.watch(server) {
            let caller = try await server.call("profile=mock")
            await caller.connection.send(attack.bytes)
            return try await caller.end()
        }
        #expect(code == attack.code)
    }

    @Test func `a message begun inside another ends the connection`() async throws {
        let server = try server()
        let caller = try await server.call()
        var begin = Self.audio
        begin.isLast = false
        await caller.send(begin, Self.audio)
        #expect(try await caller.end() == 1002)
    }

    @Test func `fragments that add up to more than a message may hold end the connection`() async throws {
        let server = try server()
        let code = try await Neighbour.watch(server) {
            let caller = try await server.call()
            for fragment in ClientFrame.fragments(Opcode.binary, [UInt8](repeating: 0, count: 70_000), of: 10_000) {
                await caller.send(fragment)
            }
            return try await caller.end()
        }
        #expect(code == 1009)
    }

    @Test(arguments: [UInt16(1000), 1001, 1003, 1011, 3000, 4999])
    func `a proper close is answered`(code: UInt16) async throws {
        let caller = try await server().call()
        await caller.send(.close(code))
        #expect(try await caller.end() == Int(code))
    }

    @Test func `a close without a code is answered`() async throws {
        let caller = try await server().call()
        await caller.send(ClientFrame(Opcode.close))
        #expect(try await caller.end() == 1000)
    }

    @Test func `odd-sized audio is an error event, and the call goes on`() async throws {
        let caller = try await server().call()
        await caller.send(.audio([1, 2, 3]), Self.audio)
        #expect(try await caller.event("error")["code"] == "audio.odd_length")
        #expect(try await caller.audio(1) == [[1, 2, 3, 4]])
        try await caller.hangUp()
        #expect(await caller.audioBytes == 4)
    }

    @Test func `an empty message is a message`() async throws {
        let caller = try await server().call()
        await caller.send(.audio([]), Self.audio)
        #expect(try await caller.audio(2) == [[], [1, 2, 3, 4]])
        try await caller.hangUp()
    }

    @Test(arguments: [0, 1, 2, 5, 13, 300])
    func `a connection that breaks inside a frame leaves nothing behind`(cut: Int) async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let caller = try await server.call("profile=mock")
            await caller.connection.send(Array(ClientFrame.audio([UInt8](repeating: 7, count: 640)).bytes.prefix(cut)))
            try await caller.connection.abort()
        }
        try await server.settle(profile: "mock")
    }

    @Test func `random bytes never take the server down`() async throws {
        let server = try server()
        var random = SeededGenerator(seed: 7)
        let noise = (0..<60).map { _ in
            (0..<Int.random(in: 1...400, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        try await Neighbour.watch(server) {
            for bytes in noise {
                let caller = try await server.call("profile=mock")
                await caller.connection.send(bytes)
                try await caller.connection.abort()
            }
        }
    }
}
