// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One answer of a Realtime session, from `response.created` to `response.done` (openai-realtime, Order of events, 3).
///
/// Speech is made some times faster than it is played, word by word.
final class RealtimeResponse {
    let id: String
    /// Held until its end, since a fault of what is sent may end the socket in the middle of a step; `closed` lets go.
    private let session: RealtimeSession
    private let parameters: JSONValue
    private let answer: SimulatedMind.Answer
    private let modalities: JSONValue
    private let format: String
    private let limit: Int?
    private var output: [JSONValue] = []
    private var item: RealtimeItem?
    private var playing: SimulatedTimer?
    private var isDone = false
    private var tokens = 0

    init(_ session: RealtimeSession, _ parameters: JSONValue, _ answer: SimulatedMind.Answer) {
        self.session = session
        self.parameters = parameters
        self.answer = answer
        id = session.id("resp")
        modalities = parameters["output_modalities"] ?? session.settings.json["output_modalities"] ?? ["audio"]
        format = parameters["audio"]?["output"]?["format"]?["type"]?.string ?? session.settings.outputFormat
        limit = (parameters["max_output_tokens"] ?? session.settings.json["max_output_tokens"])?.int
            .map { max(0, Int(clamping: $0)) }
    }

    private var speaks: Bool { modalities.array?.contains("audio") ?? true }

    func begin() {
        session.emit("response.created", ["response": object("in_progress", usage: nil)], at: "created")
        switch answer {
        case .text(let text): speak(text)
        case .calls(let calls):
            for (index, call) in calls.enumerated() { self.call(index, call.name, call.arguments) }
            done("completed")
        }
    }

    func stop() {
        isDone = true
        playing?.cancel()
    }

    // MARK: a message

    private func speak(_ text: String) {
        let words = SimulatedText.words(text)
        let shown = Array(words.prefix(limit ?? words.count))
        let item = RealtimeItem(
            session, response: id, index: output.count, speaks: speaks, format: format, speed: session.settings.speed)
        self.item = item
        item.begin()
        say(shown, 0, item, isWhole: shown.count == words.count)
    }

    private func say(_ words: [String], _ index: Int, _ item: RealtimeItem, isWhole: Bool) {
        guard !isDone else { return }
        guard index < words.count else {
            finish(item, "completed")
            let details: JSONValue = ["type": "incomplete", "reason": "max_output_tokens"]
            return isWhole ? done("completed") : done("incomplete", details)
        }
        tokens += 1
        let length = item.say(words[index])
        playing = session.socket.after(length / session.socket.settings.voice.timesRealTime) { [weak self] in
            self?.say(words, index + 1, item, isWhole: isWhole)
        }
    }

    private func finish(_ item: RealtimeItem, _ status: String) {
        output.append(item.end(status))
        self.item = nil
    }

    // MARK: a call

    private func call(_ index: Int, _ name: String, _ arguments: JSONValue) {
        let item = session.id("item")
        let callID = session.id("call")
        func json(_ status: String, _ arguments: String) -> JSONValue {
            [
                "id": .string(item), "object": "realtime.item", "type": "function_call", "status": .string(status),
                "name": .string(name), "call_id": .string(callID), "arguments": .string(arguments),
            ]
        }
        let place: [String: JSONValue] = [
            "response_id": .string(id), "item_id": .string(item), "output_index": .int(Int64(index)),
            "call_id": .string(callID),
        ]
        let previous: JSONValue = session.conversation.lastID.map { .string($0) } ?? nil
        let added: [String: JSONValue] = ["item": json("in_progress", "")]
        let outer: [String: JSONValue] = ["response_id": .string(id), "output_index": .int(Int64(index))]
        session.emit("response.output_item.added", outer.merging(added) { $1 })
        session.emit("conversation.item.added", added.merging(["previous_item_id": previous]) { $1 })
        for piece in arguments.text.pieces(of: 8) {
            session.emit(
                "response.function_call_arguments.delta", place.merging(["delta": .string(piece)]) { $1 }, at: "delta")
        }
        let whole = json("completed", arguments.text)
        _ = session.conversation.insert(RealtimeConversation.Entry(id: item, json: whole))
        session.emit(
            "response.function_call_arguments.done",
            place.merging(["name": .string(name), "arguments": .string(arguments.text)]) { $1 }, at: "tool_call")
        session.emit("response.output_item.done", outer.merging(["item": whole]) { $1 })
        session.emit("conversation.item.done", ["item": whole, "previous_item_id": previous])
        output.append(whole)
        tokens += 8
    }

    // MARK: the end

    func cancel(reason: String) {
        guard !isDone else { return }
        if let item { finish(item, "incomplete") }
        done("cancelled", ["type": "cancelled", "reason": .string(reason)])
    }

    private func done(_ status: String, _ details: JSONValue = nil) {
        stop()
        session.response = nil
        session.emit("response.done", ["response": object(status, details, usage: usage)], at: "done")
        session.emit(
            "rate_limits.updated",
            ["rate_limits": [["name": "tokens", "limit": 40000, "remaining": 39000, "reset_seconds": 1.5]]])
    }

    private func object(_ status: String, _ details: JSONValue = nil, usage: JSONValue?) -> JSONValue {
        [
            "object": "realtime.response", "id": .string(id), "status": .string(status), "status_details": details,
            "output": .array(output), "conversation_id": .string("conv_\(session.socket.request.connection)"),
            "output_modalities": modalities, "metadata": parameters["metadata"] ?? nil,
            "max_output_tokens": limit.map { .int(Int64($0)) } ?? "inf", "usage": usage ?? nil,
            "audio": ["output": session.settings.json["audio"]?["output"] ?? [:]],
        ]
    }

    private var usage: JSONValue {
        let said = Int64(tokens)
        let cached: JSONValue = ["text_tokens": 0, "audio_tokens": 0, "image_tokens": 0]
        let input: JSONValue = [
            "text_tokens": 10, "audio_tokens": 10, "image_tokens": 0, "cached_tokens": 0,
            "cached_tokens_details": cached,
        ]
        return [
            "total_tokens": .int(said + 20), "input_tokens": 20, "output_tokens": .int(said),
            "input_token_details": input, "output_token_details": ["text_tokens": .int(said), "audio_tokens": 0],
        ]
    }
}
