// SPDX-License-Identifier: Apache-2.0

/// What the bot says, and says of itself.
extension BotConversation {
    /// Sound of less than this is silence: -54 dB below full scale.
    private static let audible = 64
    /// So long a bot that does not say when it speaks may pause.
    private static let pauseMilliseconds: UInt32 = 700
    /// Sound for so long is speech, even if the bot does not say so.
    private static let soundMilliseconds = 400
    private static let staleNanoseconds: Int64 = 1_000_000_000
    /// For what the host has not played yet when the bot leaves, and for the host to leave, too.
    private static let leavingMilliseconds: UInt32 = 500
    private static let leftMilliseconds: UInt32 = 10_000

    private var mayBegin: Bool { !isOver && !hasLeft && host.now >= obeysUntil }

    // MARK: Speech

    /// The bot begins to speak, or goes on.
    public mutating func botStarted() {
        tellsSpeech = true
        guard !isOver, current != nil || mayBegin else { return }
        if let turn = current, answers.ledger.isLive(turn.reply) || (turn.hasSpoken && !turn.isStopped) {
            current?.hasSpoken = true
            current?.isStopped = false
            return
        }
        begin()
        current?.hasSpoken = true
    }

    /// The bot has stopped; its answer ends in a moment, unless it goes on, or works on something.
    public mutating func botStopped() {
        early = ([], 0)
        guard current != nil, !isOver else { return }
        // For the caller, even if it does not say so.
        if isStartPending { return botInterrupted() }
        current?.isStopped = true
        current?.stoppedAt = host.now
        endSoon()
    }

    /// The bot is at work (true), and will speak when it is done (false).
    public mutating func botWorks(_ isBusy: Bool) {
        self.isBusy = isBusy
        guard !isBusy, current?.isStopped == true else { return }
        current?.stoppedAt = host.now
        endSoon()
    }

    /// What the bot broke off is not to be played any more: the caller speaks, or it was told to stop.
    public mutating func botInterrupted() {
        guard !isOver else { return }
        obeysUntil = 0
        isBusy = false
        early = ([], 0)
        let isEcho = host.now < echoUntil || !asked.isEmpty
        if isStartPending {
            speechStarted()
        } else if !isEcho, !tellsCaller {
            speechStarted()
            awaitSilence()
        }
        guard let turn = current else { return }
        current = nil
        tellWordsOwed()
        answers.cut(turn.reply)
        answers.add(.end(nil), to: turn.reply)
    }

    /// The next of the bot's speech, at the conversation's rate.
    public mutating func botSpoke(_ samples: [Int16]) {
        guard !samples.isEmpty, !isOver else { return }
        let isSound = samples.contains { $0 >= Self.audible || $0 <= -Self.audible }
        if isSound { lastSound = host.now }
        guard let turn = current else { return spokeUnannounced(samples, isSound) }
        guard isSound || !turn.isStopped else { return }
        if isSound { current?.hasSpoken = true }
        answers.add(.audio(samples), to: turn.reply)
        watchForQuiet()
    }

    /// Sound outside of an answer begins one, at once if the bot never says when it speaks.
    private mutating func spokeUnannounced(_ samples: [Int16], _ isSound: Bool) {
        guard mayBegin else { return }
        if host.now - early.since > Self.staleNanoseconds { early = ([], host.now) }
        guard isSound || !early.samples.isEmpty else { return }
        early.samples += samples
        guard !tellsSpeech || early.samples.count >= rate * Self.soundMilliseconds / 1_000 else { return }
        begin()
        current?.hasSpoken = true
        watchForQuiet()
    }

    /// The next of the bot's words.
    public mutating func botSaid(_ text: String) {
        guard !text.isEmpty, !isOver else { return }
        if current == nil {
            guard mayBegin else { return }
            begin()
        }
        guard let turn = current else { return }
        // Bots part their sentences by spaces, the first of an answer from the one before it.
        let words = turn.hasWords ? Substring(text) : text.drop { $0.isWhitespace }
        guard !words.isEmpty else { return }
        current?.hasWords = true
        answers.add(.delta(String(words)), to: turn.reply)
    }

    /// The bot will not answer the oldest typed turn.
    public mutating func botRefused(_ error: PluginError) {
        guard !isOver, !asked.isEmpty else { return }
        answers.add(.end(error), to: asked.removeFirst())
    }

