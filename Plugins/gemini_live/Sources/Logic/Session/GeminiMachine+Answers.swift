// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The model's turns as answers of the host ("Order of a turn").
extension GeminiMachine {
    /// Output transcription may come after the last audio; the answer ends when this has passed, or the turn.
    private static let lastWordsMilliseconds: UInt32 = 300
    /// Words without audio belong to a turn that begins within this, or came too late.
    private static let earlyWordsNanoseconds: Int64 = 1_000_000_000

    mutating func modelSaid(_ text: String) {
        if let turn = current {
            answers.add(.delta(text), to: turn.reply)
            return
        }
        // Words alone may be late ones of a turn that is complete, so they do not begin another.
        if host.now - earlyWords.since > Self.earlyWordsNanoseconds { earlyWords = ("", host.now) }
        if earlyWords.text.utf8.count < Self.maximumEarlyWords { earlyWords.text += text }
    }

    private static var maximumEarlyWords: Int { 4_096 }

    mutating func modelSent(_ part: JSONValue) {
        guard let data = part["inlineData"], let text = data["data"]?.string else {
            // Thoughts and the text of half-spoken models: what is said comes as outputTranscription.
            return
        }
        let type = data["mimeType"]?.string ?? ""
        guard type.hasPrefix("audio/pcm") || type.isEmpty else { return }
        guard type.isEmpty || !type.contains("rate=") || type.contains("rate=\(GeminiConfig.outputRate)") else {
            return failProtocol("the server sent audio of another rate than 24 kHz")
        }
        if current?.isGenerated ?? true { _ = beginTurn() }
        guard let samples = current?.decoder.decode(text) else {
            return failProtocol("the server sent audio that is not base64")
        }
        if let reply = current?.reply { answers.add(.audio(samples), to: reply) }
    }

    mutating func generationComplete() {
        guard let turn = current, !turn.isGenerated, !isCalling(turn.reply) else { return }
        current?.isGenerated = true
        let cookie = TimerID.lastWords + turn.reply.number
        if host.startTimer(afterMilliseconds: Self.lastWordsMilliseconds, cookie: cookie) == nil { endTurn(turn) }
    }

    mutating func turnComplete() {
        guard let turn = current, !isCalling(turn.reply) else { return }
        current = nil
        endTurn(turn)
    }

    mutating func lastWordsOver(_ number: UInt64) {
        if let turn = current, turn.reply.number == number, turn.isGenerated { endTurn(turn) }
    }

    private mutating func endTurn(_ turn: ModelTurn) {
        tellWordsOwed()
        finish(turn.reply, nil)
    }

    private mutating func beginTurn() -> ModelTurn {
        if let turn = current { endTurn(turn) }
        let turn = ModelTurn(reply: asked.isEmpty ? nextReply() : asked.removeFirst())
        current = turn
        if host.now - earlyWords.since <= Self.earlyWordsNanoseconds, !earlyWords.text.isEmpty {
            answers.add(.delta(earlyWords.text), to: turn.reply)
        }
        earlyWords = ("", 0)
        return turn
    }

    /// What was awaited, even if it was cancelled meanwhile: only if the caller has spoken since, it is another turn.
    private mutating func nextReply() -> ResponseLedger.Reply {
        defer { awaited = nil }
        guard let awaited, answers.ledger.isLive(awaited) || callerWords.isEmpty else { return openTurn() }
        speechStopped()
        owesWords = !callerWords.isEmpty
        return awaited
    }

    // MARK: Tools

    mutating func callTools(_ message: JSONValue) {
        for function in message["functionCalls"]?.array ?? [] {
            guard let name = function["name"]?.string else { continue }
            guard calls.count < Self.maximumCalls else { return failProtocol("the model called too many tools") }
            let turn = turnOfCall()
            lastCall += 1
            let id = function["id"]?.string ?? ""
            calls[lastCall] = Call(vendorID: id, name: name, reply: turn.reply)
            let arguments = function["args"].flatMap { $0.object == nil ? nil : $0.text } ?? "{}"
            answers.add(.toolCall(name: name, arguments: arguments, id: lastCall), to: turn.reply)
        }
    }

    /// A call keeps a turn open that seemed complete, unless its end was told already.
    private mutating func turnOfCall() -> ModelTurn {
        guard let turn = current, !turn.isGenerated || answers.ledger.isLive(turn.reply) else { return beginTurn() }
        current?.isGenerated = false
        return turn
    }

    /// The caller has spoken over them: their results are not wanted any more.
    mutating func cancelCalls(_ message: JSONValue) {
        let ids = Set((message["ids"]?.array ?? []).compactMap(\.string))
        calls = calls.filter { !ids.contains($0.value.vendorID) }
    }

    /// Results go to the vendor together, once all of an answer's calls have one.
    mutating func answerCall(_ id: UInt64, _ text: String, failed: Bool) {
        guard let call = calls[id] else { return }
        calls[id]?.result = LiveMessage.ToolResult(id: call.vendorID, name: call.name, text: text, failed: failed)
        let siblings = calls.filter { $0.value.reply == call.reply }.sorted { $0.key < $1.key }
        let results = siblings.compactMap(\.value.result)
        guard results.count == siblings.count else { return }
        for sibling in siblings { calls[sibling.key] = nil }
        send(LiveMessage.toolResponse(results))
    }

    /// The host brings no result for a call of an answer that is over; the model would say nothing more without one.
    mutating func answerLostCalls() {
        let lost = calls.filter { !answers.ledger.isLive($0.value.reply) }.sorted { $0.key < $1.key }
        guard !lost.isEmpty else { return }
        for (id, _) in lost { calls[id] = nil }
        let results = lost.map { _, call in
            call.result
                ?? LiveMessage.ToolResult(
                    id: call.vendorID, name: call.name, text: SpeechAnswers.interrupted, failed: true)
        }
        send(LiveMessage.toolResponse(results))
    }

    private func isCalling(_ reply: ResponseLedger.Reply) -> Bool {
        calls.values.contains { $0.reply == reply }
    }

    /// The answer ends, and what it called is not waited for.
    mutating func finish(_ reply: ResponseLedger.Reply, _ error: PluginError?) {
        calls = calls.filter { $0.value.reply != reply }
        answers.add(.end(error), to: reply)
    }

    // MARK: Requests of the host

    /// An empty text names the answer that the vendor gives by itself; any other is a typed turn.
    mutating func prompt(_ prompt: SpeechPrompt) -> Status {
        let open = answers.ledger.openReplies.count
        guard open < Self.maximumRequests, asked.count < Self.maximumRequests else { return .again }
        configureUnlessDone()
        guard prompt.text.isEmpty else {
            asked.append(answers.ask(prompt))
            send(LiveMessage.turn(prompt.text))
            return .ok
        }
        answers.name(prompt)
        return .ok
    }

    /// The model's turn goes on at the vendor, unheard, until it ends or is interrupted.
    public mutating func cancel(_ generation: UInt64) {
        answers.cancel(generation)
        answerLostCalls()
    }
}
