// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Transport `websocket`: many contexts on one socket (protocol page, "TTS WebSocket, many contexts").
extension SpeakSession {
    private static let connectMilliseconds: UInt32 = 3_000
    /// The socket sleeps after 180 s without text, or what the operator of a server chose: 20 s is usual.
    private static let idleMilliseconds: UInt32 = 10_000
    private static let maximumUnreadable = 16
    /// For so long a cancelled context counts as one that the vendor still has.
    private static let lingeringNanoseconds: Int64 = 2_000_000_000
    /// Messages of one clause: its context begins, its text, its context ends.
    private static let messagesOfClause = 3
    private static let outboxLimit = 64
    /// How often a clause is sent that the vendor has said nothing of.
    private static let maximumAttempts = 3

    func connect(_ route: Route) throws(PluginError) {
        var request = NetworkRequest(url: SpeakURL.socket(config, route, sampleRate: format.sampleRate))
        request.headers = config.headers
        request.connectMilliseconds = Self.connectMilliseconds
        link.route = route
        link.announcedFailure = nil
        link.lingering = [:]
        link.isHeldUp = false
        link.unreadable = 0
        let id = try host.openWebSocket(request)
        link.state = .connecting(id)
        link.outbox = SocketOutbox(host, id, limit: Self.outboxLimit)
        progressAt = host.now
    }

    func receiveSocket(_ event: NetworkEvent) {
        switch event {
        case .opened(let id, _, _) where link.state == .connecting(id):
            link.state = .open(id)
            link.sentAt = host.now
            progressAt = host.now
            send(.state("connected"))
            announceReady(nil)
            watchIdle()
        case .text(let id, let text) where id == link.socket: hear(text)
        case .binary(let id, _) where id == link.socket: hear("")
        case .writable(let id) where id == link.socket: link.outbox?.flush()
        case .closed(let id, let close) where id == link.socket:
            lost(SpeakFailure.ended(close, announced: link.announcedFailure))
        default: break
        }
    }

    // MARK: Messages

    private func hear(_ text: String) {
        guard let message = SpeakMessage.parse(text) else {
            link.unreadable += 1
            host.log(.warning, "ElevenLabs sent a message that cannot be read")
            guard link.unreadable >= Self.maximumUnreadable else { return }
            closeSocket(saying: false)
            return lost(SpeakFailure.unreadable)
        }
        progressAt = host.now
        switch message {
        case .audio(let context, let bytes, let alignment, let isLast):
            link.provedGood()
            hear(bytes, alignment, of: context)
            if isLast { ended(context) }
        case .final(let context): ended(context)
        case .failed(let context, let error):
            // Of the whole connection: the vendor closes after it.
            guard let context else { return link.announcedFailure = error }
            if let index = queue.index(context: context) { queue.update(index) { $0.stage = .failed(error) } }
        case .noted: break
        }
    }

    private func hear(_ bytes: [UInt8], _ alignment: Alignment?, of context: String?) {
        // What comes late of a cancelled context is nobody's.
        guard let index = queue.index(context: context) else { return }
        queue.update(index) { $0.append(bytes, alignment, sampleRate: Int(format.sampleRate)) }
        guard queue.clauses[index].receivedBytes > Self.largestClause else { return }
        queue.update(index) { $0.stage = .failed(SpeakFailure.tooMuch) }
    }

    private func ended(_ context: String?) {
        if let context { link.lingering[context] = nil }
        if let index = queue.index(context: context) { queue.update(index) { $0.stage = .complete } }
    }

    /// Sends the clauses that may go: in order, few at once, all of them to the voice that the socket has.
    func sendClauses() {
        guard let index = queue.clauses.firstIndex(where: { $0.stage == .waiting }) else { return }
        let route = queue.clauses[index].route
        if let error = link.permanentFailure(route) { return queue.fail(error) { $0.route == route } }
        let isBusy = queue.clauses.contains(where: \.isUnderWay)
        if link.state == .down || link.route != route && !isBusy && link.state != .waiting {
            closeSocket(saying: true)
            connectOrFail(route)
        }
        guard link.isOpen else { return }
        link.forgetLingering(before: host.now - Self.lingeringNanoseconds)
        for index in queue.clauses.indices where queue.clauses[index].stage == .waiting {
            let underWay = queue.clauses.filter(\.isUnderWay).count
            guard underWay < config.clausesAtOnce, queue.clauses[index].route == link.route,
                underWay + link.lingering.count < SpeakLink.largestContextCount
            else { return }
            // All of a clause or nothing: half of one sent again would be heard twice.
            guard let outbox = link.outbox, outbox.count + Self.messagesOfClause <= Self.outboxLimit else { return }
            sendClause(index)
        }
    }

