// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// One live transcription, `/v1/listen`: interim results word by word, a final one after each fourth word and at the end.
final class DeepgramEar: SimulatedSession {
    private static let wordsOfStretch = 4
    /// The vendor calls silence final now and then.
    private static let silentMilliseconds = 3_000
    private static let idleMilliseconds = 10_000

    private let socket: SimulatedSocket
    private var audio: DeepgramAudio
    private var recogniser: SimulatedRecogniser
    /// Everything before it was told as final, in milliseconds.
    private var finalTo = 0
    /// Words of the line that were told as final.
    private var finalWords = 0
    /// What ``finalWords`` becomes once the message under way is out, and how many were before it.
    private var underWay: (finalWords: Int, sentCount: Int)?
    /// The end of the last word, while `UtteranceEnd` is owed.
    private var lastWordEnd: Int?
    private var idle: SimulatedTimer?
    private let asksInterim: Bool
    private let asksSpeechEvents: Bool
    private let utteranceEnd: Int?
    private let tellsLanguage: Bool

    init(_ socket: SimulatedSocket, _ audio: DeepgramAudio) {
        self.socket = socket
        self.audio = audio
        let request = socket.request
        asksInterim = request.query("interim_results") == "true"
        tellsLanguage = request.query("language") == "multi"
        asksSpeechEvents = request.query("vad_events") == "true"
        utteranceEnd = request.query("utterance_end_ms").flatMap { Int($0) }
        let endpointing = request.query("endpointing") ?? "10"
        // What is shorter than 400 ms would tear words apart that a caller only draws out.
        let silence = endpointing == "false" ? 600_000 : max(400, Int(endpointing) ?? 10)
        recogniser = SimulatedRecogniser(
            rate: audio.rate, lines: socket.settings.lines, silenceMilliseconds: silence)
    }

    func opened() {
        socket.point("ready")
        expectMore()
    }

    func received(binary: [UInt8]) {
        expectMore()
        guard !binary.isEmpty else { return finish() }
        for event in recogniser.feed(audio.samples(binary)) { tell(event, isFinalize: false) }
        if !recogniser.isSpeaking, recogniser.position - finalTo >= Self.silentMilliseconds {
            results("", to: recogniser.position, isFinal: true)
        }
        endUtterance()
    }

    func received(text: String) {
        expectMore()
        switch (try? JSONValue(parsing: text))?["type"]?.string {
        case "KeepAlive": break
        case "Finalize": finalize()
        case "CloseStream": finish()
        default: socket.close(1008, "DATA-0000")
        }
    }

    func closed() {
        // Whoever was cut off says it again on the next connection.
        settleWords()
        recogniser.abandon(butFor: finalWords)
    }

    // MARK: hearing

    private func tell(_ event: SimulatedRecogniser.Event, isFinalize: Bool) {
        switch event {
        case .started(let milliseconds):
            (finalWords, lastWordEnd) = (0, nil)
            guard asksSpeechEvents else { return }
            socket.send(
                ["type": "SpeechStarted", "channel": [0, 1], "timestamp": seconds(milliseconds)], at: "speech_started")
        case .partial(let text):
            let words = SimulatedText.words(text)
            let stretch = words.dropFirst(finalWords)
            if stretch.count > Self.wordsOfStretch {
                // The newest word may still be going on.
                underWay = (words.count - 1, socket.sentCount)
                results(stretch.dropLast().joined(), to: recogniser.position, isFinal: true)
                settleWords()
            } else if asksInterim {
                results(stretch.joined(), to: recogniser.position, isFinal: false)
            }
        case .final(let line, _, let end):
            let rest = SimulatedText.words(line).dropFirst(finalWords).joined()
            lastWordEnd = end
            finalWords = 0
            let sentCount = socket.sentCount
            results(rest, to: recogniser.position, isFinal: true, isSpeechFinal: !isFinalize, isFinalize: isFinalize)
            if socket.sentCount == sentCount, !rest.isEmpty {
                socket.settings.lines.giveBack(SimulatedLine(text: rest, language: recogniser.language))
            }
        }
    }

