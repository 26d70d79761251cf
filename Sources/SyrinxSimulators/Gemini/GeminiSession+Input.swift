// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What the caller says and types; turns end by silence or by the client.
extension GeminiSession {
    func hear(_ input: JSONValue) throws(GeminiRefusal) {
        if let audio = input["audio"] ?? input["mediaChunks"]?[0] { try hear(audio: audio) }
        if input["activityStart"] != nil { activityStarted() }
        if input["activityEnd"] != nil { activityEnded() }
        if input["audioStreamEnd"]?.bool == true, setup?.detectsActivity == true {
            heard(recogniser?.finish() ?? [])
        }
        if let text = input["text"]?.string { typed(text) }
    }

    private func hear(audio: JSONValue) throws(GeminiRefusal) {
        // Google's own clients write the URL-safe alphabet (RFC 4648 5).
        let data = audio["data"]?.string?.replacing("-", with: "+").replacing("_", with: "/")
        guard let bytes = data.flatMap(Base64Text.decode),
            let type = audio["mimeType"]?.string, type.hasPrefix("audio/pcm")
        else { throw GeminiRefusal(1_007, "Request contains an invalid argument: audio") }
        let rate = type.split(separator: "=").dropFirst().first.flatMap { Int($0) } ?? 16_000
        guard (8_000...48_000).contains(rate) else {
            throw GeminiRefusal(1_007, "Request contains an invalid argument: rate")
        }
        guard setup?.detectsActivity == true else { return }
        if recogniser == nil || rate != self.rate { renew(rate) }
        heard(recogniser?.feed(PCM.samples(bytes)) ?? [])
    }

    private func renew(_ rate: Int) {
        self.rate = rate
        recogniser = SimulatedRecogniser(
            rate: rate, lines: socket.settings.lines, silenceMilliseconds: setup?.silenceMilliseconds ?? 500)
    }

    private func heard(_ events: [SimulatedRecogniser.Event]) {
        for event in events {
            switch event {
            case .started: activityStarted()
            case .partial(let text): transcribe(text, isFinal: false)
            case .final(let text, _, _):
                reportActivity("ACTIVITY_END")
                transcribe(text, isFinal: true)
                answer(text)
            }
        }
    }

    private func activityStarted() {
        transcribed = ""
        reportActivity("ACTIVITY_START")
        if setup?.interrupts == true { interrupt() }
    }

    /// With activity told by the client, the next line was said.
    private func activityEnded() {
        reportActivity("ACTIVITY_END")
        let line = socket.settings.lines.next()
        transcribe(line, isFinal: true)
        answer(line)
    }

    private func reportActivity(_ type: String) {
        guard setup?.reportsActivity == true else { return }
        send(["voiceActivity": ["voiceActivityType": .string(type)]], at: "speech_started")
    }

    /// Sends what is new of the words so far.
    private func transcribe(_ text: String, isFinal: Bool) {
        guard setup?.transcribesInput == true else { return }
        let new = text.hasPrefix(transcribed) ? String(text.dropFirst(transcribed.count)) : text
        transcribed = isFinal ? "" : text
        var transcription: [String: JSONValue] = ["text": .string(new)]
        if isFinal { transcription["finished"] = true }
        content(["inputTranscription": .object(transcription)], at: isFinal ? "final" : "partial")
    }

    // MARK: text

    /// A typed turn, or what was said before.
    func read(_ content: JSONValue) {
        let texts = (content["turns"]?.array ?? []).map { turn in
            (turn["parts"]?.array ?? []).compactMap { $0["text"]?.string }.joined()
        }
        said += texts
        guard content["turnComplete"]?.bool ?? false else { return }
        interrupt()
        answer(texts.last ?? "", isSaid: true)
    }

    private func typed(_ text: String) {
        interrupt()
        answer(text)
    }

    // MARK: answers

    private func answer(_ prompt: String, isSaid: Bool = false) {
        if !isSaid { said.append(prompt) }
        // A turn that nobody interrupts any more is over.
        turn?.complete()
        tellHandle(isResumable: false)
        begin(socket.settings.mind.answer(prompt, tools: setup?.tools ?? []))
        if prompt.lowercased().contains("go away") { leave() }
    }

    func begin(_ answer: SimulatedMind.Answer) {
        switch answer {
        case .calls(let wanted): call(wanted)
        case .text(let text):
            let turn = GeminiTurn(self, text, speaks: setup?.speaks ?? true, shows: setup?.transcribesOutput ?? false)
            self.turn = turn
            turn.begin()
        }
    }

    private func call(_ wanted: [(name: String, arguments: JSONValue)]) {
        let functions = wanted.map { name, arguments -> JSONValue in
            let id = self.id("call")
            calls[id] = .string(name)
            return ["id": .string(id), "name": .string(name), "args": arguments]
        }
        send(["toolCall": ["functionCalls": .array(functions)]], at: "tool_call")
    }

    private func interrupt() {
        if !calls.isEmpty {
            let ids = calls.keys.sorted().map { JSONValue.string($0) }
            calls = [:]
            send(["toolCallCancellation": ["ids": .array(ids)]], at: "cancellation")
        }
        turn?.interrupt()
    }
}