    private func sendClause(_ index: Int) {
        let clause = queue.clauses[index]
        let suffix = clause.attempts == 0 ? "" : ".\(clause.attempts)"
        let context = "\(clause.generation).\(clause.id)\(suffix)"
        var opening: [String: JSONValue] = ["text": " ", "context_id": .string(context)]
        if let settings = config.voiceSettings { opening["voice_settings"] = settings }
        if let locators = config.pronunciationDictionaries { opening["pronunciation_dictionary_locators"] = locators }
        let text = clause.text.hasSuffix(" ") ? clause.text : clause.text + " "
        let messages: [JSONValue] = [
            .object(opening), ["text": .string(text), "context_id": .string(context), "flush": true],
            // What is flushed is still spoken to its end, and that end is told.
            ["context_id": .string(context), "close_context": true],
        ]
        for message in messages { _ = link.outbox?.sendText(message.text) }
        link.sentAt = host.now
        progressAt = host.now
        queue.update(index) { $0.sent(as: context) }
    }

    func closeContexts(_ contexts: [String]) {
        guard link.isOpen else { return }
        for context in contexts {
            link.lingering[context] = host.now
            _ = link.outbox?.sendText(JSONValue.object(["context_id": .string(context), "close_context": true]).text)
        }
    }

    func closeSocket(saying: Bool) {
        guard let id = link.socket else { return }
        if saying, link.isOpen { _ = link.outbox?.sendText(#"{"close_socket":true}"#) }
        host.closeWebSocket(id, code: saying ? 1000 : 0)
        link.state = .down
        link.outbox = nil
        link.isHeldUp = false
    }

    // MARK: Loss

    private func connectOrFail(_ route: Route) {
        do throws(PluginError) {
            try connect(route)
        } catch {
            lost(error)
        }
    }

    func reconnect() {
        guard link.state == .waiting else { return }
        link.state = .down
        let next = queue.clauses.first { $0.stage == .waiting }?.route
        guard let route = next ?? link.route else { return }
        connectOrFail(route)
    }

    /// A clause that was heard in part cannot be sent again: the host knows how far it came.
    private func lost(_ error: PluginError) {
        link.outbox = nil
        link.isHeldUp = false
        for index in queue.clauses.indices where queue.clauses[index].isUnderWay {
            let isRepeatable = error.isRetryable && !queue.clauses[index].hasAudio
            let isSpent = queue.clauses[index].attempts >= Self.maximumAttempts
            queue.update(index) { $0.stage = isRepeatable && !isSpent ? .waiting : .failed(error) }
        }
        if let pause = link.nextPause(after: error) {
            link.state = .waiting
            send(.state("reconnecting"))
            _ = host.startTimer(afterMilliseconds: pause, cookie: Alarm.reconnect.rawValue)
            return
        }
        link.state = .down
        if !error.isRetryable { link.failForGood(error) }
        send(.state("disconnected"))
        host.log(.warning, "ElevenLabs cannot be reached: \(error.message)")
        queue.fail(error)
        announceReady(error)
    }

    /// What the host was promised when the session was opened: once READY, or why not.
    private func announceReady(_ error: PluginError?) {
        guard !link.isAnnounced else { return }
        link.isAnnounced = true
        send(error.map { .failed($0, generation: 0) } ?? OutgoingEvent(.ready))
    }

    // MARK: Idleness

    private func watchIdle() {
        guard !link.isIdleTimerRunning else { return }
        link.isIdleTimerRunning =
            host.startTimer(afterMilliseconds: Self.idleMilliseconds, cookie: Alarm.idle.rawValue) != nil
    }

    func keepAwake() {
        link.isIdleTimerRunning = false
        guard link.isOpen else { return }
        if host.now - link.sentAt >= Int64(Self.idleMilliseconds) * 1_000_000,
            link.outbox?.sendText(#"{"context_id":"idle","text":""}"#) == .ok
        {
            link.sentAt = host.now
        }
        watchIdle()
    }
}
