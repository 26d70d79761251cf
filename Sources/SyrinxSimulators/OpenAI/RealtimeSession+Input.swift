// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The caller's audio: speech is told by its energy, turns end by silence or by the client.
extension RealtimeSession {
    private static let shortestCommit = 100
    private static let largestAppend = 15 << 20

    /// All audio ever appended, in milliseconds.
    private var position: Int { earlier + detector.position }

    func renewDetector() {
        earlier += detector.position
        detector = SpeechDetector(
            rate: RealtimeSettings.rate(of: settings.inputFormat), silenceMilliseconds: settings.silenceMilliseconds)
        speechItem = nil
    }

    func append(_ event: JSONValue) {
        guard let text = event["audio"]?.string, let bytes = Base64Text.decode(text) else {
            return fail("invalid_value", "Invalid 'audio'. Expected base64 audio.", of: event, param: "audio")
        }
        guard bytes.count <= Self.largestAppend else {
            return fail("invalid_value", "The audio is larger than 15 MiB.", of: event, param: "audio")
        }
        let before = detector.position
        let heard = detector.feed(RealtimeSettings.decode(bytes, settings.inputFormat))
        uncommitted += detector.position - before
        // Without turn detection the buffer waits for the client.
        guard settings.turnDetection != nil else { return }
        for event in heard {
            switch event {
            case .started(let milliseconds): speechStarted(earlier + milliseconds)
            case .stopped(let milliseconds): speechStopped(earlier + milliseconds)
            case .speaking: break
            }
        }
    }

    private func speechStarted(_ milliseconds: Int) {
        let item = id("item")
        speechItem = item
        let start = max(0, milliseconds - settings.prefixMilliseconds)
        emit(
            "input_audio_buffer.speech_started", ["audio_start_ms": .int(Int64(start)), "item_id": .string(item)],
            at: "speech_started")
        if settings.interrupts { response?.cancel(reason: "turn_detected") }
    }

    private func speechStopped(_ milliseconds: Int) {
        guard let item = speechItem else { return }
        emit(
            "input_audio_buffer.speech_stopped",
            ["audio_end_ms": .int(Int64(milliseconds)), "item_id": .string(item)])
        take(item)
        guard settings.createsResponse else { return }
        response?.cancel(reason: "turn_detected")
        respond(nil, to: nil)
    }

    func commit(_ event: JSONValue) {
        guard uncommitted >= Self.shortestCommit else {
            let message =
                "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but "
            return fail(
                "input_audio_buffer_commit_empty", message + "buffer only has \(uncommitted)ms of audio.", of: event)
        }
        let item = speechItem ?? id("item")
        _ = detector.finish()
        take(item)
    }

    func clear() {
        uncommitted = 0
        renewDetector()
        emit("input_audio_buffer.cleared")
    }

    /// The buffer becomes an item, and its transcript comes a little later.
    private func take(_ item: String) {
        speechItem = nil
        uncommitted = 0
        let transcript = socket.settings.lines.next()
        let json: JSONValue = [
            "id": .string(item), "object": "realtime.item", "type": "message", "status": "completed", "role": "user",
            "content": [["type": "input_audio", "transcript": nil]],
        ]
        let previous: JSONValue = conversation.lastID.map { .string($0) } ?? nil
        emit(
            "input_audio_buffer.committed", ["item_id": .string(item), "previous_item_id": previous], at: "turn_end")
        add(RealtimeConversation.Entry(id: item, json: json, text: transcript), previous: previous)
        if settings.transcribes { transcribe(item, transcript) }
    }

    private func transcribe(_ item: String, _ transcript: String) {
        let head: [String: JSONValue] = ["item_id": .string(item), "content_index": 0]
        for word in SimulatedText.words(transcript) {
            emit(
                "conversation.item.input_audio_transcription.delta", head.merging(["delta": .string(word)]) { $1 },
                at: "partial")
        }
        let usage: JSONValue = ["type": "duration", "seconds": 1]
        emit(
            "conversation.item.input_audio_transcription.completed",
            head.merging(["transcript": .string(transcript), "usage": usage]) { $1 }, at: "final")
    }
}
