// SPDX-License-Identifier: Apache-2.0

/// What the bot tells of the caller.
extension BotConversation {
    private static let maximumWords = 65_536
    /// Without a word for so long the caller has stopped, where the bot does not say so.
    private static let silenceMilliseconds: UInt32 = 2_000

    /// The caller began to speak. While the bot speaks that is told only once the bot stops for it.
    public mutating func callerStarted() {
        guard !isOver, !hasLeft else { return }
        tellsCaller = true
        hasHeard = true
        guard let turn = current, turn.hasSpoken, !turn.isStopped, answers.ledger.isLive(turn.reply) else {
            return speechStarted()
        }
        isStartPending = true
    }

    /// The caller is silent again.
    public mutating func callerStopped() {
        guard !isOver else { return }
        tellsCaller = true
        isStartPending = false
        speechStopped()
    }

    /// What the caller said.
    ///
    /// - Parameters:
    ///   - text: The words since the last final ones.
    ///   - isFinal: They do not change any more.
    public mutating func callerSaid(_ text: String, isFinal: Bool) {
        guard !isOver, !text.isEmpty || isFinal else { return }
        hasHeard = true
        guard words.utf8.count + text.utf8.count <= Self.maximumWords else { return }
        if isFinal {
            words = Self.joined(words, text)
            partial = ""
        } else {
            partial = text
        }
        let all = Self.joined(words, partial)
        if !all.isEmpty { answers.output.send(.partial(all, generation: 0)) }
        if owesWords {
            // Of a turn that is being answered already.
            if isFinal { tellWords() }
        } else if !tellsCaller, current == nil {
            speechStarted()
            awaitSilence()
        }
    }

    mutating func speechStarted() {
        isStartPending = false
        guard !isCallerSpeaking else { return }
        isCallerSpeaking = true
        hasHeard = true
        answers.output.send(OutgoingEvent(.speechStart))
    }

    mutating func speechStopped() {
        guard isCallerSpeaking else { return }
        isCallerSpeaking = false
        if let silenceTimer { host.cancel(silenceTimer) }
        silenceTimer = nil
        answers.output.send(OutgoingEvent(.speechStop))
    }

    mutating func awaitSilence() {
        if let silenceTimer { host.cancel(silenceTimer) }
        silenceTimer = host.startTimer(afterMilliseconds: Self.silenceMilliseconds, cookie: Cookie.silence)
    }

    /// The caller's turn is over, since the bot answers: the host is told, and names the answer.
    mutating func openTurn() -> ResponseLedger.Reply {
        speechStopped()
        isStartPending = false
        tellWordsOwed()
        let hasWords = !words.isEmpty || !partial.isEmpty
        if hasWords { tellWords() }
        let reply = answers.open()
        owesWords = !hasWords
        // A bot that speaks of its own accord answers nothing.
        if !hasHeard { tellWordsOwed() }
        hasHeard = false
        return reply
    }

    /// Every turn has its words, also when there are none.
    mutating func tellWordsOwed() {
        if owesWords { tellWords() }
    }

    private mutating func tellWords() {
        let all = Self.joined(words, partial)
        answers.output.send(.final(all, confidence: all.isEmpty ? 0 : 1, generation: 0))
        words = ""
        partial = ""
        owesWords = false
    }

    private static func joined(_ first: String, _ second: String) -> String {
        guard !first.isEmpty, !second.isEmpty else { return first + second }
        let isSpaced = first.last?.isWhitespace ?? true || second.first?.isWhitespace ?? true
        return isSpaced ? first + second : first + " " + second
    }
}
