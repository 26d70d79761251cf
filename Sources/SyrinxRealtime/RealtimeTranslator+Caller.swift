// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

/// Something that the caller says, from its first sound until its words are known.
struct CallerSpeech {
    let item: String
    /// In milliseconds of all audio of the session.
    let start: Int
    var end: Int?
    var words = ""
    /// The client knows of it.
    var isTold = false
    /// It is an item of the conversation.
    var isCommitted = false
    /// No words are waited for after this.
    var givenUpAt = Instant.distantFuture
}

/// What the caller says, told to the client.
extension RealtimeTranslator {
    /// Words come within this time, or not at all.
    private static var patience: Duration { .seconds(8) }

    private var usesVoiceActivity: Bool { settings.turnDetection != nil }

    // MARK: by voice activity

    mutating func speechStarted() {
        guard usesVoiceActivity, speeches.last.map({ $0.end != nil }) ?? true else { return }
        // One that turned out to be nothing while the agent went on.
        if let last = speeches.last, !last.isTold { speeches.removeLast() }
        let speech = setup.options.speech
        let ago = Int((speech.minSpeech + speech.prefixPadding).milliseconds)
        speeches.append(CallerSpeech(item: ids.next("item"), start: max(0, Self.milliseconds(heardSamples) - ago)))
        // Over the agent's voice it may be a cough: the client would stop playing for it.
        let mayInterrupt = response != nil && settings.turnDetection?.interruptsResponse == true
        if !mayInterrupt { tellSpeeches() }
    }

    mutating func speechStopped() {
        guard usesVoiceActivity, let last = speeches.indices.last, speeches[last].end == nil else { return }
        speeches[last].end = Self.milliseconds(heardSamples)
        speeches[last].givenUpAt = now + Self.patience
        if speeches[last].isTold { commitSpeech(last) }
    }

    /// The client learns of the speech that was kept from it.
    mutating func tellSpeeches() {
        for index in speeches.indices where !speeches[index].isTold {
            speeches[index].isTold = true
            let speech = speeches[index]
            send(
                "input_audio_buffer.speech_started",
                ["item_id": .string(speech.item), "audio_start_ms": .int(Int64(speech.start))])
        }
    }

    /// Those that are over, and were kept from the client so far.
    mutating func commitToldSpeeches() {
        for index in speeches.indices where speeches[index].isTold && speeches[index].end != nil {
            commitSpeech(index)
        }
    }

    private mutating func commitSpeech(_ index: Int) {
        guard !speeches[index].isCommitted else { return }
        speeches[index].isCommitted = true
        let speech = speeches[index]
        let end = Int64(speech.end ?? Self.milliseconds(heardSamples))
        send("input_audio_buffer.speech_stopped", ["item_id": .string(speech.item), "audio_end_ms": .int(end)])
        commitItem(speech.item)
    }

    private mutating func commitItem(_ id: String) {
        bufferedSamples = 0
        let previous = items.all.last?.id
        send(
            "input_audio_buffer.committed",
            ["item_id": .string(id), "previous_item_id": previous.map(JSONValue.string) ?? .null])
        let part = RealtimeItem.Part(form: .inputAudio, text: "", isUnheard: true)
        announce(RealtimeItem(id: id, kind: .message(.user, [part])))
    }

    // MARK: by the client

    mutating func commitAudio() throws(RealtimeError) {
        guard Self.milliseconds(bufferedSamples) >= 100 else {
            throw RealtimeError(
                code: "input_audio_buffer_commit_empty",
                message: "the buffer has \(Self.milliseconds(bufferedSamples)) ms of audio, a commit needs 100")
        }
        guard !usesVoiceActivity else {
            guard speeches.contains(where: { !$0.isCommitted }) else {
                throw RealtimeError(
                    code: "input_audio_buffer_commit_empty", message: "no speech was heard in the buffer")
            }
            return submit(.commit)
        }
        var speech = CallerSpeech(item: ids.next("item"), start: Self.milliseconds(heardSamples - bufferedSamples))
        (speech.isTold, speech.isCommitted, speech.end) = (true, true, Self.milliseconds(heardSamples))
        speech.givenUpAt = now + Self.patience
        speeches.append(speech)
        commitItem(speech.item)
        submit(.commit)
    }

