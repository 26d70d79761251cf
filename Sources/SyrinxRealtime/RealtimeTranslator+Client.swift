// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
package import SyrinxCore

/// What the client says.
extension RealtimeTranslator {
    /// So much of the backlog is given to the session at once; more would hold up the other sessions of its thread.
    private static let slice = rate / 5
    /// Bytes of an event that is no audio, and values of any: the session keeps some of it, and tells it again.
    private static let largestOther = 1 << 20
    private static let mostValues = 16_384

    /// One text message.
    package mutating func receive(_ text: String, at instant: Instant) -> [Effect] {
        now = max(now, instant)
        var cause: String?
        do throws(RealtimeError) {
            let event = try Self.parse(text)
            cause = try event.text("event_id", limit: 512)
            let bytes = text.utf8.count
            let isAudio = try event.text("type") == "input_audio_buffer.append"
            guard isAudio || bytes <= Self.largestOther else {
                throw RealtimeError(
                    code: "invalid_event", message: "an event without audio has more than \(Self.largestOther) bytes")
            }
            accept(try ClientEvent(event), cause, bytes: bytes)
        } catch {
            send(error, cause: cause)
        }
        return take()
    }

    package mutating func receiveBinary(at instant: Instant) -> [Effect] {
        send(
            RealtimeError(
                code: "invalid_event", message: "a binary message: send JSON, audio in input_audio_buffer.append"))
        return take()
    }

