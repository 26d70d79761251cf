// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The caller's audio on its way to the vendor.
extension ListenSession {
    /// The largest message, in milliseconds of audio (protocol page: 20 to 250).
    private static let largestMessage = 250
    /// So much digital silence tells the vendor that a stream has begun; without, it closes after 10 s in spite of
    /// KeepAlive.
    private static let openingSilence = 100

    func hear(_ event: borrowing Event) {
        let utterance = event.generation
        guard utterance != 0, !failed.contains(where: { $0.utterance == utterance }) else { return }
        guard let time = event.withAudio({ $0.presentationTime }) else { return }
        if transcripts.open?.id != utterance, !beginUtterance(utterance) { return }
        presentationOffset = time &- tail.end
        let lost = event.withAudio { frame in frame.withInt16 { tail.append($0) } } ?? nil
        if let lost, lost > 0 { cursor = max(cursor, tail.start) }
        heardAt = host.now
        pump()
    }

    /// False when it has failed at once.
    private func beginUtterance(_ utterance: UInt64) -> Bool {
        // Its END_OF_INPUT never came: the host has lost interest in it.
        if let open = transcripts.open {
            transcripts.forget(open.id, at: tail.end)
            forgetWork(of: open.id)
        }
        if let error = link.permanentFailure {
            remember(utterance, error)
            outbox.send(.failed(error, generation: utterance))
            return false
        }
        transcripts.begin(utterance, at: tail.end)
        let messages = held
        held = []
        for message in messages { transcripts.hear(message, base: link.base) }
        if link.state == .down {
            link.startOver()
            connectOrFail()
        }
        return transcripts[utterance] != nil
    }

    func endUtterance(_ utterance: UInt64) throws(PluginError) {
        if let index = failed.firstIndex(where: { $0.utterance == utterance }) {
            throw failed.remove(at: index).error
        }
        guard transcripts.open?.id == utterance else {
            // Nothing was said in it, or it is asked for twice.
            if transcripts[utterance] == nil { outbox.send(.final("", generation: utterance)) }
            return
        }
        guard transcripts.close(utterance, at: tail.end) else { return }
        marks.append((tail.end, utterance))
        alarms.start(.deadline(utterance), afterMilliseconds: deadline)
        pump()
    }

    /// Sends audio and `Finalize` as far as the socket, and while replaying the pace, allow.
    func pump() {
        guard case .open(let socket) = link.state else { return }
        cursor = max(cursor, tail.start)
        while true {
            let mark = marks.first?.position ?? .max
            let allowed = pace?.allowed(at: host.now) ?? .max
            let limit = min(mark, tail.end, allowed)
            if cursor < limit {
                let chunk = Int64(config.chunkMilliseconds * sampleRate / 1_000)
                // Small frames travel together, unless something waits for them.
                if mark == .max, pace == nil, limit - cursor < chunk { return }
                guard sendAudio(socket, upTo: limit) else { return }
            } else if cursor >= mark {
                guard sendFinalize(socket) else { return }
            } else {
                break
            }
        }
        guard pace != nil else { return }
        if cursor >= tail.end { pace = nil } else { alarms.start(.pace, afterMilliseconds: Pace.tickMilliseconds) }
    }

    private func sendAudio(_ socket: NetworkID, upTo limit: Int64) -> Bool {
        let most = min(limit - cursor, Int64(Self.largestMessage * sampleRate / 1_000))
        let bytes = tail.bytes(from: cursor, atMost: Int(most))
        guard !bytes.isEmpty, host.sendBinary(socket, bytes) == .ok else { return false }
        cursor += Int64(bytes.count / 2)
        sentAt = host.now
        return true
    }

