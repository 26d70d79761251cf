// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// `POST /v1/audio/speech`: raw samples or a streamed RIFF file of 24 kHz; other formats are not simulated.
enum OpenAISpeech {
    static let rate = 24_000
    private static let longestInput = 4096

    static func answer(_ request: SimulatedRequest, _ simulator: OpenAISimulator) -> SimulatedResponse {
        func refuse(_ message: String, _ code: String = "") -> SimulatedResponse {
            simulator.refuse(SimulatedFailure(status: 400, code: code, message: message), request)
        }
        let body = request.json ?? nil
        if let refusal = OpenAIModels.refusal(of: body["model"]?.string, simulator, request) { return refusal }
        guard let input = body["input"]?.string, !input.isEmpty else { return refuse("`input` is required") }
        guard input.count <= longestInput else {
            return refuse("`input` is longer than 4096 characters", "string_above_max_length")
        }
        guard body["voice"]?.string != nil || body["voice"]?["id"] != nil else { return refuse("`voice` is required") }
        let speed = body["speed"]?.double ?? 1
        guard (0.25...4).contains(speed) else { return refuse("`speed` is 0.25 to 4") }
        var voice = simulator.settings.voice
        voice.millisecondsPerCharacter = Int(Double(voice.millisecondsPerCharacter) / speed)
        let samples = voice.speak(input, rate: rate)
        switch (body["stream_format"]?.string ?? "audio", body["response_format"]?.string ?? "mp3") {
        case ("sse", "pcm"): return events(samples, input)
        case ("audio", "pcm"): return stream(samples, "audio/pcm", head: [])
        case ("audio", "wav"): return stream(samples, "audio/wav", head: PCM.wav([], rate: rate, isOpenEnded: true))
        default: return refuse("this simulator makes pcm and wav only", "unsupported_format")
        }
    }

    private static func chunks(_ samples: [Int16]) -> [[UInt8]] {
        PCM.chunks(samples, milliseconds: 100, rate: rate).map(PCM.bytes)
    }

    private static func stream(_ samples: [Int16], _ type: String, head: [UInt8]) -> SimulatedResponse {
        .stream(status: 200, headers: [("content-type", type)]) { stream in
            let chunks = chunks(samples)
            if !head.isEmpty { stream.send(head) }
            stream.play(chunks.count, every: 0) {
                stream.send(chunks[$0], at: "audio")
            } end: {
                stream.point("done")
                stream.finish()
            }
        }
    }

    private static func events(_ samples: [Int16], _ input: String) -> SimulatedResponse {
        .stream(status: 200, headers: [("content-type", "text/event-stream")]) { stream in
            let chunks = chunks(samples)
            stream.play(chunks.count, every: 0) { index in
                stream.event(
                    ["type": "speech.audio.delta", "audio": .string(Base64Text.encode(chunks[index]))], at: "audio")
            } end: {
                stream.event(["type": "speech.audio.done", "usage": usage(input, chunks.count)], at: "done")
                stream.finish()
            }
        }
    }

    private static func usage(_ input: String, _ output: Int) -> JSONValue {
        let input = SimulatedText.words(input).count
        return [
            "input_tokens": .int(Int64(input)), "output_tokens": .int(Int64(output)),
            "total_tokens": .int(Int64(input + output)),
        ]
    }
}

/// `POST /v1/audio/transcriptions`: the next line of the script, where there is speech in the file.
enum OpenAITranscription {
    private static let shortest = 0.1

    static func answer(_ request: SimulatedRequest, _ simulator: OpenAISimulator) -> SimulatedResponse {
        func refuse(_ message: String, _ code: String = "") -> SimulatedResponse {
            simulator.refuse(SimulatedFailure(status: 400, code: code, message: message), request)
        }
        let form = request.form
        func field(_ name: String) -> String? { form.first { $0.name == name }?.text }
        if let refusal = OpenAIModels.refusal(of: field("model"), simulator, request) { return refusal }
        guard let file = form.first(where: { $0.name == "file" }), !file.bytes.isEmpty else {
            return refuse("`file` is required")
        }
        guard let (samples, rate) = PCM.samples(ofWAV: file.bytes) else {
            return refuse("Invalid file format; this simulator reads wav only", "unsupported_format")
        }
        let seconds = Double(samples.count) / Double(max(1, rate))
        guard seconds >= shortest else { return refuse("Audio file is too short.", "audio_too_short") }
        var detector = SpeechDetector(rate: rate)
        let line = detector.feed(samples).isEmpty ? SimulatedLine(text: "") : simulator.settings.lines.nextLine()
        let text = line.text
        if field("stream") == "true" { return stream(text, seconds) }
        switch field("response_format") ?? "json" {
        case "json": return .json(["text": .string(text), "usage": usage(seconds)])
        case "text":
            return .whole(status: 200, headers: [("content-type", "text/plain")], body: Array("\(text)\n".utf8))
        case "verbose_json":
            let language = JSONValue.string(name(line.language ?? "en"))
            return .json(["text": .string(text), "language": language, "duration": .double(seconds), "segments": []])
        default: return refuse("this simulator answers json, text and verbose_json only")
        }
    }

    private static func stream(_ text: String, _ seconds: Double) -> SimulatedResponse {
        .stream(status: 200, headers: [("content-type", "text/event-stream; charset=utf-8")]) { stream in
            let words = SimulatedText.words(text)
            stream.play(words.count, every: 0) { index in
                stream.event(["type": "transcript.text.delta", "delta": .string(words[index])], at: "delta")
            } end: {
                stream.event(
                    ["type": "transcript.text.done", "text": .string(text), "usage": usage(seconds)], at: "final")
                stream.finish()
            }
        }
    }

    /// As the vendor writes languages.
    private static func name(_ tag: String) -> String {
        let names = ["en": "english", "de": "german", "es": "spanish", "fr": "french", "it": "italian"]
        return names[String(tag.prefix { $0 != "-" }).lowercased()] ?? tag
    }

    private static func usage(_ seconds: Double) -> JSONValue {
        ["type": "duration", "seconds": .int(Int64(seconds.rounded(.up)))]
    }
}