    private static func parse(_ text: String) throws(RealtimeError) -> Fields {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: text, maximumBytes: maximumEvent, maximumValues: mostValues)
        } catch {
            throw RealtimeError(code: "invalid_json", message: "\(error.message) at \(error.place ?? "the beginning")")
        }
        guard json.object != nil else { throw RealtimeError(code: "invalid_event", message: "an event is an object") }
        return try Fields(json, "")
    }

    // MARK: the backlog

    /// Audio waits that the session can be given; ``work(at:)`` does it.
    package var hasWork: Bool { !backlog.isEmpty }
    /// No more is to be read from the client for now.
    package var isBehind: Bool { backlog.isFull }

    /// Gives the session the next bit of what waits.
    package mutating func work(at instant: Instant) -> [Effect] {
        now = max(now, instant)
        while let entry = backlog.next(upTo: Self.slice) {
            guard case .event(let event, let id, _) = entry else {
                if case .audio(let samples, _) = entry { hear(samples) }
                break
            }
            perform(event, id)
        }
        return take()
    }

    private mutating func accept(_ event: ClientEvent, _ cause: String?, bytes: Int) {
        if case .appendAudio(let bytes) = event {
            guard !setup.hasMedia else { return send(.unsupported("type", Self.otherWay), cause: cause) }
            // The format that holds when it comes is the one that it has.
            guard let samples = input.samples(of: bytes) else {
                return send(.invalid("audio", "is not whole 16-bit samples"), cause: cause)
            }
            guard backlog.isEmpty, samples.count <= Self.slice else { return backlog.add(samples) }
            return hear(samples)
        }
        guard backlog.isEmpty else { return backlog.add(event, id: cause, bytes: bytes) }
        perform(event, cause)
    }

    private mutating func hear(_ samples: [Int16]) {
        guard !samples.isEmpty else { return }
        heardSamples += samples.count
        bufferedSamples += samples.count
        effects.append(.hear(samples))
    }

    private mutating func perform(_ event: ClientEvent, _ cause: String?) {
        do throws(RealtimeError) {
            switch event {
            case .updateSession(let session): try update(session)
            case .appendAudio: break
            case .commitAudio: try commitAudio()
            case .clearAudio: clearAudio()
            case .createItem(let item, let previous): try create(item, after: previous)
            case .deleteItem(let id): try delete(id)
            case .retrieveItem(let id):
                guard let item = items[id] else { throw Self.unknownItem(id, "retrieve") }
                send("conversation.item.retrieved", ["item": item.json])
            case .truncateItem(let id, let content, let milliseconds):
                try truncate(id, content, milliseconds)
            case .createResponse(let order): try respond(order)
            case .cancelResponse(let id): try cancel(id)
            case .clearOutput: try clearOutput()
            }
        } catch {
            send(error, cause: cause)
        }
    }

    // MARK: the session

    private mutating func update(_ session: Fields) throws(RealtimeError) {
        let new = try settings.updated(session)
        if new.turnDetection == nil, settings.turnDetection != nil { settleSpeeches { _ in true } }
        use(new)
        send("session.updated", ["session": sessionJSON])
        configure()
    }

    /// What the session is told of the settings, where that changes.
    mutating func configure(_ order: ResponseOrder? = nil) {
        let brief = Effect.brief(
            instructions: order?.instructions ?? settings.instructions.flatMap { $0.isEmpty ? nil : $0 },
            tools: order?.tools ?? settings.offeredTools)
        if brief != briefed { effects.append(brief) }
        briefed = brief
        var adjustment = settings.adjustment(profile: setup.options)
        adjustment.speaksAnswers = order?.speaks ?? settings.speaks
        if adjustment != adjusted { submit(.adjust(adjustment)) }
        adjusted = adjustment
    }

    // MARK: items

    static func unknownItem(_ id: String, _ verb: String) -> RealtimeError {
        RealtimeError(
            code: "item_\(verb)_invalid_item_id", message: "there is no item `\(id.prefix(64))`", param: "item_id")
    }

    private mutating func create(_ item: RealtimeItem, after previous: String?) throws(RealtimeError) {
        var item = item
        if item.id.isEmpty { item.id = ids.next("item") }
        guard items[item.id] == nil else {
            throw RealtimeError(
                code: "item_create_duplicate_item_id", message: "there is an item `\(item.id.prefix(64))` already",
                param: "item.id")
        }
        var place: Int?
        switch previous {
        case nil: break
        case "root": place = 0
        case let previous?:
            guard let index = items.index(of: previous) else {
                throw RealtimeError(
                    code: "item_create_invalid_previous_item_id",
                    message: "there is no item `\(previous.prefix(64))`", param: "previous_item_id")
            }
            place = index + 1
        }
        announce(item, at: place)
        if case .output(let callID, let text) = item.kind { answerCall(callID, text) }
        isHistoryStale = true
    }

    /// Adds an item that is complete.
    mutating func announce(_ item: RealtimeItem, at place: Int? = nil) {
        items.add(item, at: place)
        tell("conversation.item.added", item)
        tell("conversation.item.done", item)
    }

    mutating func tell(_ type: String, _ item: RealtimeItem) {
        let previous = items.previous(of: item.id)
        send(type, ["item": item.json, "previous_item_id": previous.map(JSONValue.string) ?? .null])
    }

    private mutating func delete(_ id: String) throws(RealtimeError) {
        guard items[id] != nil, response?.message?.itemID != id else { throw Self.unknownItem(id, "delete") }
        items.remove(id)
        send("conversation.item.deleted", ["item_id": .string(id)])
        isHistoryStale = true
    }

    /// The caller has heard so much of an answer, and will hear no more of it.
    private mutating func truncate(_ id: String, _ content: Int, _ milliseconds: Int) throws(RealtimeError) {
        guard let item = items[id], case .message(.assistant, let parts) = item.kind,
            parts.indices.contains(content), parts[content].form == .outputAudio
        else { throw Self.unknownItem(id, "truncate") }
        let sent = Self.milliseconds(item.samples)
        guard milliseconds <= sent else {
            throw .invalid("audio_end_ms", "is \(milliseconds), but the item has \(sent) ms of audio")
        }
        send(
            "conversation.item.truncated",
            [
                "item_id": .string(id), "content_index": .int(Int64(content)),
                "audio_end_ms": .int(Int64(milliseconds)),
            ])
        if response?.message?.itemID == id {
            response?.message?.truncatedAt = milliseconds
        } else {
            cut(id, at: milliseconds)
            isHistoryStale = true
        }
    }

    /// Keeps of an answer's words what belongs to so much of its audio.
    mutating func cut(_ id: String, at milliseconds: Int) {
        items.change(id) { item in
            let sent = Self.milliseconds(item.samples)
            guard milliseconds < sent else { return }
            item.say(Self.words(of: item.text, share: Double(milliseconds) / Double(max(sent, 1))))
            item.samples = milliseconds * Self.rate / 1000
        }
    }

    /// Whole words from the beginning of a text.
    private static func words(of text: String, share: Double) -> String {
        let length = Int(Double(text.count) * share)
        let prefix = text.prefix(length)
        guard prefix.count < text.count, text[prefix.endIndex] != " " else { return String(prefix) }
        guard let space = prefix.lastIndex(of: " ") else { return "" }
        return String(prefix[..<space])
    }

    static func milliseconds(_ samples: Int) -> Int { samples / (rate / 1000) }
}
