// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The connection: how it begins, what comes over it, and what is done when it is lost.
extension ListenSession {
    /// For the connection of a try, in milliseconds.
    private static let connectMilliseconds: UInt32 = 3_000
    /// A vendor that has said nothing of an utterance is waited for once more, so long.
    private static let secondWait: UInt32 = 1_200
    /// A vendor that does not say a word of a longer utterance, not even that it heard none, is not listening.
    private static let noticedMilliseconds = 500

    /// Begins to connect.
    func connect() throws(PluginError) {
        var request = NetworkRequest(url: url)
        if let authorization = config.authorization { request.headers = [("Authorization", authorization)] }
        request.connectMilliseconds = Self.connectMilliseconds
        link.announcedFailure = nil
        link.state = .connecting(try host.openWebSocket(request))
    }

    func connectOrFail() {
        do throws(PluginError) {
            try connect()
        } catch {
            lost(error, isPermanent: !error.isRetryable)
        }
    }

    func receive(_ event: NetworkEvent) {
        switch event {
        case .opened(let id, _, _) where link.state == .connecting(id):
            link.state = .open(id)
            unreadable = 0
            hasMissed = false
            outbox.send(.state("connected"))
            announceReady()
            beginStream()
        case .text(let id, let text) where id == link.socket: hear(text, on: id)
        case .writable(let id) where id == link.socket: pump()
        case .closed(let id, let close) where id == link.socket:
            let loss = Loss(close, announced: link.announcedFailure)
            lost(loss.error, isPermanent: loss.isPermanent)
        default: break
        }
    }

    private func hear(_ text: String, on socket: NetworkID) {
        guard let message = ListenMessage.parse(text), isPlausible(message) else {
            unreadable += 1
            hasMissed = true
            host.log(.warning, "Deepgram sent a message that cannot be read")
            if unreadable >= Self.maximumUnreadable { hearAgain(socket) }
            return
        }
        // What could not be read may have been final words; a hole in the results tells.
        if hasMissed, case .results(let results) = message {
            guard !transcripts.hasHole(before: results, base: link.base) else { return hearAgain(socket) }
            hasMissed = hasMissed && !results.isFinal
        }
        switch message {
        case .failed(let code, let description):
            link.announcedFailure = PluginError(
                .unavailable, "Deepgram reported \(code): \(description.prefix(120))", isRetryable: true)
            return
        case .results, .turn:
            unreadable = 0
            link.provedGood()
        case .speechStarted, .utteranceEnd, .noted: break
        }
        if transcripts.providerDecidesTurns, transcripts.utterances.isEmpty {
            if held.count < Self.maximumHeld { held.append(message) }
        } else {
            transcripts.hear(message, base: link.base)
        }
    }

    /// False for results of audio that was never sent.
    private func isPlausible(_ message: ListenMessage) -> Bool {
        let end =
            switch message {
            case .results(let results): results.start + results.duration
            case .turn(let turn): turn.heardTo
            case .speechStarted, .utteranceEnd, .failed, .noted: 0.0
            }
        return transcripts.position(end, link.base) <= cursor + Int64(sampleRate)
    }

    // MARK: Loss

    /// Another connection hears what is not settled once more.
    private func hearAgain(_ socket: NetworkID) {
        host.closeWebSocket(socket, code: 0)
        lost(.unreadable, isPermanent: false)
    }

    func lost(_ error: PluginError, isPermanent: Bool) {
        alarms.cancel { $0.utterance == nil }
        pace = nil
        if let pause = link.nextPause(after: error, isPermanent: isPermanent) {
            link.state = .waiting
            outbox.send(.state("reconnecting"))
            alarms.start(.reconnect, afterMilliseconds: pause)
            return
        }
        link.state = .down
        if isPermanent { link.permanentFailure = error }
        outbox.send(.state("disconnected"))
        host.log(.warning, "Deepgram cannot be reached: \(error.message)")
        fail(error)
    }

    // MARK: Timers

    func wake(_ cookie: UInt64) {
        switch alarms.take(cookie) {
        case .idle: keepAwake()
        case .reconnect: connectOrFail()
        case .pace: pump()
        case .finalizeWait(let utterance, let isSecond): waited(for: utterance, isSecond: isSecond)
        case .deadline(let utterance): outOfTime(utterance)
        case nil: break
        }
    }

    /// `Finalize` need not be answered when the vendor has nothing in hand; a vendor that has said nothing at all may
    /// only be slow.
    private func waited(for utterance: UInt64, isSecond: Bool) {
        // Without a connection it has not been asked yet: the next one hears all of it, and is asked again.
        guard case .open = link.state, let waiting = transcripts[utterance] else { return }
        if waiting.isEmpty, !isSecond {
            alarms.start(.finalizeWait(utterance, isSecond: true), afterMilliseconds: Self.secondWait)
        } else if waiting.isEmpty, unreadable > 0 {
            end(utterance, with: .unreadable)
        } else if waiting.isEmpty, !waiting.isAnswered, isLong(waiting) {
            end(utterance, with: .mute)
        } else {
            transcripts.giveUp(utterance)
        }
    }

    private func isLong(_ utterance: Utterance) -> Bool {
        let length = (utterance.end ?? tail.end) - utterance.start
        return length >= Int64(Self.noticedMilliseconds * sampleRate / 1_000)
    }

    private func outOfTime(_ utterance: UInt64) {
        guard let waiting = transcripts[utterance] else { return }
        guard case .open = link.state else { return end(utterance, with: link.unreachable) }
        guard waiting.isEmpty else { return transcripts.giveUp(utterance) }
        // There is no time left in which it could be asked again.
        end(utterance, with: PluginError(.deadlineExceeded, "Deepgram gave no transcript within \(deadline) ms"))
    }

    private func end(_ utterance: UInt64, with error: PluginError) {
        transcripts.forget(utterance, at: tail.end)
        forgetWork(of: utterance)
        outbox.send(.failed(error, generation: utterance))
    }
}

extension PluginError {
    fileprivate static let unreadable = PluginError(
        .internalError, "Deepgram sent messages that cannot be read", isRetryable: true)
    fileprivate static let mute = PluginError(
        .deadlineExceeded, "Deepgram says nothing of what it is sent", isRetryable: true)
}
