// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Where the answer of an async responder goes.
///
/// All functions may be called from any task. Each of them throws `CancellationError` once the response was cancelled or the session closed, so an answer stops at
/// its next word; and each waits while the host has no room.
public final class ResponseSink: Sendable {
    private struct State {
        var isFinished = false
        var hangsUp = false
        var samplesSent: Int64 = 0
    }

    /// The response.
    public let generation: UInt64
    /// The clause; 0 for prompts.
    public let clause: UInt64
    /// The session's other services.
    public let host: SessionHost

    private let board: SignalBoard
    private let outbox: Outbox
    private let state = Mutex(State())

    init(generation: UInt64, clause: UInt64, host: SessionHost, board: SignalBoard, outbox: Outbox) {
        self.generation = generation
        self.clause = clause
        self.host = host
        self.board = board
        self.outbox = outbox
    }

    /// Sends the next piece of the agent's answer.
    public func delta(_ text: String) async throws {
        try await send { host in host.emit(.delta(text, generation: self.generation)) }
    }

    /// Sends any other event of this response; its generation and its id are filled in.
    ///
    /// Terminal events are refused with ``Status/invalid``: the session sends them.
    public func emit(_ event: OutgoingEvent) async throws {
        guard !event.type.isTerminal else { throw PluginError.invalid("a terminal event is the session's to send") }
        var event = event
        event.generation = generation
        event.id = clause
        try await send { host in host.emit(event) }
    }

    /// Sends audio of this clause, in pieces of at most 100 ms.
    ///
    /// - Parameters:
    ///   - samples: Interleaved 16 bit samples.
    ///   - format: Their format.
    /// - Throws: `CancellationError`, or ``PluginError`` when the host refuses the format.
    public func audio(_ samples: [Int16], format: AudioFormat) async throws {
        let channels = Int(max(1, format.channels))
        let piece = max(1, Int(format.sampleRate) / 10) * channels
        for start in stride(from: 0, to: samples.count, by: piece) {
            let end = min(start + piece, samples.count)
            let time = state.withLock { $0.samplesSent }
            try await send { host in
                host.emitAudio(
                    samples.span.extracting(start..<end),
                    generation: self.generation,
                    clause: self.clause,
                    format: format,
                    presentationTime: time
                )
            }
            state.withLock { $0.samplesSent += Int64((end - start) / channels) }
        }
    }

    /// Ends the call after this answer was played.
    public func hangUpAfterwards() {
        state.withLock { $0.hangsUp = true }
    }

    /// Sleeps on the host's clock.
    public func sleep(milliseconds: UInt32) async throws {
        let cookie = board.nextID()
        board.expect(.timer(cookie))
        defer { board.forget(.timer(cookie)) }
        guard let timer = host.startTimer(afterMilliseconds: milliseconds, cookie: cookie) else {
            throw CancellationError()
        }
        do {
            _ = try await board.wait(for: .timer(cookie))
        } catch {
            withOpenResponse { _ in host.cancel(timer) }
            throw error
        }
    }

    /// Calls a tool of the host and waits for its result.
    ///
    /// - Parameters:
    ///   - name: The tool's name, as in the prompt.
    ///   - arguments: A JSON object.
    /// - Returns: The tool's answer as text.
    /// - Throws: ``PluginError`` with the host's status when the tool failed.
    public func callTool(_ name: String, arguments: String) async throws -> String {
        let call = board.nextID()
        board.expect(.tool(call))
        defer { board.forget(.tool(call)) }
        try await send { host in
            host.emit(.toolCall(name, arguments: arguments, id: call, generation: self.generation))
        }
        let answer = try await board.wait(for: .tool(call))
        guard !answer.status.isError else { throw PluginError(answer.status, answer.text) }
        return answer.text
    }

    /// Sends the one terminal event, unless the response has ended already.
    func finish(_ outcome: Result<Void, any Error>) async {
        while true {
            let credit = board.writableCount
            let status = withOpenResponse { state in
                let status = host.emit(terminal(outcome, hangUp: state.hangsUp))
                guard status != .again else { return status }
                if status == .stale { outbox.send(.cancelled(generation: generation, id: clause)) }
                state.isFinished = true
                return status
            }
            guard status == .again, (try? await board.wait(for: .writable(after: credit))) != nil else { return }
        }
    }

    /// Ends the response at once as cancelled, or silently when the session closes.
    func abort(silently: Bool) {
        withOpenResponse { state in
            if !silently { outbox.send(.cancelled(generation: generation, id: clause)) }
            state.isFinished = true
        }
    }

    private func terminal(_ outcome: Result<Void, any Error>, hangUp: Bool) -> OutgoingEvent {
        switch outcome {
        case .success:
            .done(generation: generation, id: clause, hangUp: hangUp)
        case .failure(let error) where error is CancellationError:
            .cancelled(generation: generation, id: clause)
        case .failure(let error):
            .failed(PluginError(wrapping: error), generation: generation, id: clause)
        }
    }

    private func send(_ emit: (SessionHost) -> Status) async throws {
        while true {
            try Task.checkCancellation()
            let credit = board.writableCount
            guard let status = withOpenResponse({ _ in emit(host) }), status != .stale, status != .closed else {
                throw CancellationError()
            }
            guard status == .again else {
                guard !status.isError else { throw PluginError(status, "the host refused an event of the answer") }
                return
            }
            _ = try await board.wait(for: .writable(after: credit))
        }
    }

    /// Nothing may be sent after the terminal event, so both happen under one lock; the host never calls back (R3).
    @discardableResult
    private func withOpenResponse<Result: Sendable>(_ body: (inout State) -> Result) -> Result? {
        state.withLock { state in
            state.isFinished ? nil : body(&state)
        }
    }
}
