// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// What the session tells.
extension RealtimeTranslator {
    /// One event of the session.
    package mutating func noted(_ event: SessionEvent, at instant: Instant) -> [Effect] {
        now = max(now, instant)
        note(event)
        return take()
    }

    private mutating func note(_ event: SessionEvent) {
        switch event {
        case .userSpeechStarted:
            // A turn may begin.
            flushHistory()
            speechStarted()
        case .userSpeechStopped: speechStopped()
        case .finalTranscript(let text, _, let backchannel): heardWords(text, isBackchannel: backchannel)
        case .turnCommitted(let turn, let text, _, let source, _): begin(turn, text, source)
        case .turnHeld(let text):
            turnTaken(text)
            askIfReady()
        case .agentText(let turn, _, let text): say(text, turn)
        case .speechStarted(let speech, _): startSpeech(speech)
        case .speechFinished(let speech, _, let heard, let interrupted):
            finishSpeech(speech, heard, interrupted)
        case .turnEnded(let report): end(report)
        case .warning(let code, _): warned(code)
        case .started, .userAway, .userReturned, .keysPressed, .partialTranscript, .agentState, .toolCalled,
            .speechQueued, .pipelineSwitched, .languageChanged,
            .interruptionCandidate, .interruptionConfirmed, .interruptionFalse, .audioClear, .closed:
            break
        }
    }

    private mutating func warned(_ code: String) {
        switch code {
        case "transcript.timeout":
            settleSpeeches(failure: code) { _ in true }
            askIfReady()
        case "turn.dropped":
            settleSpeeches { _ in true }
            isHistoryStale = true
        case "turn.too_long":
            guard let response, response.origin == .asked, !response.isWaiting else { break }
            self.response?.failure = code
            finishResponse(.failed)
        default: break
        }
    }

    // MARK: turns

    private mutating func begin(_ turn: Int, _ text: String, _ source: TurnSource) {
        openTurn = turn
        calls = []
        if source != .text { turnTaken(text) }
        if response?.origin == .asked {
            response?.origin = .turn(turn)
            response?.isWaiting = false
        } else {
            finishResponse(.cancelled)
            startResponse(.turn(turn))
        }
    }

    private mutating func end(_ report: TurnReport) {
        if openTurn == report.turn {
            openTurn = nil
            calls = []
        }
        guard response?.origin == .turn(report.turn) else { return flushHistory() }
        response?.failure = report.failure
        if report.outcome == .interrupted { tellSpeeches() }
        finishResponse(
            report.outcome == .answered ? .completed : report.outcome == .failed ? .failed : .cancelled,
            heard: report.outcome == .answered ? nil : report.heard)
        flushHistory()
    }

    // MARK: a response

    mutating func startResponse(_ origin: RealtimeResponse.Origin, _ order: ResponseOrder = ResponseOrder()) {
        var response = RealtimeResponse(
            id: ids.next("resp"), order: order, speaks: order.speaks ?? settings.speaks, origin: origin)
        response.isWaiting = origin == .asked
        self.response = response
        send("response.created", ["response": json(response, .inProgress)])
    }

    private func json(_ response: RealtimeResponse, _ status: RealtimeResponse.Status) -> JSONValue {
        response.json(status, settings: settings, conversation: "conv_\(setup.id)")
    }

    /// - Parameter heard: what the caller has heard of it, where that is not all.
    mutating func finishResponse(_ status: RealtimeResponse.Status, heard: String? = nil) {
        guard response != nil else { return }
        finishMessage(status == .completed ? .completed : .incomplete, heard: heard)
        guard let response else { return }
        self.response = nil
        send("response.done", ["response": json(response, status)])
        send("rate_limits.updated", ["rate_limits": []])
        endOutput(of: response, status)
        // What was asked of this response alone holds no longer.
        if response.order != ResponseOrder() { configure() }
        if response.order.input != nil || !response.order.isInConversation { isHistoryStale = true }
        // Speech that was kept back did interrupt, or will be answered next.
        if status == .cancelled { tellSpeeches() }
        commitToldSpeeches()
    }

    /// - Returns: false when nothing is being answered or said.
    private mutating func ensureResponse() -> Bool {
        if response != nil { return true }
        guard let openTurn else { return false }
        startResponse(.turn(openTurn))
        return true
    }

    // MARK: words and audio

    private mutating func say(_ text: String, _ turn: Int?) {
        guard ensureResponse() else { return }
        let message = ensureMessage()
        response?.message?.text += text
        let type = response?.speaks == true ? "response.output_audio_transcript.delta" : "response.output_text.delta"
        send(type, place(message, ["delta": .string(text)]))
    }

    /// One frame of the agent's audio, at the session's rate.
    package mutating func said(_ samples: UnsafeBufferPointer<Int16>, at instant: Instant) -> [Effect] {
        now = max(now, instant)
        guard ensureResponse() else { return take() }
        if response?.pauseEnds != nil { response?.pauseEnds = now + Self.pauseAfterSpeech }
        guard response?.speaks == true else { return take() }
        let message = ensureMessage()
        response?.message?.samples += samples.count
        guard !setup.hasMedia else {
            startOutput()
            return take()
        }
        let bytes = output.bytes(of: Array(samples))
        if !bytes.isEmpty {
            send("response.output_audio.delta", place(message, ["delta": .string(Base64.encode(bytes))]))
        }
        return take()
    }

