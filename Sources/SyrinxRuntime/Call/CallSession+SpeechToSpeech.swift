// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

/// A pipeline in which one model hears, thinks and speaks.
extension CallSession {
    /// What the model is told first: who it is, what it can do, and what was said before.
    func introduce(_ link: SpeechToSpeech.Link, history: [HistoryItem]) {
        link.historyChanges = conversation.historyChanges
        let lines = historyWindow.newest(of: history).suffix(Self.linesOfHistory)
            .filter { !$0.text.isEmpty && !$0.backchannel }
        let told = lines.map { item -> JSONValue in
            ["role": .string(item.role.rawValue), "text": .string(item.text)]
        }
        var config: [String: JSONValue] = ["language": .string(stages.language), "history": .array(told)]
        let tools = toolDescriptions
        if !tools.isEmpty { config["tools"] = .array(tools.map(\.json)) }
        if let instructions { config["instructions"] = .string(instructions) }
        let status = link.stage.send(.configure(json: JSONValue.object(config).text))
        guard status < 0 else { return }
        let error = ProviderErrorClass(status: status)
        if !refuseIncoming(link, error.code) { failed(link, error, "it refuses its configuration") }
    }

    private static var linesOfHistory: Int { 200 }

    /// - Returns: false for what is done as in any pipeline.
    func perform(_ action: Action, on speaker: SpeechToSpeech) -> Bool {
        switch action {
        // The model hears everything, and knows itself what belongs together.
        case .beginUtterance, .endUtterance, .cancelUtterance, .judgeTurn: break
        case .prompt(let generation, let text, _):
            ask(speaker, generation, text)
        case .speak(let generation, let clause, let text, _):
            guard stages.tts == nil else { return false }
            usage.spokenCharacters += text.count
            ask(speaker, generation, text, clause: clause)
        case .cancelAgent(let generation): _ = speaker.cancel(generation)
        case .sendToolResult(let generation, let call, let text, let failed):
            let status = speaker.stage(of: generation)?
                .send(.toolResult(call: call, text: text, failed: failed), generation: generation)
            if let status, status < 0 { refused(generation, status) }
        case .truncate(let generation, let played, let heard):
            let milliseconds = Int(played / .milliseconds(1))
            speaker.stage(of: generation)?
                .send(.heard(milliseconds: milliseconds, text: heard), generation: generation)
        default: return false
        }
        return true
    }

    /// What a provider without a better way to say a given line is asked.
    private static func order(toSay line: String) -> String {
        "Say exactly the following to the caller, word for word, and nothing else: \(line)"
    }

    /// - Parameter text: empty for a turn that the model has heard itself.
    func ask(_ speaker: SpeechToSpeech, _ generation: UInt64, _ text: String, clause: UInt64? = nil) {
        giveBack(speech.expect(generation), of: generation)
        speaker.begin(generation, text, clause: clause)
        guard !speaker.isLost else { return failed(generation, ProviderErrorClass.connectivity.code) }
        // The link that replaces a lost one is asked again.
        guard !speaker.isDown else { return }
        watchAnswer(speaker, generation)
        var request = StageRequest.prompt(text: text, json: "")
        if clause != nil {
            let extras: JSONValue = ["line": .string(text)]
            request = .prompt(text: Self.order(toSay: text), json: extras.text)
        }
        let status = speaker.current.stage.send(request, generation: generation)
        if status < 0, !speaker.current.stage.isLost { refused(generation, status) }
    }

    private func refused(_ generation: UInt64, _ status: Int32) {
        let code = ProviderErrorClass(status: status).code
        if let link = stages.speaker?.link(of: generation) { count(code, of: link) }
        if !askAnother(generation, code: code) { failed(generation, code) }
    }

    /// A response that will not be completed.
    func failed(_ generation: UInt64, _ code: String) {
        stages.speaker?.finished(generation)
        if let clause = stages.speaker?.line(generation) {
            submit(.speechFailed(generation: generation, clause: clause, code: code, retryable: false))
        } else {
            submit(.agentFailed(generation: generation, code: code))
        }
    }

    // MARK: what the model says

