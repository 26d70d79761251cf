// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// What a session talks to for its whole life, whichever socket the caller is on just now. It owns the session. On the
/// session's event loop.
///
/// Between two sockets events are kept, up to `eventLimit`, and the agent's audio waits in the conversation.
final class TalkLine: CallTransport {
    private static let eventLimit = 256

    private(set) var session: CallSession?
    private var socket: TalkSocket?
    /// The newest one: what an older one still says is of no interest.
    private(set) var connection = TalkConnection()
    private var kept: [JSONValue] = []
    private var lost = 0
    private let clock: () -> Instant
    private let began: Instant
    private let onEnd: () -> Void
    private var nextSpeech: UInt64 = 1

    init(clock: @escaping () -> Instant, onEnd: @escaping () -> Void) {
        self.clock = clock
        began = clock()
        self.onEnd = onEnd
    }

    func attach(_ session: CallSession) { self.session = session }

    // MARK: sockets

    /// The caller's first socket is there: the conversation begins.
    func open(_ socket: TalkSocket, resume: JSONValue?) {
        self.socket = socket
        guard let session else { return }
        socket.send(event: Greeting.json(session, type: "session.started", resume: resume))
        session.start()
        socket.flush()
    }

    func isCurrent(_ connection: TalkConnection) -> Bool { connection === self.connection }

    /// The caller comes back by another socket; an older one that still lives is told so.
    /// - Returns: false when the session has ended.
    func reopen(_ socket: TalkSocket, resume: JSONValue?) -> Bool {
        guard let session else { return false }
        self.socket?.ended(.resumedElsewhere)
        connection = socket.connection
        self.socket = socket
        var greeting = Greeting.json(session, type: "session.resumed", resume: resume).object ?? [:]
        greeting["missed_events"] = .int(Int64(lost))
        socket.send(event: .object(greeting))
        for event in kept { socket.send(event: event) }
        kept = []
        lost = 0
        session.attach(self)
        socket.flush()
        return true
    }

    /// The socket of a connection broke, and the caller may come back.
    func interrupt() {
        socket = nil
        session?.detach()
    }

    // MARK: from the caller

    func receive(_ bytes: ByteBuffer) {
        _ = bytes.withUnsafeReadableBytes { session?.receive($0) }
    }

    func submit(_ input: Input) { session?.submit(input) }

    /// Speeches are numbered by the line, over all its sockets.
    func say(_ request: SayRequest) {
        var request = request
        request.id = nextSpeech
        nextSpeech += 1
        session?.submit(.say(request))
    }

    // MARK: from the session

    func send(audio samples: UnsafeBufferPointer<Int16>) { socket?.send(audio: samples) }

    func send(event: SessionEvent, at now: Instant) {
        let json = EventJSON.object(event, at: now, began: began)
        if let socket { return socket.send(event: json) }
        guard kept.count < Self.eventLimit else { return lost += 1 }
        kept.append(json)
    }

    func flush() { socket?.flush() }

    func ended(_ reason: CloseReason) {
        session = nil
        socket?.ended(reason)
        socket = nil
        onEnd()
    }
}

/// One of the sockets that a line has had. Known from its making on, so that a socket that has gone before the line
/// heard of it is none of another's.
final class TalkConnection: Sendable {}

/// The first event of a connection.
enum Greeting {
    static func json(_ session: CallSession, type: String, resume: JSONValue?) -> JSONValue {
        var fields: [String: JSONValue] = [
            "type": .string(type), "session": .string(session.id), "profile": .string(session.request.profile),
            "rate": .int(Int64(session.request.rate)), "frame_ms": 20, "format": "s16le", "channels": 1,
        ]
        if let resume { fields["resume"] = resume }
        return .object(fields)
    }
}