    private mutating func begin() {
        let reply = asked.isEmpty ? openTurn() : asked.removeFirst()
        current = Turn(reply: reply)
        if host.now - early.since <= Self.staleNanoseconds, !early.samples.isEmpty {
            answers.add(.audio(early.samples), to: reply)
        }
        early = ([], 0)
    }

    // MARK: Tools

    /// The bot wants a tool of the host called.
    ///
    /// - Parameters:
    ///   - name: The tool.
    ///   - arguments: A JSON object; anything else counts as none.
    ///   - vendorID: The bot's name of the call; one that is under way is not called again.
    /// - Returns: False when too many calls are under way.
    public mutating func botCalls(_ name: String, _ arguments: JSONValue?, vendorID: String) -> Bool {
        guard !isOver, !calls.values.contains(where: { $0.vendorID == vendorID }) else { return true }
        guard calls.count < Self.maximumCalls else { return false }
        if current.map({ !answers.ledger.isLive($0.reply) }) ?? true { begin() }
        guard let turn = current else { return true }
        current?.isStopped = false
        lastCall += 1
        let object = arguments.flatMap { $0.object == nil ? nil : $0 } ?? [:]
        calls[lastCall] = Call(vendorID: vendorID, name: name, arguments: object, reply: turn.reply)
        answers.add(.toolCall(name: name, arguments: object.text, id: lastCall), to: turn.reply)
        return true
    }

    /// The bot takes a call back.
    public mutating func botForgets(vendorID: String) {
        calls = calls.filter { $0.value.vendorID != vendorID }
    }

    // MARK: Ends

    /// The bot has hung up: the call ends once what it said was played.
    public mutating func botLeft() {
        guard !hasLeft, !isOver else { return }
        hasLeft = true
        _ = host.startTimer(afterMilliseconds: Self.leftMilliseconds, cookie: Cookie.left)
        let replies = [current?.reply].compactMap(\.self) + asked
        current = nil
        asked = []
        calls = [:]
        tellWordsOwed()
        if let reply = replies.first(where: { answers.ledger.isLive($0) }) {
            answers.add(.hangUp, to: reply)
            return
        }
        // Nothing is being answered: what was said last may still be played.
        if host.startTimer(afterMilliseconds: Self.leavingMilliseconds, cookie: Cookie.leaving) == nil { leave() }
    }

    /// An answer without a word tells the host to hang up.
    private mutating func leave() {
        words = ""
        partial = ""
        hasHeard = false
        answers.add(.hangUp, to: openTurn())
    }

    private mutating func endSoon() {
        guard let turn = current, !isBusy, !calls.values.contains(where: { $0.reply == turn.reply }) else { return }
        let cookie = Cookie.lastWords + turn.reply.number
        if host.startTimer(afterMilliseconds: lastWordsMilliseconds, cookie: cookie) == nil { endTurn(turn) }
    }

    private mutating func endTurn(_ turn: Turn) {
        current = nil
        if isStartPending { speechStarted() }
        tellWordsOwed()
        answers.add(.end(nil), to: turn.reply)
    }

    private mutating func watchForQuiet() {
        guard !tellsSpeech, !isWatchingQuiet, current != nil else { return }
        isWatchingQuiet = host.startTimer(afterMilliseconds: Self.pauseMilliseconds, cookie: Cookie.quiet) != nil
    }

    /// TIMER.
    public mutating func timerFired(_ id: UInt64) {
        guard !isOver else { return }
        switch id {
        case Cookie.quiet:
            isWatchingQuiet = false
            guard !tellsSpeech, current != nil else { return }
            let quiet = host.now - lastSound
            if quiet >= Int64(Self.pauseMilliseconds) * 1_000_000 { botStopped() } else { watchForQuiet() }
        case Cookie.silence:
            silenceTimer = nil
            speechStopped()
        case Cookie.leaving: leave()
        case Cookie.left: fail(PluginError(.closed, "the bot has hung up"))
        case let id where id > Cookie.lastWords:
            guard let turn = current, turn.isStopped, Cookie.lastWords + turn.reply.number == id else { return }
            guard !isBusy, !calls.values.contains(where: { $0.reply == turn.reply }) else { return }
            // It has gone on and stopped again since: another timer is under way.
            guard host.now - turn.stoppedAt >= Int64(lastWordsMilliseconds) * 1_000_000 else { return }
            endTurn(turn)
        default: break
        }
    }
}
