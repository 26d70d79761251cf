// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite("Slow readers", .tags(.integration), .server)
struct SlowReaderTests {
    @Test func `agent audio for a socket that is full is dropped, and the caller is told`() async throws {
        let server = try server()
        let slow = try await Caller(port: server.port, "profile=mock&rate=48000&reply_ms=60000", isTight: true)
        try await slow.connection.stopReading()
        await slow.send(["type": "text", "text": "hello"])
        // Audio is paced, so it takes its time to fill what the kernel holds.
        try await Neighbour.watch(server) { try await Task.sleep(for: .seconds(3)) }
        try await slow.connection.startReading()
        #expect(try await slow.event("error")["code"] == "transport.slow_reader")
        await slow.send(["type": "interrupt"])
        try await slow.event("interruption.confirmed")
        #expect(try await slow.hangUp() == 1000)
    }

    @Test func `echo waits for a reader that is slow, and loses nothing`() async throws {
        let server = try server()
        let slow = try await Caller(port: server.port, "profile=echo", isTight: true)
        try await slow.connection.stopReading()
        let sent = (0..<200).map { Sound.mark(stream: 4, message: $0, bytes: 32_000) }
        async let delivery: Void = slow.connection.send(sent.flatMap { ClientFrame.audio($0).bytes })
        try await Neighbour.watch(server) {}
        try await slow.connection.startReading()
        #expect(try await slow.audio(sent.count) == sent)
        await delivery
        #expect(try await slow.hangUp() == 1000)
    }

    @Test(.server)
    func `a reader that never reads again is let go by the server itself`() async throws {
        let server = try server()
        let stuck = try await Caller(port: server.port, "profile=mock", isTight: true)
        try await stuck.connection.stopReading()
        // Each is answered by an error event; more than 256 of them are kept for nobody.
        let nonsense = ClientFrame.text(#"{"type":"played","ms":-1}"#).bytes
        await stuck.connection.send(Array(repeatElement(nonsense, count: 4_000).joined()))
        try await server.settle(profile: "mock")
    }

    @Test(.server)
    func `a few large answers are not kept for nobody either`() async throws {
        let server = try server()
        let stuck = try await Caller(
            port: server.port, "model=mock", path: "/v1/realtime", isTight: true, greeting: "session.created")
        let large = String(repeating: "a", count: 900_000)
        await stuck.send([
            "type": "session.update",
            "session": ["type": "realtime", "audio": ["input": ["transcription": ["prompt": .string(large)]]]],
        ])
        try await stuck.event("session.updated")
        try await stuck.connection.stopReading()
        // All are read at once, and each is answered by the whole session.
        let update = ClientFrame.text(#"{"type":"session.update","session":{"type":"realtime"}}"#).bytes
        await stuck.connection.send(Array(repeatElement(update, count: 100).joined()))
        try await server.settle(profile: "mock")
    }
}
