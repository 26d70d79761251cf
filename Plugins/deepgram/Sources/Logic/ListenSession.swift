// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One session of the recogniser: one connection over many utterances.
///
/// All but ``cancel(_:)`` happens on the session's executor. The audio that the vendor has not settled yet is kept, so
/// that a lost connection costs time and no word.
public final class ListenSession: Session {
    /// How much unsettled audio is kept, in seconds.
    static let tailSeconds = 30
    /// How much earlier than the host an utterance is given up, in milliseconds: it has to hear why, before it tells the
    /// caller no more than that nothing came.
    private static let margin = 800
    /// Vendor messages that come between two utterances of a vendor that decides turns.
    static let maximumHeld = 64
    /// A server that sends so many unreadable messages in a row is not Deepgram.
    static let maximumUnreadable = 16

    let config: ListenConfig
    let url: String
    let sampleRate: Int
    /// An utterance without outcome so long after its end, in milliseconds, has failed.
    let deadline: UInt32
    let host: SessionHost
    let outbox: Outbox
    private let cancelled: CancelQueue

    var inbox: NetworkInbox
    var alarms: Alarms
    var link = Link()
    var transcripts: Transcripts
    var tail: AudioTail
    /// The next sample to send on this connection.
    var cursor: Int64 = 0
    /// Where `Finalize` goes into the stream, oldest first.
    var marks: [(position: Int64, utterance: UInt64)] = []
    var pace: Pace?
    /// When audio or a keep-alive was sent last, and when the caller's own came last; in ns of the host's clock.
    var sentAt: Int64 = 0
    var heardAt: Int64 = 0
    /// The host's sample count at the stream's position 0.
    var presentationOffset: Int64 = 0
    var held: [ListenMessage] = []
    var unreadable = 0
    /// A message of this connection could not be read, and may have been final.
    var hasMissed = false
    /// Utterances that have failed before the host asked for their end.
    var failed: [(utterance: UInt64, error: PluginError)] = []
    private var isDraining = false
    private(set) var isAnnounced = false

    /// - Parameter patience: how long the host waits for a transcript, in milliseconds; 0 = not known.
    init(config: ListenConfig, url: String, sampleRate: Int, patience: Int, host: SessionHost) {
        self.config = config
        self.url = url
        self.sampleRate = sampleRate
        deadline = UInt32(clamping: max(500, (patience > 0 ? patience : 5_000) - Self.margin))
        self.host = host
        cancelled = CancelQueue(host: host, cookie: Alarms.cancelCookie)
        outbox = Outbox(host: host)
        inbox = NetworkInbox(messageLimit: 1 << 20, host: host)
        alarms = Alarms(host: host)
        transcripts = Transcripts(
            sampleRate: sampleRate, providerDecidesTurns: config.providerDecidesTurns,
            tellsLanguage: config.tellsLanguage)
        tail = AudioTail(limit: Self.tailSeconds * sampleRate)
    }

    /// READY follows with the connection.
    public var isReady: Bool { false }

    /// Takes audio, ends of utterances, and what comes over the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        dropCancelled(cancelled.take(event))
        defer { settle() }
        switch event.type {
        case .audioIn: hear(event)
        case .endOfInput: try endUtterance(event.generation)
        case .timer: wake(event.id)
        case .writable: outbox.flush()
        case .drain: isDraining = true
        default:
            guard event.type.isOfNetwork else { return .skip }
            if let event = inbox.read(event) { receive(event) }
        }
        return .ok
    }

    /// Nothing more is said of this utterance; done on the executor, a moment later.
    public func cancel(_ generation: UInt64) {
        cancelled.add(generation)
    }

    /// Tells the vendor that no more audio comes, and ends the connection.
    public func close() {
        if case .open(let id) = link.state { _ = host.sendText(id, #"{"type":"CloseStream"}"#) }
        if let id = link.socket { host.closeWebSocket(id) }
        link.state = .down
        outbox.close()
    }

    // MARK: Ends

    private func dropCancelled(_ generations: [UInt64]) {
        for generation in generations {
            outbox.cancel(generation)
            guard let utterance = transcripts[generation] else { continue }
            transcripts.forget(generation, at: tail.end)
            forgetWork(of: generation)
            // Only a request that was made has a terminal.
            if utterance.end != nil { outbox.send(.cancelled(generation: generation)) }
        }
    }

    /// After everything: sends what there is, and forgets audio that is settled.
    private func settle() {
        for var event in transcripts.takeOutput() {
            if event.type == .speechStart || event.type == .speechStop { event.integer &+= presentationOffset }
            if event.type == .final, transcripts[event.generation] == nil { forgetWork(of: event.generation) }
            outbox.send(event)
        }
        if transcripts.utterances.isEmpty, !transcripts.providerDecidesTurns, !config.isFlux {
            transcripts.confirmed = max(transcripts.confirmed, cursor)
        }
        tail.drop(before: min(transcripts.confirmed, cursor))
        if isDraining, transcripts.closing.isEmpty {
            isDraining = false
            outbox.send(.drained)
        }
    }

    /// Timers and marks of an utterance that is over.
    func forgetWork(of utterance: UInt64) {
        marks.removeAll { $0.utterance == utterance }
        alarms.cancel { $0.utterance == utterance }
    }

    func announceReady() {
        guard !isAnnounced else { return }
        isAnnounced = true
        outbox.send(OutgoingEvent(.ready))
    }

    /// Everything that was begun fails, or without that the session itself, once.
    func fail(_ error: PluginError) {
        let utterances = transcripts.utterances
        for utterance in utterances {
            transcripts.forget(utterance.id, at: tail.end)
            forgetWork(of: utterance.id)
            var error = error
            if utterance.end == nil {
                remember(utterance.id, error)
            } else {
                // The caller has waited through all tries already: another series would outlast the host's patience.
                error.isRetryable = false
            }
            outbox.send(.failed(error, generation: utterance.id))
        }
        guard utterances.isEmpty || !isAnnounced else { return }
        isAnnounced = true
        outbox.send(.failed(error, generation: 0))
    }

    /// Its END_OF_INPUT will be refused, for its ERROR is sent.
    func remember(_ utterance: UInt64, _ error: PluginError) {
        failed.append((utterance, error))
        if failed.count > 8 { failed.removeFirst() }
    }
}
