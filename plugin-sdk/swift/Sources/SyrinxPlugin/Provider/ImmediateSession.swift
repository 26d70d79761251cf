// SPDX-License-Identifier: Apache-2.0

/// What answers inside the call, at once: it has nothing under way when the call returns. An ``ImmediateSession`` makes a
/// session of it.
public protocol ImmediateResponder {
    /// Takes an event, and sends what there is to say of it.
    ///
    /// - Returns: ``Status/ok``, or ``Status/skip`` for types that it does not know.
    mutating func handle(_ event: borrowing Event, _ outbox: Outbox) throws(PluginError) -> Status

    /// Back to the first state. There is nothing to forget unless implemented.
    mutating func reset()
}

extension ImmediateResponder {
    /// There is nothing to forget.
    public mutating func reset() {}
}

/// A session that answers at once; what the host has no room for waits in an ``Outbox``.
public final class ImmediateSession<Responder: ImmediateResponder>: ResettableSession {
    private var responder: Responder
    private let outbox: Outbox

    /// Begins a session.
    public init(_ responder: Responder, host: SessionHost) {
        self.responder = responder
        outbox = Outbox(host: host)
    }

    /// Sends what waits, ends a drain at once, and hands everything else to the responder.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .writable: outbox.flush()
        case .drain: outbox.send(.drained)
        default: return try responder.handle(event, outbox)
        }
        return .ok
    }

    /// Drops what waits of the answer.
    public func cancel(_ generation: UInt64) { outbox.cancel(generation) }

    /// Brings the responder back to its first state.
    public func reset() { responder.reset() }

    /// Sends nothing more.
    public func close() { outbox.close() }
}