    private func place(
        _ message: RealtimeResponse.Message, _ more: [String: JSONValue]
    ) -> [String: JSONValue] {
        var fields = more
        fields["response_id"] = .string(response?.id ?? "")
        fields["item_id"] = .string(message.itemID)
        fields["output_index"] = .int(Int64(message.index))
        fields["content_index"] = 0
        return fields
    }

    private mutating func ensureMessage() -> RealtimeResponse.Message {
        if let message = response?.message { return message }
        let message = RealtimeResponse.Message(itemID: ids.next("item"), index: response?.nextIndex ?? 0)
        response?.message = message
        response?.nextIndex += 1
        let empty = RealtimeItem(id: message.itemID, kind: .message(.assistant, []), status: .inProgress)
        addOutput(empty, at: message.index)
        send("response.content_part.added", place(message, ["part": part("")]))
        return message
    }

    private mutating func addOutput(_ item: RealtimeItem, at index: Int) {
        send(
            "response.output_item.added",
            ["response_id": .string(response?.id ?? ""), "output_index": .int(Int64(index)), "item": item.json])
        guard response?.order.isInConversation == true else { return }
        items.add(item)
        tell("conversation.item.added", item)
    }

    private func part(_ text: String) -> JSONValue {
        response?.speaks == true
            ? ["type": "audio", "transcript": .string(text)] : ["type": "text", "text": .string(text)]
    }

    mutating func finishMessage(_ status: RealtimeItem.Status, heard: String?) {
        guard let response, let message = response.message else { return }
        if response.speaks {
            send("response.output_audio.done", place(message, [:]))
            send("response.output_audio_transcript.done", place(message, ["transcript": .string(message.text)]))
        } else {
            send("response.output_text.done", place(message, ["text": .string(message.text)]))
        }
        send("response.content_part.done", place(message, ["part": part(message.text)]))
        self.response?.message = nil
        let form: RealtimeItem.Part.Form = response.speaks ? .outputAudio : .outputText
        var item = RealtimeItem(
            id: message.itemID, kind: .message(.assistant, [RealtimeItem.Part(form: form, text: message.text)]),
            status: status)
        item.samples = message.samples
        finishOutput(item, at: message.index)
        if let heard { items.change(item.id) { $0.say(heard) } }
        guard let cut = message.truncatedAt else { return }
        self.cut(item.id, at: cut)
        isHistoryStale = true
    }

    private mutating func finishOutput(_ item: RealtimeItem, at index: Int) {
        send(
            "response.output_item.done",
            ["response_id": .string(response?.id ?? ""), "output_index": .int(Int64(index)), "item": item.json])
        response?.finishedItems.append(item)
        guard response?.order.isInConversation == true else { return }
        items.change(item.id) { $0 = item }
        if items[item.id] != nil { tell("conversation.item.done", item) }
    }

    // MARK: what is said without a turn

    private mutating func startSpeech(_ speech: UInt64) {
        guard response == nil, openTurn == nil else { return }
        startResponse(.speech(speech))
        response?.isWaiting = false
    }

    /// Its words are known when it is over.
    private mutating func finishSpeech(_ speech: UInt64, _ heard: String, _ interrupted: Bool) {
        guard response?.origin == .speech(speech) else { return }
        if !heard.isEmpty { say(heard, nil) }
        finishResponse(interrupted ? .cancelled : .completed)
    }

    // MARK: tools

    /// Nothing more of the agent is awaited beyond this, once it has called a tool.
    private static var pauseAfterCall: Duration { .milliseconds(40) }
    private static var pauseAfterSpeech: Duration { .milliseconds(300) }
    private static var pauseForSpeech: Duration { .seconds(2) }

    /// The agent wants a tool used; the client has it. Its result is an input of the conversation.
    package mutating func called(
        generation: UInt64, call: UInt64, name: String, arguments: String, at instant: Instant
    ) -> [Effect] {
        now = max(now, instant)
        guard ensureResponse() else { return take() }
        let callID = ids.next("call")
        calls.append(OpenCall(generation: generation, number: call, callID: callID))
        let index = response?.nextIndex ?? 0
        response?.nextIndex += 1
        let arguments = arguments.isEmpty ? "{}" : arguments
        let id = ids.next("item")
        let begun = RealtimeItem(
            id: id, kind: .call(callID: callID, name: name, arguments: ""), status: .inProgress)
        addOutput(begun, at: index)
        let place: [String: JSONValue] = [
            "response_id": .string(response?.id ?? ""), "item_id": .string(id), "output_index": .int(Int64(index)),
            "call_id": .string(callID),
        ]
        send("response.function_call_arguments.delta", place.merging(["delta": .string(arguments)]) { $1 })
        send(
            "response.function_call_arguments.done",
            place.merging(["name": .string(name), "arguments": .string(arguments)]) { $1 })
        finishOutput(
            RealtimeItem(id: id, kind: .call(callID: callID, name: name, arguments: arguments)), at: index)
        guard let message = response?.message, response?.speaks == true, !message.text.isEmpty else {
            response?.pauseEnds = now + Self.pauseAfterCall
            return take()
        }
        response?.pauseEnds = now + (message.samples == 0 ? Self.pauseForSpeech : Self.pauseAfterSpeech)
        return take()
    }
}
