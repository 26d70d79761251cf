// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// An assistant's message while it is spoken or written.
final class RealtimeItem {
    let id: String
    private let session: RealtimeSession
    private let response: String
    private let index: Int
    private let speaks: Bool
    private let format: String
    private let voice: SimulatedVoice
    private var text = ""
    private var milliseconds = 0
    private var previous: JSONValue = nil

    init(
        _ session: RealtimeSession, response: String, index: Int, speaks: Bool, format: String, speed: Double
    ) {
        self.session = session
        self.response = response
        self.index = index
        self.speaks = speaks
        self.format = format
        id = session.id("item")
        var voice = session.socket.settings.voice
        voice.millisecondsPerCharacter = Int(Double(voice.millisecondsPerCharacter) / min(max(speed, 0.25), 1.5))
        self.voice = voice
    }

    private var outer: [String: JSONValue] {
        ["response_id": .string(response), "output_index": .int(Int64(index))]
    }

    private var place: [String: JSONValue] {
        outer.merging(["item_id": .string(id), "content_index": 0]) { $1 }
    }

    func begin() {
        previous = session.conversation.lastID.map { .string($0) } ?? nil
        let item = json("in_progress", content: [])
        session.emit("response.output_item.added", outer.merging(["item": item]) { $1 })
        session.emit("conversation.item.added", ["item": item, "previous_item_id": previous])
        session.emit("response.content_part.added", place.merging(["part": part("")]) { $1 })
        _ = session.conversation.insert(RealtimeConversation.Entry(id: id, json: item))
    }

    /// Says a word; answers how long it is played, in milliseconds.
    func say(_ word: String) -> Int {
        text += word
        let delta: [String: JSONValue] = ["delta": .string(word)]
        guard speaks else {
            session.emit("response.output_text.delta", place.merging(delta) { $1 }, at: "delta")
            return 0
        }
        session.emit("response.output_audio_transcript.delta", place.merging(delta) { $1 }, at: "delta")
        let rate = RealtimeSettings.rate(of: format)
        let samples = voice.speak(word, rate: rate)
        let audio = Base64Text.encode(RealtimeSettings.encode(samples, format))
        session.emit("response.output_audio.delta", place.merging(["delta": .string(audio)]) { $1 }, at: "audio")
        session.hasSpoken = true
        let length = samples.count * 1000 / rate
        milliseconds += length
        return length
    }

    /// Tells that it is complete, or as far as it got; the item as it stays.
    func end(_ status: String) -> JSONValue {
        if speaks {
            session.emit("response.output_audio.done", place)
            session.emit("response.output_audio_transcript.done", place.merging(["transcript": .string(text)]) { $1 })
        } else {
            session.emit("response.output_text.done", place.merging(["text": .string(text)]) { $1 })
        }
        session.emit("response.content_part.done", place.merging(["part": part(text)]) { $1 })
        let item = json(status, content: [content])
        session.conversation[id] = RealtimeConversation.Entry(
            id: id, json: item, text: text, milliseconds: milliseconds)
        session.emit("response.output_item.done", outer.merging(["item": item]) { $1 })
        session.emit("conversation.item.done", ["item": item, "previous_item_id": previous])
        return item
    }

    private func part(_ text: String) -> JSONValue {
        speaks ? ["type": "audio", "transcript": .string(text)] : ["type": "text", "text": .string(text)]
    }

    private var content: JSONValue {
        speaks
            ? ["type": "output_audio", "transcript": .string(text)] : ["type": "output_text", "text": .string(text)]
    }

    private func json(_ status: String, content: [JSONValue]) -> JSONValue {
        [
            "id": .string(id), "object": "realtime.item", "type": "message", "status": .string(status),
            "role": "assistant", "content": .array(content),
        ]
    }
}
