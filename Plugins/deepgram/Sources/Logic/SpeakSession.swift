// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One session of the speaker: one connection over many clauses.
///
/// The vendor's audio does not say what it belongs to, but comes in the order of the flushes; so the session keeps, in
/// that order, what it has asked for. All but ``cancel(_:)`` happens on the session's executor.
public final class SpeakSession: Session {
    /// What the vendor answers next.
    enum Expected: Equatable {
        /// The audio of a clause, then `Flushed`.
        case clause(generation: UInt64, id: UInt64)
        /// The same, of one that nobody wants any more.
        case dropped
        /// `Cleared`; nothing of what was asked for before it comes after it.
        case cleared
    }

    /// A clause of which nothing comes for so long, in milliseconds, has failed.
    static let patienceMilliseconds: Int64 = 6_000
    private static let watchMilliseconds: UInt32 = 500

    enum Purpose: UInt64 {
        /// Started by ``cancel(_:)``, on any thread.
        case cancelled = 1
        /// Something is under way: is it late?
        case watch
        case reconnect
    }

    let config: SpeakConfig
    let host: SessionHost
    let format: AudioFormat
    let outbox: Outbox
    private let cancelled: CancelQueue

    var inbox: NetworkInbox
    var queue: ClauseQueue<Void>
    var link = Link()
    var messages: SocketOutbox?
    var expected: [Expected] = []
    /// When something came last, or was asked for, in ns of the host's clock.
    var progressAt: Int64 = 0
    var unreadable = 0
    var isReading = true
    var isAnnounced = false
    private var isWatching = false
    private var isDraining = false
    private var isClosed = false

    init(config: SpeakConfig, format: AudioFormat, host: SessionHost) {
        self.config = config
        self.format = format
        self.host = host
        cancelled = CancelQueue(host: host, cookie: Purpose.cancelled.rawValue)
        outbox = Outbox(host: host)
        inbox = NetworkInbox(messageLimit: 4 << 20, host: host)
        queue = ClauseQueue(host: host, format: format)
    }

    /// READY follows with the connection.
    public var isReady: Bool { false }

    /// Takes clauses, and what comes over the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        dropCancelled(cancelled.take(event))
        defer { settle() }
        switch event.type {
        case .speak:
            guard !queue.isFull else { return .again }
            queue.append(SpokenClause(event, detail: ()))
        case .timer: wake(Purpose(rawValue: event.id))
        case .writable: outbox.flush()
        case .drain: isDraining = true
        default:
            guard event.type.isOfNetwork else { return .skip }
            if let event = inbox.read(event) { receive(event) }
        }
        return .ok
    }

    /// Nothing more of this response is wanted; done on the executor, a moment later.
    public func cancel(_ generation: UInt64) {
        cancelled.add(generation)
    }

    /// Ends the connection.
    public func close() {
        isClosed = true
        queue.removeAll()
        outbox.close()
        closeSocket(saying: true)
    }

    private func dropCancelled(_ generations: [UInt64]) {
        for generation in generations {
            queue.cancel(generation)
            for index in expected.indices {
                if case .clause(generation, _) = expected[index] { expected[index] = .dropped }
            }
        }
        // The vendor may forget all it has: nobody waits for any of it.
        let sinceClear = expected[((expected.lastIndex(of: .cleared) ?? -1) + 1)...]
        guard !generations.isEmpty, !sinceClear.isEmpty, sinceClear.allSatisfy({ $0 == .dropped }) else { return }
        if messages?.sendText(#"{"type":"Clear"}"#) == .ok { expected.append(.cleared) }
    }

    /// After everything: hands audio over, sends clauses that may go, and holds the vendor up while the host is full.
    private func settle() {
        guard !isClosed else { return }
        queue.flush()
        sendClauses()
        queue.flush()
        if let socket = link.socket, isReading == queue.isHeldUp {
            isReading = !queue.isHeldUp
            if isReading { progressAt = host.now }
            host.setReading(socket, isReading)
        }
        if !isWatching, queue.isExpectant {
            isWatching =
                host.startTimer(afterMilliseconds: Self.watchMilliseconds, cookie: Purpose.watch.rawValue) != nil
        }
        if isDraining, queue.isEmpty {
            isDraining = false
            outbox.send(.drained)
        }
    }

    private func wake(_ purpose: Purpose?) {
        switch purpose {
        case .watch:
            isWatching = false
            checkProgress()
        case .reconnect: reconnect()
        case .cancelled, nil: break
        }
    }

    private func checkProgress() {
        guard isReading, queue.isExpectant, host.now - progressAt >= Self.patienceMilliseconds * 1_000_000 else {
            return
        }
        progressAt = host.now
        queue.fail(
            PluginError(
                .deadlineExceeded, "Deepgram sent no audio for \(Self.patienceMilliseconds) ms", isRetryable: true))
        // What comes late would be taken for later words: another connection is clean.
        closeSocket(saying: false)
    }
}
