// SPDX-License-Identifier: Apache-2.0

import Testing

/// Somebody else's call on the same server: whatever a test does to the server, it must go on without a lost frame.
struct Neighbour: Sendable {
    private let caller: Caller

    init(on server: TestServer) async throws { caller = try await server.call("profile=echo&user=neighbour") }

    /// Echoes frames while `body` runs, and some after it.
    static func watch<Answer: Sendable>(
        _ server: TestServer, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Answer
    ) async throws -> Answer {
        let neighbour = try await Neighbour(on: server)
        async let calm: Void = neighbour.echo(frames: 25, sourceLocation)
        let answer = try await body()
        try await calm
        try await neighbour.echo(frames: 10, sourceLocation)
        #expect(try await neighbour.caller.hangUp() == 1000, sourceLocation: sourceLocation)
        return answer
    }

    private func echo(frames: Int, _ sourceLocation: SourceLocation) async throws {
        for message in 0..<frames {
            let bytes = Sound.mark(stream: 99, message: message, bytes: 640)
            await caller.send(.audio(bytes))
            #expect(try await caller.audio(1) == [bytes], "message \(message)", sourceLocation: sourceLocation)
        }
    }
}
