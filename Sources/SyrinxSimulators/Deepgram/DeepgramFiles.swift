// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// `POST /v1/listen`: a line for each stretch of speech in a file.
enum DeepgramRecording {
    static func answer(_ request: SimulatedRequest, _ simulator: DeepgramSimulator) -> SimulatedResponse {
        guard let (samples, rate) = sound(request) else {
            return simulator.refuse("Bad Request: failed to process audio: corrupt or unsupported data", "", request)
        }
        var recogniser = SimulatedRecogniser(rate: rate, lines: simulator.settings.lines)
        var words: [(word: String, start: Double, end: Double)] = []
        for case .final(let line, let start, let end) in recogniser.feed(samples) + recogniser.finish() {
            words += DeepgramWords.spread(line, from: start, to: end)
        }
        return .json([
            "metadata": [
                "transaction_key": "deprecated", "request_id": .string(DeepgramSimulator.identifier(request)),
                "sha256": .string(String(repeating: "0", count: 64)), "created": "2026-01-01T00:00:00.000Z",
                "duration": .double(Double(samples.count) / Double(rate)), "channels": 1, "models": ["simulated"],
                "model_info": ["simulated": ["name": "simulated", "version": "1", "arch": "simulated"]],
            ],
            "results": ["channels": [["alternatives": [DeepgramWords.alternative(words)]]]],
        ])
    }

    private static func sound(_ request: SimulatedRequest) -> (samples: [Int16], rate: Int)? {
        if let file = PCM.samples(ofWAV: request.body) { return file }
        guard var audio = DeepgramAudio(request), !request.body.isEmpty else { return nil }
        return (audio.samples(request.body), audio.rate)
    }
}

/// `POST /v1/speak`: raw samples, or a streamed file of them.
enum DeepgramReading {
    private static let longestText = 2_000

    static func answer(_ request: SimulatedRequest, _ simulator: DeepgramSimulator) -> SimulatedResponse {
        guard let text = request.json?["text"]?.string, !text.isEmpty else {
            return simulator.refuse("the request body must have `text`", "PARSING_ERROR", request)
        }
        guard text.count <= longestText else {
            return simulator.refuse(
                SimulatedFailure(status: 413, code: "INPUT_TEXT_TOO_LONG", message: "at most 2000 characters"), request)
        }
        guard let sound = DeepgramSound(request), request.query("encoding") != nil else {
            return simulator.refuse("linear16, mulaw and alaw are simulated", "UNSUPPORTED_AUDIO_FORMAT", request)
        }
        let container = request.query("container") ?? "wav"
        let headers = [
            ("content-type", container == "none" ? "audio/l16" : "audio/wav"),
            ("dg-model-name", request.query("model") ?? "aura-asteria-en"), ("dg-char-count", "\(text.count)"),
        ]
        let samples = simulator.settings.voice.speak(text, rate: sound.rate)
        return .stream(status: 200, headers: headers) { stream in
            if container != "none" { stream.send(PCM.wav([], rate: sound.rate, isOpenEnded: true)) }
            let chunks = PCM.chunks(samples, milliseconds: 100, rate: sound.rate)
            stream.play(chunks.count, every: 0) {
                stream.send(sound.bytes(chunks[$0]), at: "audio")
            } end: {
                stream.point("done")
                stream.finish()
            }
        }
    }
}