    /// A plugin's event, as an input of the conversation.
    func receive(_ event: StageEvent, fromLink number: Int) {
        // To be paid for, whichever link it was.
        if case .usage(let json) = event.kind { return note(usage: json) }
        if receiveIncoming(event, fromLink: number) { return }
        guard let speaker = stages.speaker, let link = speaker.link(number) else { return }
        let generation = event.generation
        switch event.kind {
        case .ready: isReady(link, speaker)
        case .state(let state, let json):
            if state == "expiring", link === speaker.current { willEnd(speaker, json) }
            noteConnection(of: link, speaker, state)
        // Of what the host has called off: it cannot fail any more.
        case .failed where link.stage.isCancelled(generation): retireIfFinished(speaker)
        case .failed(_, let code, let message, let retryable):
            onWarning("s2s failed: \(code) \(message)")
            // What a lost link owes is asked again of the one that replaces it, which knows better than its errors.
            if generation != 0, speaker.isDown, link === speaker.current { return }
            count(code, of: link, retryAfter: event.retryAfter)
            guard generation == 0 else {
                if askAnother(generation, code: code) { return }
                failed(generation, code)
                return retireIfFinished(speaker)
            }
            lost(link, speaker, code: code, mayReturn: retryable || link.stage.isLost)
        case .cancelled:
            if link.owed.contains(generation), !speaker.isDown { failed(generation, "provider.cancelled") }
        case .audio, .mark, .delta, .toolCall, .done: receiveResponse(event, speaker)
        case .partial, .final: receiveWords(event, link, speaker)
        case .speechStarted, .speechStopped, .turnEnd:
            if link === speaker.current, !hearsAgain(event, speaker) { receiveTurn(event) }
        case .usage, .drained, .peer, .httpReply, .command, .keys, .other: break
        }
    }

    private func receiveResponse(_ event: StageEvent, _ speaker: SpeechToSpeech) {
        let generation = event.generation
        let line = speaker.line(generation)
        switch event.kind {
        case .audio(_, let samples):
            let converted = speaker.convert(samples, generation: generation)
            let clause = line ?? 1
            guard speech.append(converted, generation: generation, clause: clause) else {
                return giveBack(converted.count, of: generation)
            }
            submit(.speech(generation: generation, clause: clause, samples: converted.count))
        case .mark(_, let bytes, let samples):
            let place = speaker.scale(samples, generation: generation)
            submit(.speechMark(generation: generation, clause: line ?? 1, byteOffset: bytes, sampleOffset: place))
        case .delta(let text):
            if line == nil { submit(.delta(generation: generation, text: text)) }
        case .toolCall(let id, let name, let arguments):
            if line == nil {
                submit(.toolCall(generation: generation, call: id, name: name, arguments: arguments))
            }
        case .done(_, let hangUp):
            hasAnswered(generation, speaker)
            speaker.finished(generation)
            if let line {
                submit(.speechDone(generation: generation, clause: line))
            } else {
                submit(.agentDone(generation: generation, hangUp: hangUp))
            }
            retireIfFinished(speaker)
        default: break
        }
    }

    /// What the caller said, of the turn that just ended or of one that goes on.
    private func receiveWords(_ event: StageEvent, _ link: SpeechToSpeech.Link, _ speaker: SpeechToSpeech) {
        guard link === speaker.current || (link === speaker.retiring && conversation.isAwaitingWords) else { return }
        switch event.kind {
        case .partial(let text): submit(.partial(utterance: 0, text: text))
        case .final(let text, let confidence):
            noteLanguage(event, words: text)
            submit(.final(utterance: 0, text: text, confidence: confidence))
        default: break
        }
        retireIfFinished(speaker)
    }

    private func receiveTurn(_ event: StageEvent) {
        switch event.kind {
        case .speechStarted:
            beganToSpeak()
            submit(.providerSpeechStarted)
        case .speechStopped: submit(.providerSpeechStopped)
        case .turnEnd:
            endedTurn()
            submit(.providerTurnEnded)
        default: break
        }
    }
}

extension ToolDescription {
    var json: JSONValue {
        ["name": .string(name), "description": .string(about), "parameters": parameters]
    }
}
