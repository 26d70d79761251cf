// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What an agent over the network knows and does. An ``AgentSession`` makes a session of it.
///
/// A value whose only I/O is through the host and the session's ``Outbox``, so that all of a session's state is in one
/// place and is changed by one call at a time. Several prompts may be under way: the host asks ahead while an older answer
/// still comes. Each has its terminal event in the end (R7).
public protocol AgentMachine: Sendable {
    /// Whether no prompt is under way: then a drain is over.
    var isIdle: Bool { get }

    /// Takes what the host asks.
    ///
    /// - Throws: ``PluginError`` when it refuses the request, which then has no terminal event.
    mutating func take(_ request: AgentRequest) throws(PluginError) -> Status
    /// Takes what the vendor sent.
    mutating func take(_ event: NetworkEvent)
    /// The host cancelled a generation: ends it with `cancelled` if it is under way. What waited of it is gone already.
    mutating func cancel(_ generation: UInt64)
}

/// One conversation with an agent over the network.
///
/// The machine is behind a lock, since ``cancel(_:)`` comes from any thread; the host never calls back while it is held
/// (R3). Closing sends nothing more; the host ends the requests and the timers.
public final class AgentSession<Machine: AgentMachine>: Session {
    private struct State {
        var machine: Machine
        var isDraining = false
        var isClosed = false
    }

    private let outbox: Outbox
    private let state: Mutex<State>
    private var inbox: NetworkInbox

    /// Begins a session.
    ///
    /// - Parameters:
    ///   - host: The session's host.
    ///   - machine: Makes the machine, which sends through the outbox.
    public init(host: SessionHost, machine: (Outbox) -> Machine) {
        outbox = Outbox(host: host)
        state = Mutex(State(machine: machine(outbox)))
        inbox = NetworkInbox(host: host)
    }

    /// Takes prompts, results of tools, and what comes over the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        if let network = inbox.read(event) {
            return change { state in
                state.machine.take(network)
                return .ok
            }
        }
        switch event.type {
        case .writable: outbox.flush()
        case .drain:
            return change { state in
                state.isDraining = true
                return .ok
            }
        default:
            guard let request = AgentRequest(event) else { return .skip }
            return try change { state throws(PluginError) in try state.machine.take(request) }
        }
        return .ok
    }

    /// Ends the answer and whatever waits of it.
    public func cancel(_ generation: UInt64) {
        outbox.cancel(generation)
        _ = change { state in
            state.machine.cancel(generation)
            return .ok
        }
    }

    /// Sends nothing more.
    public func close() {
        outbox.close()
        state.withLock { $0.isClosed = true }
    }

    /// After a change the drain may be over.
    private func change<Failure: Error>(
        _ body: (inout State) throws(Failure) -> Status
    ) throws(Failure) -> Status {
        try state.withLock { state throws(Failure) in
            // A cancel may come while the host closes the session.
            guard !state.isClosed else { return .closed }
            defer { tellIfDrained(&state) }
            return try body(&state)
        }
    }

    private func tellIfDrained(_ state: inout State) {
        guard state.isDraining, state.machine.isIdle else { return }
        state.isDraining = false
        outbox.send(.drained)
    }
}
