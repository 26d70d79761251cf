// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Sends a session's events in order and keeps what the host could not take yet.
///
/// The way for a session that answers inside ``Session/handle(_:)``: call ``flush()`` on ``EventType/writable``,
/// ``cancel(_:)`` from ``Session/cancel(_:)`` and ``close()`` from ``Session/close()``; then each request gets exactly
/// one terminal event. May be used from any thread.
public final class Outbox: Sendable {
    /// How many events may wait; the next one is refused.
    public static let capacity = 1024
    /// Once the outbox is half full, pieces of an answer that wait become one, up to so many bytes: a quick model does not
    /// fill it.
    private static let maximumDelta = 16 << 10

    private struct State {
        var waiting: [OutgoingEvent] = []
        var isClosed = false
    }

    private let host: SessionHost
    private let state = Mutex(State())

    /// Makes an empty outbox for one session.
    public init(host: SessionHost) {
        self.host = host
    }

    /// Sends an event now, or as soon as the host takes it.
    ///
    /// - Returns: ``Status/ok`` when sent or kept, ``Status/again`` when too many wait, ``Status/stale`` when its
    ///   generation was cancelled, ``Status/closed`` after ``close()``.
    @discardableResult
    public func send(_ event: OutgoingEvent) -> Status {
        // The lock is held while emitting, so that order and "nothing after close" hold; the host never calls back (R3).
        state.withLock { state in
            guard !state.isClosed else { return .closed }
            guard state.waiting.isEmpty else { return keep(event, &state) }
            let status = deliver(event)
            return status == .again ? keep(event, &state) : status
        }
    }

    /// Sends what waits, until the host refuses again.
    public func flush() {
        state.withLock { flush(&$0) }
    }

    /// Drops what waits of a generation; requests whose terminal event waited are answered with `cancelled`.
    public func cancel(_ generation: UInt64) {
        state.withLock { state in
            state.waiting = state.waiting.compactMap { event in
                guard event.generation == generation else { return event }
                return event.type.isTerminal ? .cancelled(generation: generation, id: event.id) : nil
            }
            flush(&state)
        }
    }

    /// Sends nothing more.
    public func close() {
        state.withLock { state in
            state.isClosed = true
            state.waiting = []
        }
    }

    private func keep(_ event: OutgoingEvent, _ state: inout State) -> Status {
        if let last = state.waiting.last, last.type == event.type, last.generation == event.generation {
            let last = state.waiting.count - 1
            if event.type == .partial {
                // Nobody has seen the older text yet.
                state.waiting[last] = event
                return .ok
            }
            let size = state.waiting[last].text.utf8.count + event.text.utf8.count
            if event.type == .delta, last >= Self.capacity / 2, size <= Self.maximumDelta {
                state.waiting[last].text += event.text
                return .ok
            }
        }
        guard state.waiting.count < Self.capacity else { return .again }
        state.waiting.append(event)
        return .ok
    }

    private func flush(_ state: inout State) {
        guard !state.isClosed else { return }
        var sent = 0
        while sent < state.waiting.count, deliver(state.waiting[sent]) != .again {
            sent += 1
        }
        state.waiting.removeFirst(sent)
    }

    /// A terminal that comes too late still ends its request: the host waits for one.
    private func deliver(_ event: OutgoingEvent) -> Status {
        let status = host.emit(event)
        guard status == .stale, event.type.isTerminal, event.type != .cancelled else { return status }
        return host.emit(.cancelled(generation: event.generation, id: event.id))
    }
}
