// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The model's answers on their way: planned text, audio, and the text that was spoken, sentence by sentence.
final class NovaSpeaker {
    private static let pieceMilliseconds = 40

    private let stream: SimulatedStream
    private var names = 0
    private var completion = 0
    private var outputTokens = 0
    private var audioID: String?
    private var player: SimulatedTimer?
    private var playout: SimulatedTimer?
    /// Hertz.
    var rate = 24_000

    /// The client still plays, or will: who speaks now interrupts.
    private(set) var isPlaying = false

    init(_ stream: SimulatedStream) { self.stream = stream }

    // MARK: blocks

    func heard(_ text: String) {
        block("TEXT", "USER", stage: "FINAL", text, reason: "PARTIAL_TURN", at: "final")
    }

    func call(_ name: String, _ arguments: JSONValue, use: String) {
        let id = start("TOOL", "TOOL", nil, ["toolUseOutputConfiguration": ["mediaType": "application/json"]])
        let body: JSONValue = [
            "toolName": .string(name), "toolUseId": .string(use), "content": .string(arguments.text),
        ]
        say("toolUse", id, body, at: "tool_call")
        end(id, "TOOL", "TOOL_USE")
    }

    func speak(_ text: String) {
        beginCompletion()
        speak(Self.sentences(text)[...], milliseconds: 0)
    }

    /// The caller speaks: what is not sent is dropped.
    func interrupt() {
        guard isPlaying else { return }
        isPlaying = false
        player?.cancel()
        playout?.cancel()
        if let audioID { end(audioID, "AUDIO", "INTERRUPTED") }
        audioID = nil
        block(
            "TEXT", "ASSISTANT", stage: "FINAL", #"{ "interrupted" : true }"#, reason: "INTERRUPTED", at: "interrupted")
        endCompletion("INTERRUPTED")
    }

    private func speak(_ sentences: ArraySlice<String>, milliseconds: Int) {
        guard let sentence = sentences.first else {
            endCompletion("END_TURN")
            return
        }
        isPlaying = true
        block("TEXT", "ASSISTANT", stage: "SPECULATIVE", sentence, reason: "PARTIAL_TURN", at: "delta")
        let samples = stream.settings.voice.speak(sentence, rate: rate)
        let pieces = PCM.chunks(samples, milliseconds: Self.pieceMilliseconds, rate: rate)
        let id = start("AUDIO", "ASSISTANT", nil, ["audioOutputConfiguration": ["sampleRateHertz": .int(Int64(rate))]])
        audioID = id
        let pace = max(1, Self.pieceMilliseconds / stream.settings.voice.timesRealTime)
        let length = milliseconds + samples.count * 1000 / rate
        player = stream.play(pieces.count, every: pace) { [weak self] place in
            self?.say("audioOutput", id, ["content": .string(Base64Text.encode(PCM.bytes(pieces[place])))], at: "audio")
        } end: { [weak self] in
            self?.spoke(sentence, id, sentences.dropFirst(), length)
        }
    }

    private func spoke(_ sentence: String, _ id: String, _ rest: ArraySlice<String>, _ length: Int) {
        audioID = nil
        end(id, "AUDIO", rest.isEmpty ? "END_TURN" : "PARTIAL_TURN", at: rest.isEmpty ? "done" : nil)
        block("TEXT", "ASSISTANT", stage: "FINAL", sentence, reason: "END_TURN", at: "spoken")
        outputTokens += SimulatedText.words(sentence).count
        if rest.isEmpty {
            // It was made faster than it is played.
            let sent = length / stream.settings.voice.timesRealTime
            playout = stream.after(max(0, length - sent)) { [weak self] in self?.isPlaying = false }
        }
        speak(rest, milliseconds: length)
    }

    private func beginCompletion() {
        completion += 1
        stream.send(event("completionStart", [:]), at: "completion", as: NovaFrame.chunk)
    }

    private func endCompletion(_ reason: String) {
        let tokens = Int64(outputTokens)
        let usage: JSONValue = [
            "totalInputTokens": .int(tokens), "totalOutputTokens": .int(tokens), "totalTokens": .int(2 * tokens),
            "details": [:],
        ]
        stream.send(event("usageEvent", usage), at: "usage", as: NovaFrame.chunk)
        stream.send(event("completionEnd", ["stopReason": .string(reason)]), at: "completion", as: NovaFrame.chunk)
    }

    // MARK: events

    private func block(
        _ type: String, _ role: String, stage: String, _ text: String, reason: String, at point: String
    ) {
        let id = start(type, role, stage, ["textOutputConfiguration": ["mediaType": "text/plain"]])
        say("textOutput", id, ["content": .string(text), "role": .string(role)], at: point)
        end(id, type, reason)
    }

    private func start(_ type: String, _ role: String, _ stage: String?, _ configuration: JSONValue) -> String {
        names += 1
        let id = "content-\(names)"
        var body = configuration.object ?? [:]
        body["type"] = .string(type)
        body["role"] = .string(role)
        if let stage { body["additionalModelFields"] = .string(#"{"generationStage":"\#(stage)"}"#) }
        say("contentStart", id, .object(body), at: nil)
        return id
    }

    private func end(_ id: String, _ type: String, _ reason: String, at point: String? = nil) {
        say("contentEnd", id, ["type": .string(type), "stopReason": .string(reason)], at: point)
    }

    private func say(_ name: String, _ id: String, _ body: JSONValue, at point: String?) {
        var body = body.object ?? [:]
        body["contentId"] = .string(id)
        stream.send(event(name, .object(body)), at: point, as: NovaFrame.chunk)
    }

    private func event(_ name: String, _ body: JSONValue) -> JSONValue {
        var body = body.object ?? [:]
        body["sessionId"] = "session-1"
        body["promptName"] = .string(prompt)
        body["completionId"] = .string("completion-\(completion)")
        return ["event": .object([name: .object(body)])]
    }

    /// What the client calls it.
    var prompt = ""

    private static func sentences(_ text: String) -> [String] {
        var (sentences, sentence): ([String], String) = ([], "")
        for word in SimulatedText.words(text) {
            sentence += word
            let trimmed = sentence.split(separator: " ").joined(separator: " ")
            guard let last = trimmed.last, ".!?".contains(last), trimmed.count > 1 else { continue }
            sentences.append(trimmed)
            sentence = ""
        }
        let rest = sentence.split(separator: " ").joined(separator: " ")
        return rest.isEmpty ? sentences : sentences + [rest]
    }
}
