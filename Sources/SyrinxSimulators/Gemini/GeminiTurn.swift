// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One turn of the model ("Order of a turn"): parts faster than they are played, generationComplete, and turnComplete
/// once they may have been played.
final class GeminiTurn {
    private static let rate = 24_000

    /// A fault of what is sent may end it in the middle of a step.
    private weak var session: GeminiSession?
    private let words: [String]
    private let speaks: Bool
    private let shows: Bool
    private var timer: SimulatedTimer?
    private var isOver = false
    private var index = 0
    /// Of audio, in milliseconds: all that was made, and what was waited while it was.
    private var made = 0
    private var waited = 0

    init(_ session: GeminiSession, _ text: String, speaks: Bool, shows: Bool) {
        self.session = session
        self.speaks = speaks
        self.shows = shows
        words = SimulatedText.words(text)
    }

    func begin() { say() }

    func stop() {
        isOver = true
        timer?.cancel()
    }

    /// The caller spoke, or typed: no generationComplete, and the end at once.
    func interrupt() {
        guard !isOver else { return }
        session?.content(["interrupted": true], at: "interrupted")
        complete()
    }

    func complete() {
        guard !isOver, let session else { return }
        stop()
        session.said.append(words.prefix(index).joined())
        session.turn = nil
        session.send(["serverContent": ["turnComplete": true], "usageMetadata": usage], at: "done")
        session.tellHandle(isResumable: true)
    }

    private func say() {
        guard !isOver, let session else { return }
        guard index < words.count else { return generated(session) }
        let word = words[index]
        index += 1
        let pause = speaks ? speak(word, session) : write(word, session)
        waited += pause
        timer = session.socket.after(pause) { [weak self] in self?.say() }
    }

    private func write(_ word: String, _ session: GeminiSession) -> Int {
        session.content(["modelTurn": ["role": "model", "parts": [["text": .string(word)]]]], at: "delta")
        return 0
    }

    /// How long it takes to make, in milliseconds.
    private func speak(_ word: String, _ session: GeminiSession) -> Int {
        let voice = session.socket.settings.voice
        let samples = voice.speak(word, rate: Self.rate)
        let data: JSONValue = [
            "mimeType": "audio/pcm;rate=24000", "data": .string(Base64Text.encode(PCM.bytes(samples))),
        ]
        session.content(["modelTurn": ["role": "model", "parts": [["inlineData": data]]]], at: "audio")
        if shows { session.content(["outputTranscription": ["text": .string(word)]], at: "delta") }
        let length = samples.count * 1_000 / Self.rate
        made += length
        return length / voice.timesRealTime
    }

    private func generated(_ session: GeminiSession) {
        session.content(["generationComplete": true], at: "generated")
        timer = session.socket.after(max(0, made - waited)) { [weak self] in self?.complete() }
    }

    private var usage: JSONValue {
        let count = Int64(index)
        let modality: JSONValue = speaks ? "AUDIO" : "TEXT"
        return [
            "promptTokenCount": 20, "responseTokenCount": .int(count), "totalTokenCount": .int(count + 20),
            "promptTokensDetails": [["modality": "AUDIO", "tokenCount": 12], ["modality": "TEXT", "tokenCount": 8]],
            "responseTokensDetails": [["modality": modality, "tokenCount": .int(count)]],
        ]
    }
}