    private func sendFinalize(_ socket: NetworkID) -> Bool {
        guard let mark = marks.first else { return false }
        if !config.isFlux, host.sendText(socket, #"{"type":"Finalize"}"#) != .ok { return false }
        marks.removeFirst()
        // What was just replayed takes the vendor a moment more.
        let wait = pace == nil ? config.finalizeWait : max(config.finalizeWait, 1_000)
        alarms.start(.finalizeWait(mark.utterance, isSecond: false), afterMilliseconds: wait)
        return true
    }

    /// A connection is there: it begins with what is not settled yet.
    func beginStream() {
        // A vendor that decides turns may have heard words that no utterance of the host has yet.
        let isUnsettled = transcripts.providerDecidesTurns && tail.end > transcripts.confirmed
        let isReplay = isUnsettled || !transcripts.utterances.isEmpty
        if !isReplay { transcripts.confirmed = max(transcripts.confirmed, tail.end) }
        held = []
        cursor = max(transcripts.confirmed, tail.start)
        transcripts.reconnected(at: cursor)
        link.base = cursor
        marks = transcripts.closing.compactMap { utterance in utterance.end.map { ($0, utterance.id) } }
        alarms.cancel { if case .finalizeWait = $0 { true } else { false } }
        pace = Pace(
            from: cursor, backlog: tail.end - cursor, sampleRate: sampleRate, speed: config.replaySpeed, at: host.now)
        sentAt = host.now
        if !isReplay, !config.isFlux { tail.appendSilence(Self.openingSilence * sampleRate / 1_000) }
        alarms.start(.idle, afterMilliseconds: idleMilliseconds)
        pump()
    }

    // MARK: Silence

    /// How long nothing may be sent: KeepAlive every 4 s, for Flux silence after 500 ms (protocol page).
    var idleMilliseconds: UInt32 { config.isFlux ? 500 : 4_000 }

    func keepAwake() {
        guard case .open(let socket) = link.state else { return }
        let idle = UInt32(clamping: (host.now - sentAt) / 1_000_000)
        if config.isFlux {
            alarms.start(.idle, afterMilliseconds: injectSilence(idle: idle) ? 100 : idleMilliseconds)
        } else if idle + 50 >= idleMilliseconds {
            if host.sendText(socket, #"{"type":"KeepAlive"}"#) == .ok { sentAt = host.now }
            alarms.start(.idle, afterMilliseconds: idleMilliseconds)
        } else {
            alarms.start(.idle, afterMilliseconds: idleMilliseconds - idle)
        }
    }

    /// Flux ends a turn by hearing silence, so it has to get some when the caller's audio stops; and it has no
    /// KeepAlive. True while it goes on.
    private func injectSilence(idle: UInt32) -> Bool {
        let sinceCaller = (host.now - heardAt) / 1_000_000
        let timeout = Int64(config.endOfTurnTimeoutMilliseconds ?? 5_000) + 1_000
        let endsTurn = (transcripts.isTurnOpen || !transcripts.closing.isEmpty) && sinceCaller < timeout
        guard endsTurn ? idle >= 90 && sinceCaller >= 500 : idle >= 4_000 else { return endsTurn }
        tail.appendSilence(100 * sampleRate / 1_000)
        pump()
        return endsTurn
    }
}

/// Audio that is replayed goes faster than real time, but not at once: about 1.25 times (protocol page), or what it
/// takes to catch up within three seconds.
struct Pace {
    static let tickMilliseconds: UInt32 = 50
    private static let burstMilliseconds: Int64 = 500
    private static let longestSeconds = 3.0

    private let from: Int64
    private let since: Int64
    private let samplesPerNanosecond: Double

    /// Nil when there is so little to replay that it can go at once.
    init?(from: Int64, backlog: Int64, sampleRate: Int, speed: Double?, at now: Int64) {
        let rate = Double(sampleRate)
        let burst = Self.burstMilliseconds * Int64(sampleRate) / 1_000
        guard backlog > burst else { return nil }
        self.from = from + burst
        since = now
        let needed = Double(backlog) / rate / Self.longestSeconds + 1
        samplesPerNanosecond = max(speed ?? 1.25, needed) * rate / 1e9
    }

    func allowed(at now: Int64) -> Int64 {
        from + Int64(Double(max(0, now - since)) * samplesPerNanosecond)
    }
}