    mutating func clearAudio() {
        bufferedSamples = 0
        speeches.removeAll { !$0.isCommitted }
        send("input_audio_buffer.cleared", [:])
        submit(.discardTurn)
    }

    // MARK: words

    /// Words belong to the oldest speech that has none, else to the newest.
    mutating func heardWords(_ text: String, isBackchannel: Bool) {
        if isBackchannel { return dropUntoldSpeech() }
        guard let last = speeches.indices.last else { return }
        let index = speeches.firstIndex { $0.end != nil && $0.words.isEmpty } ?? last
        speeches[index].words = speeches[index].words.isEmpty ? text : speeches[index].words + " " + text
        guard speeches[index].isCommitted else { return }
        tellWords(text, of: speeches[index])
        // Words that come after the turn was taken are all there are.
        if speeches[index].givenUpAt < .distantFuture, openTurn != nil, setup.options.turnMode == .s2s {
            let item = speeches[index].item
            settleSpeeches { $0.item == item }
        }
    }

    private mutating func dropUntoldSpeech() {
        if let last = speeches.last, !last.isTold { speeches.removeLast() }
    }

    private mutating func tellWords(_ text: String, of speech: CallerSpeech) {
        guard !settings.transcription.isNull else { return }
        send(
            "conversation.item.input_audio_transcription.delta",
            ["item_id": .string(speech.item), "content_index": 0, "delta": .string(text)])
    }

    /// No more is to come of these.
    /// - Parameter failure: why those without words have none.
    mutating func settleSpeeches(failure: String? = nil, _ isDone: (CallerSpeech) -> Bool) {
        tellSpeeches()
        for index in speeches.indices where isDone(speeches[index]) && !speeches[index].isCommitted {
            if speeches[index].end == nil { speeches[index].end = Self.milliseconds(heardSamples) }
            commitSpeech(index)
            if !speeches[index].words.isEmpty { tellWords(speeches[index].words, of: speeches[index]) }
        }
        let done = speeches.filter(isDone)
        speeches.removeAll(where: isDone)
        for speech in done { complete(speech, failure) }
    }

    private mutating func complete(_ speech: CallerSpeech, _ failure: String?) {
        items.change(speech.item) { $0.say(speech.words) }
        guard !settings.transcription.isNull else { return }
        if let failure, speech.words.isEmpty {
            return send(
                "conversation.item.input_audio_transcription.failed",
                [
                    "item_id": .string(speech.item), "content_index": 0,
                    "error": [
                        "type": "transcription_error", "code": .string(failure),
                        "message": "no words came for the caller's speech", "param": .null,
                    ],
                ])
        }
        let seconds = Double(max(0, (speech.end ?? speech.start) - speech.start)) / 1000
        send(
            "conversation.item.input_audio_transcription.completed",
            [
                "item_id": .string(speech.item), "content_index": 0, "transcript": .string(speech.words),
                "usage": ["type": "duration", "seconds": .double(seconds)],
            ])
    }

    /// The session has taken the caller's turn.
    /// - Parameter text: empty when a model has not told yet what it heard.
    mutating func turnTaken(_ text: String) {
        if let last = speeches.indices.last, speeches.allSatisfy({ $0.words.isEmpty }) { speeches[last].words = text }
        guard text.isEmpty, setup.options.turnMode == .s2s else { return settleSpeeches { _ in true } }
        tellSpeeches()
        for index in speeches.indices {
            if speeches[index].end == nil { speeches[index].end = Self.milliseconds(heardSamples) }
            speeches[index].givenUpAt = now + Self.patience
            commitSpeech(index)
        }
    }
}
