// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The speaker's connection.
extension SpeakSession {
    private static let connectMilliseconds: UInt32 = 3_000
    /// One clause is heard while the next is made.
    private static let clausesAtOnce = 2
    /// How often a clause is sent that the vendor has said nothing of.
    private static let maximumAttempts = 3
    private static let maximumUnreadable = 16
    private static let outboxLimit = 64
    /// Ten minutes at 24 kHz: more has no clause.
    private static let largestClause = 14 << 20

    /// Begins to connect.
    func connect() throws(PluginError) {
        var request = NetworkRequest(url: config.url(sampleRate: format.sampleRate))
        if let authorization = config.authorization { request.headers = [("Authorization", authorization)] }
        request.connectMilliseconds = Self.connectMilliseconds
        link.announcedFailure = nil
        expected = []
        isReading = true
        unreadable = 0
        let id = try host.openWebSocket(request)
        link.state = .connecting(id)
        messages = SocketOutbox(host, id, limit: Self.outboxLimit)
        progressAt = host.now
    }

    func receive(_ event: NetworkEvent) {
        switch event {
        case .opened(let id, _, _) where link.state == .connecting(id):
            link.state = .open(id)
            progressAt = host.now
            outbox.send(.state("connected"))
            announce(OutgoingEvent(.ready))
        case .binary(let id, let bytes) where id == link.socket: hear(bytes)
        case .text(let id, let text) where id == link.socket: hear(text)
        case .writable(let id) where id == link.socket: messages?.flush()
        case .closed(let id, let close) where id == link.socket:
            let loss = Loss(close, announced: link.announcedFailure)
            lost(loss.error, isPermanent: loss.isPermanent)
        default: break
        }
    }

    private func hear(_ bytes: [UInt8]) {
        progressAt = host.now
        link.provedGood()
        guard case .clause(let generation, let id) = expected.first, let index = underWay(generation, id) else {
            return
        }
        queue.update(index) { $0.append(bytes: bytes) }
        guard queue.clauses[index].receivedSamples > Self.largestClause else { return }
        expected[0] = .dropped
        queue.update(index) {
            $0.stage = .failed(PluginError(.internalError, "Deepgram sent more audio than any clause has"))
        }
    }

    private func hear(_ text: String) {
        guard let message = SpeakMessage.parse(text) else {
            unreadable += 1
            host.log(.warning, "Deepgram sent a message that cannot be read")
            guard unreadable >= Self.maximumUnreadable else { return }
            closeSocket(saying: false)
            return lost(
                PluginError(.internalError, "Deepgram sent messages that cannot be read", isRetryable: true),
                isPermanent: false)
        }
        progressAt = host.now
        switch message {
        case .flushed: flushed()
        case .cleared:
            if let end = expected.firstIndex(of: .cleared) { expected.removeFirst(end + 1) }
        case .failed(let words):
            link.announcedFailure = PluginError(.unavailable, "Deepgram reported \(words)", isRetryable: true)
        case .noted(let words):
            if !words.isEmpty {
                host.log(.warning, "Deepgram warns", fields: JSONValue.object(["warning": .string(words)]).text)
            }
        }
    }

    private func flushed() {
        guard let first = expected.first, first != .cleared else { return }
        expected.removeFirst()
        guard case .clause(let generation, let id) = first, let index = underWay(generation, id) else { return }
        queue.update(index) { $0.stage = .complete }
    }

    private func underWay(_ generation: UInt64, _ id: UInt64) -> Int? {
        queue.clauses.firstIndex { $0.generation == generation && $0.id == id && $0.stage == .sent }
    }

    /// Sends the clauses that may go, in order.
    func sendClauses() {
        guard queue.clauses.contains(where: { $0.stage == .waiting }) else { return }
        if let error = link.permanentFailure { return queue.fail(error) }
        if link.state == .down {
            link.startOver()
            connectOrFail()
        }
        guard case .open = link.state else { return }
        for index in queue.clauses.indices where queue.clauses[index].stage == .waiting {
            let clause = queue.clauses[index]
            let texts = SpeakMessage.speaking(clause.text)
            guard queue.clauses.filter({ $0.stage == .sent }).count < Self.clausesAtOnce,
                let waiting = messages?.count, waiting + texts.count <= Self.outboxLimit || waiting == 0
            else { return }
            for text in texts { _ = messages?.sendText(text) }
            expected.append(.clause(generation: clause.generation, id: clause.id))
            progressAt = host.now
            queue.update(index) { clause in
                clause.stage = .sent
                clause.attempts += 1
            }
        }
    }

    func closeSocket(saying: Bool) {
        guard let id = link.socket else { return }
        if saying, case .open = link.state { _ = messages?.sendText(#"{"type":"Close"}"#) }
        host.closeWebSocket(id, code: saying ? 1000 : 0)
        link.state = .down
        messages = nil
        expected = []
    }

    // MARK: Loss

    func connectOrFail() {
        do throws(PluginError) {
            try connect()
        } catch {
            lost(error, isPermanent: !error.isRetryable)
        }
    }

    func reconnect() {
        guard link.state == .waiting else { return }
        connectOrFail()
    }

    /// A clause that was heard in part cannot be sent again: the host knows how far it came.
    private func lost(_ error: PluginError, isPermanent: Bool) {
        messages = nil
        expected = []
        for index in queue.clauses.indices where queue.clauses[index].stage == .sent {
            let clause = queue.clauses[index]
            let isRepeatable = !isPermanent && clause.receivedSamples == 0 && clause.attempts < Self.maximumAttempts
            queue.update(index) { $0.stage = isRepeatable ? .waiting : .failed(error) }
        }
        if let pause = link.nextPause(after: error, isPermanent: isPermanent) {
            link.state = .waiting
            outbox.send(.state("reconnecting"))
            _ = host.startTimer(afterMilliseconds: pause, cookie: Purpose.reconnect.rawValue)
            return
        }
        link.state = .down
        if isPermanent { link.permanentFailure = error }
        outbox.send(.state("disconnected"))
        host.log(.warning, "Deepgram cannot be reached: \(error.message)")
        queue.fail(error)
        announce(.failed(error, generation: 0))
    }

    /// What the host was promised when the session was opened: once READY, or why not.
    private func announce(_ event: OutgoingEvent) {
        guard !isAnnounced else { return }
        isAnnounced = true
        outbox.send(event)
    }
}