    /// A connection may end within `send`, before the message or behind it.
    private func settleWords() {
        if let underWay, socket.sentCount > underWay.sentCount { finalWords = underWay.finalWords }
        underWay = nil
    }

    private func finalize() {
        let events = recogniser.finish()
        for event in events { tell(event, isFinalize: true) }
        if events.isEmpty { results("", to: recogniser.position, isFinal: true, isFinalize: true) }
    }

    private func endUtterance() {
        guard let utteranceEnd, let end = lastWordEnd, !recogniser.isSpeaking,
            recogniser.position - end >= utteranceEnd
        else { return }
        lastWordEnd = nil
        socket.send(
            ["type": "UtteranceEnd", "channel": [0, 1], "last_word_end": seconds(end)], at: "utterance_end")
    }

    private func finish() {
        idle?.cancel()
        for event in recogniser.finish() { tell(event, isFinalize: false) }
        socket.send(
            [
                "type": "Metadata", "transaction_key": "deprecated",
                "request_id": .string(DeepgramSimulator.identifier(socket.request)),
                "sha256": .string(String(repeating: "0", count: 64)), "created": "2026-01-01T00:00:00.000Z",
                "duration": seconds(recogniser.position), "channels": 1,
            ], at: "usage")
        socket.point("done")
        socket.close()
    }

    /// NET-0001: nothing has come for 10 s.
    private func expectMore() {
        idle?.cancel()
        idle = socket.after(Self.idleMilliseconds) { [weak self] in self?.socket.close(1011, "NET-0001") }
    }

    // MARK: telling

    private func results(
        _ text: String, to end: Int, isFinal: Bool, isSpeechFinal: Bool = false, isFinalize: Bool = false
    ) {
        let start = finalTo
        if isFinal { finalTo = end }
        let words = DeepgramWords.spread(text, from: start, to: end)
        let language = tellsLanguage ? recogniser.language ?? "en" : nil
        socket.send(
            [
                "type": "Results", "channel_index": [0, 1], "start": seconds(start), "duration": seconds(end - start),
                "is_final": .bool(isFinal), "speech_final": .bool(isSpeechFinal), "from_finalize": .bool(isFinalize),
                "channel": ["alternatives": [DeepgramWords.alternative(words, in: language)]],
                "metadata": metadata,
            ], at: isFinalize ? "finalized" : isFinal ? "final" : "partial")
    }

    private var metadata: JSONValue {
        [
            "request_id": .string(DeepgramSimulator.identifier(socket.request)),
            "model_info": [
                "name": .string(socket.request.query("model") ?? "nova-3"), "version": "simulated", "arch": "simulated",
            ],
            "model_uuid": "00000000-0000-4000-8000-00000000beef",
        ]
    }

    private func seconds(_ milliseconds: Int) -> JSONValue { .double(Double(milliseconds) / 1_000) }
}

/// Words in the vendor's shape.
enum DeepgramWords {
    /// The words of a text, spread evenly over a stretch in milliseconds.
    static func spread(_ text: String, from start: Int, to end: Int) -> [(word: String, start: Double, end: Double)] {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        let step = Double(end - start) / Double(max(1, words.count))
        return words.enumerated().map { index, word in
            let begin = Double(start) + Double(index) * step
            return (word, begin / 1_000, (begin + step) / 1_000)
        }
    }

    /// - Parameter language: that is told, word by word; nil = none is.
    static func alternative(
        _ words: [(word: String, start: Double, end: Double)], in language: String? = nil
    ) -> JSONValue {
        var fields: [String: JSONValue] = [
            "transcript": .string(words.map(\.word).joined(separator: " ")),
            "confidence": .double(words.isEmpty ? 0 : 0.98),
            "words": .array(
                words.map { word in
                    var fields: [String: JSONValue] = [
                        "word": .string(word.word.lowercased().filter { $0.isLetter || $0.isNumber }),
                        "start": .double(word.start), "end": .double(word.end), "confidence": 0.98,
                        "punctuated_word": .string(word.word),
                    ]
                    fields["language"] = language.map { .string($0) }
                    return .object(fields)
                }),
        ]
        fields["languages"] = language.map { words.isEmpty ? [] : [.string($0)] }
        return .object(fields)
    }
}
