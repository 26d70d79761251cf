// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxPlugin

/// A call between the session that owns it and the connection that brings it. Used from both their threads.
final class Call: Sendable {
    let ticket: Ticket
    private let host: SessionHost
    private let outbox: Outbox
    private let format: AudioFormat
    private let greeting: OutgoingEvent
    private let state = Mutex(State())

    private struct State {
        var connection: Connection?
        /// Samples of the caller's that were handed over.
        var heard: Int64 = 0
        var isClosed = false
    }

    init(_ ticket: Ticket, host: SessionHost, outbox: Outbox, format: AudioFormat, greeting: OutgoingEvent) {
        self.ticket = ticket
        self.host = host
        self.outbox = outbox
        self.format = format
        self.greeting = greeting
    }

    // MARK: The session

    func send(_ packet: [UInt8]) {
        let connection = state.withLock { $0.connection }
        if let connection, !connection.send(packet) { count(.dropped) }
    }

    /// Nothing goes to the host from here on.
    /// - Returns: the connection, which is to be ended.
    func close() -> Connection? {
        state.withLock { state in
            state.isClosed = true
            defer { state.connection = nil }
            return state.connection
        }
    }

    // MARK: The connection

    /// - Returns: false when the session is over.
    func attach(_ connection: Connection) -> Bool {
        let isOpen = state.withLock { state in
            if !state.isClosed { state.connection = connection }
            return !state.isClosed
        }
        guard isOpen else { return false }
        count(.calls)
        outbox.send(greeting)
        return true
    }

    /// - Returns: why the connection is of no use any more; nil = it goes on.
    func receive(_ packet: Packet) -> String? {
        switch packet {
        case .end: return "hung up"
        case .failure(let code): return "the far end reports error \(code.map(String.init) ?? "without a number")"
        case .key(let key): outbox.send(.keys(String(key)))
        case .audio(let samples, let rate):
            guard rate == format.sampleRate else {
                return "the far end sends \(rate) Hz: set the door's rate to it"
            }
            hear(samples)
        case .name, .nonsense: count(.ignored)
        }
        return nil
    }

    func lost(_ why: String) { outbox.send(.farEndLeft(why)) }

    private func hear(_ samples: [Int16]) {
        guard !samples.isEmpty else { return }
        // Under the lock, so that nothing comes after the close; the host does not call back.
        let status = state.withLock { state -> Status in
            guard !state.isClosed else { return .closed }
            defer { state.heard &+= Int64(samples.count) }
            return host.emitAudio(
                samples.span, generation: 0, clause: 0, format: format, presentationTime: state.heard)
        }
        // A host that is behind gets what comes now; old audio is of no use to it.
        if status == .again { count(.unheard) }
    }

    private func count(_ metric: AudioSocketMetric) {
        state.withLock { state in
            if !state.isClosed { host.metric(metric.rawValue, 1) }
        }
    }
}
