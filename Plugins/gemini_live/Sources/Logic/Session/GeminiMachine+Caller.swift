// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the caller says. The vendor tells neither for sure when speech begins nor when a turn ends: the first is the first
/// of voiceActivity, a transcription while nothing is answered, and `interrupted`; the last is the model's first part.
extension GeminiMachine {
    private static let maximumWords = 65_536
    /// Without a word for so long the caller has stopped, where the vendor does not say so.
    private static let silenceMilliseconds: UInt32 = 2_000

    mutating func hear(_ samples: [Int16]) {
        guard !samples.isEmpty else { return }
        configureUnlessDone()
        send(LiveMessage.audio(samples, rate: inputRate))
    }

    mutating func voiceActivity(_ activity: JSONValue) {
        switch activity["voiceActivityType"]?.string {
        case "ACTIVITY_START": speechStarted()
        case "ACTIVITY_END": speechStopped()
        default: break
        }
    }

    /// Not ordered with respect to the model's turn ("Order of a turn"): while one runs, it is what the turn answers.
    mutating func callerSaid(_ transcription: JSONValue) {
        if let text = transcription["text"]?.string, !text.isEmpty {
            if current == nil { speechStarted() }
            if isCallerSpeaking { awaitSilence() }
            if callerWords.utf8.count < Self.maximumWords {
                callerWords += text
                answers.output.send(.partial(callerWords, generation: 0))
            }
        }
        guard transcription["finished"]?.bool == true else { return }
        if current == nil { speechStopped() }
        if !callerWords.isEmpty { finishWords() }
    }

    /// The vendor knows what the caller said, so an answer is on its way: told now, it can be asked for again when the
    /// connection breaks. A model that may keep silent promises nothing.
    private mutating func finishWords() {
        tellWords()
        let mayKeepSilent = config.setup?["proactivity"]?["proactiveAudio"]?.bool ?? false
        let isAwaiting = awaited.map { answers.ledger.isLive($0) } ?? false
        guard current == nil, !isAwaiting, asked.isEmpty, !mayKeepSilent else { return }
        awaited = openTurn()
        owesWords = false
    }

    /// The caller speaks into an answer. When a typed turn has broken it off, nobody speaks.
    mutating func interrupted() {
        tellWordsOwed()
        if asked.isEmpty { speechStarted() }
        guard let turn = current else { return }
        current = nil
        answers.cut(turn.reply)
        finish(turn.reply, nil)
    }

    mutating func speechStarted() {
        guard !isCallerSpeaking else { return }
        isCallerSpeaking = true
        answers.output.send(OutgoingEvent(.speechStart))
        awaitSilence()
    }

    mutating func speechStopped() {
        guard isCallerSpeaking else { return }
        isCallerSpeaking = false
        if let silenceTimer { host.cancel(silenceTimer) }
        silenceTimer = nil
        answers.output.send(OutgoingEvent(.speechStop))
    }

    private mutating func awaitSilence() {
        if let silenceTimer { host.cancel(silenceTimer) }
        silenceTimer = host.startTimer(afterMilliseconds: Self.silenceMilliseconds, cookie: TimerID.silence)
    }

    /// Tells the host of an answer that has begun, which it then names.
    mutating func openTurn() -> ResponseLedger.Reply {
        speechStopped()
        tellWordsOwed()
        owesWords = true
        return answers.open()
    }

    /// Every turn has its words exactly once, also when there are none.
    mutating func tellWordsOwed() {
        if owesWords { tellWords() }
    }

    private mutating func tellWords() {
        answers.output.send(.final(callerWords, confidence: callerWords.isEmpty ? 0 : 1, generation: 0))
        callerWords = ""
        owesWords = false
    }
}
