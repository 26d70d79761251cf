// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// A session that answers its requests with async code.
///
/// Cancelling a generation ends its responses at once with exactly one `cancelled` event each and cancels their tasks,
/// whether these listen or not; so does closing the session, without events.
public final class AsyncSession<Responder: AsyncResponder>: Session, Sendable {
    private struct Running {
        let sink: ResponseSink
        var task: Task<Void, Never>?
    }

    private struct Table {
        var running: [UInt64: Running] = [:]
        var isDraining = false
    }

    private let responder: Responder
    private let host: SessionHost
    private let board = SignalBoard()
    private let outbox: Outbox
    private let table = Mutex(Table())

    /// Wraps a responder for one session.
    public init(_ responder: Responder, host: SessionHost) {
        self.responder = responder
        self.host = host
        outbox = Outbox(host: host)
    }

    /// Starts a response, or wakes one that waits.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case Responder.Request.eventType:
            start(try Responder.Request(event))
            return .pending
        case .writable:
            outbox.flush()
            board.writable()
            return .ok
        case .drain:
            table.withLock { $0.isDraining = true }
            tellIfDrained()
            return .ok
        case .timer:
            return board.deliver(.timer(event.id), SignalBoard.Answer()) ? .ok : .skip
        case .toolResult:
            let status = Status(rawValue: Int32(clamping: event.integer))
            return board.deliver(.tool(event.id), SignalBoard.Answer(status: status, text: event.text)) ? .ok : .skip
        default:
            return .skip
        }
    }

    /// Ends the generation's responses as cancelled; any thread.
    public func cancel(_ generation: UInt64) {
        let ended = table.withLock { table in table.running.values.filter { $0.sink.generation == generation } }
        end(ended, silently: false)
    }

    /// Ends all responses without a word.
    public func close() {
        let ended = table.withLock { table in
            defer { table.running = [:] }
            return Array(table.running.values)
        }
        end(ended, silently: true)
        outbox.close()
    }

    private func start(_ request: Responder.Request) {
        let sink = ResponseSink(
            generation: request.generation,
            clause: request.id,
            host: host,
            board: board,
            outbox: outbox
        )
        let key = board.nextID()
        let responder = responder
        // Registered before it runs, so that a cancel from another thread finds it; newer keys are larger.
        table.withLock { table in
            let before = table.running.filter { $0.value.sink.generation == request.generation }
                .max { $0.key < $1.key }?.value.task
            table.running[key] = Running(sink: sink)
            table.running[key]?.task = Task { [weak self] in
                await before?.value
                await Self.answer(request, by: responder, sink: sink)
                self?.forget(key)
            }
        }
        if host.isCancelled(request.generation) { cancel(request.generation) }
    }

    private static func answer(_ request: Responder.Request, by responder: Responder, sink: ResponseSink) async {
        do {
            try Task.checkCancellation()
            try await responder.respond(to: request, sink: sink)
            await sink.finish(.success(()))
        } catch {
            await sink.finish(.failure(error))
        }
    }

    private func forget(_ key: UInt64) {
        table.withLock { _ = $0.running.removeValue(forKey: key) }
        tellIfDrained()
    }

    private func tellIfDrained() {
        let isDrained = table.withLock { table in
            guard table.isDraining, table.running.isEmpty else { return false }
            table.isDraining = false
            return true
        }
        if isDrained { outbox.send(.drained) }
    }

    private func end(_ responses: [Running], silently: Bool) {
        for response in responses {
            response.sink.abort(silently: silently)
            response.task?.cancel()
        }
    }
}
