// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite("Profile echo", .tags(.integration), .server)
struct EchoTests {
    @Test(arguments: [8_000, 16_000, 24_000, 48_000], [640, 2, 100, 8_000])
    func `messages come back one for one and byte-exact, from the first on`(rate: Int, bytes: Int) async throws {
        let caller = try await server().call("profile=echo&rate=\(rate)")
        let sent = (0..<20).map { Sound.mark(stream: 1, message: $0, bytes: bytes) }
        for message in sent { await caller.send(.audio(message)) }
        #expect(try await caller.audio(sent.count) == sent)
        #expect(try await caller.hangUp() == 1000)
        #expect(await caller.audioBytes == sent.count * bytes, "nothing comes that was not sent")
    }

    @Test(arguments: [1, 7, 640, 5_000])
    func `a message in fragments comes back whole`(size: Int) async throws {
        let caller = try await server().call()
        let message = Sound.mark(stream: 2, message: 1, bytes: 6_400)
        let ping = ClientFrame(ClientFrame.Opcode.ping, [1, 2, 3])
        for frame in ClientFrame.fragments(ClientFrame.Opcode.binary, message, of: size) {
            // A control frame may stand between fragments (RFC 6455 5.4).
            await caller.send(frame, ping)
        }
        #expect(try await caller.audio(1) == [message])
        #expect(await caller.log.contains(.pong([1, 2, 3])))
        #expect(try await caller.hangUp() == 1000)
    }

    @Test func `audio in the packet of the handshake is not lost`() async throws {
        let message = Sound.mark(stream: 3, message: 1, bytes: 640)
        let caller = try await Caller(port: try server().port, early: [.audio(message)])
        #expect(try await caller.audio(1) == [message])
        try await caller.hangUp()
    }

    @Test func `speech is noticed while the frames come back`() async throws {
        let caller = try await server().call()
        let speech = Sound.speech(milliseconds: 600) + Sound.silence(milliseconds: 800)
        await caller.say(speech)
        #expect(try await caller.audio(70).flatMap(\.self) == Sound.messages(speech, rate: 16_000).flatMap(\.self))
        try await caller.hangUp()
        let types = await caller.types.filter { $0.hasPrefix("user.") }
        #expect(types == ["user.speech_started", "user.speech_stopped"])
    }

    @Test func `fifty sessions never hear each other`() async throws {
        let server = try server()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for stream in 0..<50 {
                group.addTask { try await echo(stream, frames: 100, of: server) }
            }
            try await group.waitForAll()
        }
    }

    private func echo(_ stream: Int, frames: Int, of server: TestServer) async throws {
        let caller = try await server.call()
        for message in 0..<frames {
            let bytes = Sound.mark(stream: stream, message: message, bytes: 640)
            await caller.send(.audio(bytes))
            #expect(try await caller.audio(1) == [bytes], "stream \(stream), message \(message)")
        }
        try await caller.hangUp()
    }
}
