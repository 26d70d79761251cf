// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

/// A caller on `/v1/talk` that may send whatever it likes, byte by byte, and remembers all that it was sent.
actor Caller {
    /// What did not come, and what came instead.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    nonisolated let connection: Connection
    private var incoming = ServerBytes()
    /// Everything that came so far, pings apart.
    private(set) var log: [ServerMessage] = []
    private(set) var session = ""
    /// Where the session was begun with `resumable=true`.
    private(set) var resumeToken: String?
    private(set) var isGone = false

    /// Begins a call.
    ///
    /// Throws the server's `HTTPReply` when it refuses.
    /// - Parameters:
    ///   - fields: more header fields, `Name: value`.
    ///   - early: frames in the same packet as the handshake.
    ///   - greeting: the event that begins the connection.
    ///   - isTight: see `Connection.open`.
    init(
        port: Int, _ query: String = "profile=echo", path: String = "/v1/talk", fields: [String] = [],
        early: [ClientFrame] = [], isTight: Bool = false, greeting: String = "session.started"
    ) async throws {
        connection = try await Connection.open(port: port, isTight: isTight)
        await connection.send(Handshake(target: "\(path)?\(query)", more: fields).bytes + early.flatMap(\.bytes))
        let reply = try await answer()
        guard reply.status == 101 else { throw reply }
        let greeting = try await event(greeting)
        session = greeting["session"]?.string ?? ""
        resumeToken = greeting["resume"]?["token"]?.string
    }

    private func answer() async throws -> HTTPReply {
        while true {
            if let reply = try incoming.reply() { return reply }
            let more = try await connection.read(within: .seconds(20))
            guard !more.isEmpty else { throw Missing(description: "closed without an answer") }
            incoming.add(more)
        }
    }

    // MARK: sending

    nonisolated func send(_ frames: ClientFrame...) async { await connection.send(frames.flatMap(\.bytes)) }

    nonisolated func send(_ message: JSONValue) async { await send(.text(message.text)) }

    /// Audio as messages of 20 ms, as fast as the socket takes it: turns are decided on the audio's own clock.
    /// - Parameter then: a message right behind it; a second without audio would end the turn by itself.
    nonisolated func say(_ samples: [Int16], rate: Int = 16_000, then: JSONValue? = nil) async {
        let audio = Sound.messages(samples, rate: rate).flatMap { ClientFrame.audio($0).bytes }
        await connection.send(audio + (then.map { ClientFrame.text($0.text).bytes } ?? []))
    }

    // MARK: reading

    /// The next message, pings apart; nil = the server has closed the connection.
    func next(within limit: Duration = .seconds(20)) async throws -> ServerMessage? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let message = try incoming.message() {
                if case .ping(let payload) = message {
                    await send(ClientFrame(ClientFrame.Opcode.pong, payload))
                    continue
                }
                log.append(message)
                return message
            }
            let more: [UInt8]
            do {
                more = try await connection.read(within: deadline - .now)
            } catch {
                throw Missing(description: "nothing came within \(limit) after \(types.suffix(12))")
            }
            guard !more.isEmpty else {
                isGone = true
                return nil
            }
            incoming.add(more)
        }
    }

    /// Reads up to the next event of a type.
    @discardableResult
    func event(_ type: String) async throws -> JSONValue {
        while let message = try await next() {
            if case .event(let event) = message, event["type"]?.string == type { return event }
        }
        throw Missing(
            description: "the connection ended before `\(type)`, after \(types.suffix(12)), \(events.last ?? .null)")
    }

    /// The end of the last turn, which may have come already while something else was read.
    func lastTurn() async throws -> JSONValue {
        if let ended = events.last(where: { $0["type"]?.string == "turn.ended" }) { return ended }
        return try await event("turn.ended")
    }

    /// Reads so many audio messages.
    func audio(_ count: Int) async throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while frames.count < count, let message = try await next() {
            if case .audio(let bytes) = message { frames.append(bytes) }
        }
        guard frames.count == count else { throw Missing(description: "\(frames.count) of \(count) audio messages") }
        return frames
    }

    /// Reads to the end of the connection.
    /// - Returns: the code of the close frame.
    @discardableResult
    func end() async throws -> Int? {
        while try await next() != nil {}
        guard case .closed(let code) = log.last(where: { if case .closed = $0 { true } else { false } }) else {
            return nil
        }
        return code
    }

    /// Ends the call as a polite client does.
    @discardableResult
    func hangUp() async throws -> Int? {
        await send(.close(1000))
        let code = try await end()
        await connection.close()
        return code
    }

    // MARK: what came

    var events: [JSONValue] { log.compactMap { if case .event(let event) = $0 { event } else { nil } } }

    /// The types of all events, audio messages as `audio`, a run of them as one.
    var types: [String] { types(without: "") }

    func types(without ignored: String) -> [String] {
        log.map(\.type).filter { $0 != ignored }.reduce(into: []) { types, type in
            if type != "audio" || types.last != "audio" { types.append(type) }
        }
    }

    var audioBytes: Int { log.reduce(0) { if case .audio(let bytes) = $1 { $0 + bytes.count } else { $0 } } }
}

extension ServerMessage {
    var type: String {
        switch self {
        case .event(let event): event["type"]?.string ?? "?"
        case .audio: "audio"
        case .ping, .pong: "pong"
        case .closed: "close"
        }
    }
}
