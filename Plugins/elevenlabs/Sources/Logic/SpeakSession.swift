// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One session of the speaker.
///
/// All but ``cancel(_:)`` happens on the session's executor. Each clause is a context (or a request) of its own, flushed at
/// once: its audio begins without waiting for more text, what belongs to which clause is never in doubt, and a cancelled
/// one ends alone.
public final class SpeakSession: Session {
    /// A clause of which nothing comes for so long has failed.
    static let patienceMilliseconds: Int64 = 6_000
    /// More bytes than this no clause has: ten minutes at 24 kHz.
    static let largestClause = 28 << 20
    private static let watchMilliseconds: UInt32 = 500

    enum Alarm: UInt64 {
        /// Started by ``cancel(_:)``, on any thread.
        case cancelled = 1
        /// Something is under way: is it late?
        case watch
        case reconnect
        case idle
    }

    let config: SpeakConfig
    let host: SessionHost
    let format: AudioFormat
    let locale: String
    private let cancelled: CancelQueue

    var inbox: NetworkInbox
    var queue: ClauseQueue<Voicing>
    var link = SpeakLink()
    /// The request that speaks the first clause (transport `http`).
    var request: SpeakRequest?
    /// The one before it.
    var spoken: SpeakRequest?
    /// When something came last, or was asked for, in ns of the host's clock.
    var progressAt: Int64 = 0
    private var isWatching = false
    private var isDraining = false
    private var isClosed = false
    private let outbox: Outbox

    init(config: SpeakConfig, locale: String, format: AudioFormat, host: SessionHost) {
        self.config = config
        self.locale = locale
        self.format = format
        self.host = host
        cancelled = CancelQueue(host: host, cookie: Alarm.cancelled.rawValue)
        inbox = NetworkInbox(messageLimit: 8 << 20, host: host)
        queue = ClauseQueue(host: host, format: format)
        outbox = Outbox(host: host)
    }

    /// With a socket READY follows with the connection.
    public var isReady: Bool { config.transport == .http }

    /// Takes clauses, and what comes over the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        dropCancelled(cancelled.take(event))
        defer { settle() }
        switch event.type {
        case .speak: return try speak(event)
        case .timer: wake(Alarm(rawValue: event.id))
        case .writable: outbox.flush()
        case .drain: isDraining = true
        default:
            guard event.type.isOfNetwork else { return .skip }
            guard let event = inbox.read(event) else { return .ok }
            if config.transport == .http { receiveHTTP(event) } else { receiveSocket(event) }
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
        if let request { host.abortRequest(request.id) }
        request = nil
    }

    /// Begins to connect, so that the first clause need not wait.
    func begin() throws(PluginError) {
        if config.transport == .http {
            host.host.prewarm(SpeakURL.stream(config, route(voice: nil, language: nil), sampleRate: format.sampleRate))
        } else {
            try connect(route(voice: nil, language: nil))
        }
    }

    func send(_ event: OutgoingEvent) { outbox.send(event) }

    // MARK: Clauses

    private struct Extras: Decodable {
        var voice: String?
        var language: String?
    }

    private func speak(_ event: borrowing Event) throws(PluginError) -> Status {
        guard !queue.isFull else { return .again }
        let extras = (try? event.decodeJSON(Extras.self)) ?? Extras()
        queue.append(Clause(event, route: route(voice: extras.voice, language: extras.language)))
        return .ok
    }

    private func route(voice: String?, language: String?) -> Route {
        let voice = voice.flatMap { $0.isEmpty ? nil : $0 } ?? config.voiceID ?? "21m00Tcm4TlvDq8ikWAM"
        return Route(voice: voice, language: config.language(language ?? (locale.isEmpty ? nil : locale)))
    }

    private func dropCancelled(_ generations: [UInt64]) {
        for generation in generations {
            closeContexts(queue.cancel(generation).compactMap(\.context))
            if let request, request.generation == generation {
                host.abortRequest(request.id)
                self.request = nil
            }
        }
    }

    /// After everything: hands audio over, sends clauses that may go, and holds the vendor up while the host is full.
    private func settle() {
        guard !isClosed else { return }
        queue.flush()
        if config.transport == .http { sendNextRequest() } else { sendClauses() }
        // A clause may have failed by being sent.
        queue.flush()
        holdUp(queue.isHeldUp)
        watch()
        if isDraining, queue.isEmpty {
            isDraining = false
            outbox.send(.drained)
        }
    }

    private func holdUp(_ isHeldUp: Bool) {
        guard let id = link.socket ?? request?.id, link.isHeldUp != isHeldUp else { return }
        link.isHeldUp = isHeldUp
        if !isHeldUp { progressAt = host.now }
        host.setReading(id, !isHeldUp)
    }

    // MARK: Time

    private func wake(_ alarm: Alarm?) {
        switch alarm {
        case .watch:
            isWatching = false
            checkProgress()
        // Over HTTP there is no connection to make: the next request may go.
        case .reconnect where config.transport == .http: link.state = .down
        case .reconnect: reconnect()
        case .idle: keepAwake()
        case .cancelled, nil: break
        }
    }

    private func watch() {
        guard !isWatching, queue.isExpectant else { return }
        isWatching = host.startTimer(afterMilliseconds: Self.watchMilliseconds, cookie: Alarm.watch.rawValue) != nil
    }

    private func checkProgress() {
        guard !link.isHeldUp, host.now - progressAt >= Self.patienceMilliseconds * 1_000_000 else { return }
        guard queue.isExpectant else { return }
        progressAt = host.now
        queue.fail(SpeakFailure.tooLate)
        // What comes late would be taken for later words: another connection is clean.
        closeSocket(saying: false)
        if let request { host.abortRequest(request.id) }
        request = nil
    }
}
