// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

// What the model says.

extension Dialogue {
    mutating func receive(_ event: ModelEvent) {
        switch event {
        case .contentStart(let block): begin(block)
        case .text(let id, let text): receive(text, blocks[id])
        case .audio(let id, let bytes): play(bytes, blocks[id])
        case .toolUse(let id, let name, let arguments): call(id, name, arguments)
        case .contentEnd(let id, let reason): end(blocks.removeValue(forKey: id), reason)
        case .completionEnd(let id):
            // One that comes late must not end the next answer.
            if let current, !hasCalls(current), id == nil || id == responses[current].completion { finish(current) }
        case .usage(let input, let output, let total):
            report(usage: [input, output, total])
        case .other: break
        }
    }

    /// The model counts from the session's beginning, the host what is new.
    private mutating func report(usage totals: [Int64]) {
        let counts = zip(totals, toldUsage).map { max(0, $0 - $1) }
        guard counts.contains(where: { $0 > 0 }) else { return }
        toldUsage = zip(totals, toldUsage).map { max($0, $1) }
        var event = OutgoingEvent(.usage)
        event.json = #"{"input_tokens":\#(counts[0]),"output_tokens":\#(counts[1]),"total_tokens":\#(counts[2])}"#
        effects.append(.tell(event))
    }

    private mutating func begin(_ block: ContentBlock) {
        // They come one after another; more open ones than this are a defect of the other side.
        if blocks.count >= 64 { blocks = [:] }
        blocks[block.id] = block
        switch (block.isUser, block.kind) {
        case (true, .text): beginCallerText()
        case (false, .text): if block.isSpeculative { openResponse(block.completion) }
        case (false, .audio):
            oddByte = nil
            openResponse(block.completion)
        case (false, .tool): openResponse(block.completion)
        default: break
        }
    }

    /// What the caller said is written down now; a new turn follows, so that nothing of a cancelled one can.
    private mutating func beginCallerText() {
        userText = ""
        if let current, responses[current].isDiscarded { finish(current) }
        expected.removeAll(where: \.isCancelled)
        if current == nil, !isTurnBegun { callerSpeaks(true) }
    }

    private mutating func receive(_ text: String, _ block: ContentBlock?) {
        guard let block, block.kind == .text else { return }
        if block.isUser {
            // Less, not equal: a space comes between.
            guard userText.utf8.count + text.utf8.count < Self.maximumWords else { return }
            userText += userText.isEmpty ? text : " \(text)"
        } else if Self.isInterruption(text) {
            interrupt()
        } else if let current, block.isSpeculative || !responses[current].hasPlan {
            responses[current].hasPlan = responses[current].hasPlan || block.isSpeculative
            let piece = responses[current].joined(text)
            if !piece.isEmpty { say(.delta(piece), current) }
        }
    }

    private mutating func play(_ bytes: [UInt8], _ block: ContentBlock?) {
        guard let block, block.kind == .audio, let current else { return }
        var bytes = oddByte.map { [$0] + bytes } ?? bytes
        oddByte = bytes.count.isMultiple(of: 2) ? nil : bytes.popLast()
        let samples = stride(from: 0, to: bytes.count, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
        if !samples.isEmpty { say(.audio(samples), current) }
    }

    private mutating func call(_ use: String, _ name: String, _ arguments: String) {
        openResponse(nil)
        guard let current else { return }
        guard !responses[current].isDiscarded else { return answer(use, Self.interrupted) }
        let value = arguments.isEmpty ? [:] : try? JSONValue(parsing: arguments)
        guard let value, value.object != nil else { return answer(use, ["error": "the arguments are no JSON object"]) }
        guard calls.count < Self.maximumCalls else { return answer(use, ["error": "too many calls at one time"]) }
        lastCall &+= 1
        calls[lastCall] = Call(use: use, generation: responses[current].generation)
        say(.toolCall(name: name, arguments: value.text, id: lastCall), current)
    }

    private mutating func end(_ block: ContentBlock?, _ reason: StopReason) {
        guard let block else { return }
        if block.isUser {
            guard block.kind == .text else { return }
            if !userText.isEmpty {
                effects.append(.tell(.final(userText, generation: 0)))
                hasWords = true
            }
            callerSpeaks(false)
        } else if reason == .interrupted {
            interrupt()
        } else if block.kind == .audio, reason == .endTurn, let current {
            finish(current)
        }
    }

    private mutating func interrupt() {
        callerSpeaks(true)
        effects += named.map { .cut(generation: $0) }
        // Its calls were never told.
        for (id, call) in calls where call.generation == nil {
            calls[id] = nil
            answer(call.use, Self.interrupted)
        }
        for place in responses.indices where responses[place].generation == nil {
            responses[place].forgetHeld()
            if !responses[place].isProducing { responses[place].hold(.end(nil)) }
        }
        if let current { finish(current) }
    }

    /// The model begins to answer, unless it is at it.
    private mutating func openResponse(_ completion: String?) {
        guard current == nil else { return }
        callerSpeaks(false)
        if responses.count >= Self.maximumUnnamed { responses.removeFirst() }
        guard let request = expected.first else {
            responses.append(Response(generation: nil, completion: completion, openedAt: now))
            effects.append(.tell(.turnEnd(probability: 1, generation: 0)))
            isTurnBegun = false
            // The host waits for words; after a turn of none it is told so.
            if !hasWords { effects.append(.tell(.final("", generation: 0))) }
            return hasWords = false
        }
        expected.removeFirst()
        var response = Response(generation: request.generation, completion: completion, openedAt: now)
        response.isDiscarded = request.isCancelled
        responses.append(response)
        remember(request.generation)
    }

    private mutating func finish(_ place: Int) {
        responses[place].isProducing = false
        if !responses[place].isDiscarded { say(.end(nil), place) }
        if responses[place].generation != nil { responses.remove(at: place) }
    }

    private func hasCalls(_ place: Int) -> Bool {
        calls.contains { $0.value.generation == responses[place].generation }
    }

    private mutating func say(_ item: ResponseLedger.Item, _ place: Int) {
        guard !responses[place].isDiscarded else { return }
        if let generation = responses[place].generation {
            effects.append(.say(item, generation: generation))
        } else {
            responses[place].hold(item)
        }
    }

    mutating func callerSpeaks(_ isSpeaking: Bool) {
        guard isCallerSpeaking != isSpeaking else { return }
        isCallerSpeaking = isSpeaking
        if isSpeaking { isTurnBegun = true }
        effects.append(.tell(OutgoingEvent(isSpeaking ? .speechStart : .speechStop)))
    }

    /// `{ "interrupted" : true }`, which stands where text would.
    private static func isInterruption(_ text: String) -> Bool {
        guard text.utf8.count < 64, text.contains("interrupted") else { return false }
        return (try? JSONValue(parsing: text))?["interrupted"]?.bool == true
    }
}
