// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// An `output_format`.
struct ElevenLabsFormat {
    let rate: Int
    private let codec: String

    /// Nil for what is not simulated.
    init?(_ name: String) {
        let parts = name.split(separator: "_").map(String.init)
        guard parts.count == 2, ["pcm", "ulaw", "alaw"].contains(parts[0]), let rate = Int(parts[1]),
            [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000].contains(rate), parts[0] == "pcm" || rate == 8_000
        else { return nil }
        codec = parts[0]
        self.rate = rate
    }

    var mediaType: String { codec == "pcm" ? "audio/pcm" : "audio/basic" }

    func bytes(_ samples: [Int16]) -> [UInt8] {
        switch codec {
        case "ulaw": PCM.mulaw(samples)
        case "alaw": PCM.alaw(samples)
        default: PCM.bytes(samples)
        }
    }
}

/// A piece of speech with the times of its characters, which are relative to the piece.
struct ElevenLabsPiece {
    private static let longestPiece = 30

    let characters: [String]
    private let millisecondsPerCharacter: Int
    private let samples: [Int16]

    /// A text as pieces of whole words.
    static func pieces(_ text: String, _ voice: SimulatedVoice, rate: Int) -> [ElevenLabsPiece] {
        var pieces: [String] = []
        for word in SimulatedText.words(text) {
            if let last = pieces.last, last.count + word.count <= longestPiece {
                pieces[pieces.count - 1] = last + word
            } else {
                pieces.append(word)
            }
        }
        return pieces.map { piece in
            ElevenLabsPiece(
                characters: piece.map(String.init), millisecondsPerCharacter: voice.millisecondsPerCharacter,
                samples: voice.speak(piece, rate: rate))
        }
    }

    func audio(_ format: ElevenLabsFormat) -> [UInt8] { format.bytes(samples) }

    var milliseconds: Int { characters.count * millisecondsPerCharacter }

    /// Over the sockets.
    func message(_ format: ElevenLabsFormat) -> [String: JSONValue] {
        let alignment: JSONValue = [
            "chars": .array(characters.map(JSONValue.string)),
            "charStartTimesMs": .array(characters.indices.map { .int(Int64($0 * millisecondsPerCharacter)) }),
            "charDurationsMs": .array(characters.map { _ in .int(Int64(millisecondsPerCharacter)) }),
        ]
        return [
            "audio": .string(Base64Text.encode(audio(format))), "isFinal": .null, "alignment": alignment,
            "normalizedAlignment": alignment,
        ]
    }

    /// Over HTTP; there times are of the whole answer, so `start` is where this piece lies in it.
    func timed(_ format: ElevenLabsFormat, start: Int) -> JSONValue {
        func seconds(_ index: Int) -> JSONValue { .double(Double(start + index * millisecondsPerCharacter) / 1_000) }
        let alignment: JSONValue = [
            "characters": .array(characters.map(JSONValue.string)),
            "character_start_times_seconds": .array(characters.indices.map { seconds($0) }),
            "character_end_times_seconds": .array(characters.indices.map { seconds($0 + 1) }),
        ]
        return [
            "audio_base64": .string(Base64Text.encode(audio(format))), "alignment": alignment,
            "normalized_alignment": alignment,
        ]
    }
}

/// `POST /v1/text-to-speech/{voice_id}` and its variants.
enum ElevenLabsHTTP {
    private static let longestText = 40_000

    static func answer(
        _ request: SimulatedRequest, _ format: ElevenLabsFormat, _ simulator: ElevenLabsSimulator, isTimed: Bool
    ) -> SimulatedResponse {
        guard let text = request.json?["text"]?.string else { return missing(request, simulator) }
        if let refusal = refusal(text, request, simulator) { return refusal }
        let type = isTimed ? "application/json" : format.mediaType
        let pieces = ElevenLabsPiece.pieces(text, simulator.settings.voice, rate: format.rate)
        return .stream(status: 200, headers: [("content-type", type)] + usage(text, request)) { stream in
            var start = 0
            stream.play(pieces.count, every: 0) { index in
                if isTimed {
                    stream.send(pieces[index].timed(format, start: start), at: "audio") { $0 + [UInt8(ascii: "\n")] }
                } else {
                    stream.send(pieces[index].audio(format), at: "audio")
                }
                start += pieces[index].milliseconds
            } end: {
                stream.point("done")
                stream.finish()
            }
        }
    }

    static func whole(
        _ request: SimulatedRequest, _ format: ElevenLabsFormat, _ simulator: ElevenLabsSimulator
    ) -> SimulatedResponse {
        guard let text = request.json?["text"]?.string else { return missing(request, simulator) }
        if let refusal = refusal(text, request, simulator) { return refusal }
        var voice = simulator.settings.voice
        voice.timesRealTime = 1
        let piece = ElevenLabsPiece(whole: text, voice, rate: format.rate)
        return .json(piece.timed(format, start: 0), headers: usage(text, request))
    }

    private static func missing(_ request: SimulatedRequest, _ simulator: ElevenLabsSimulator) -> SimulatedResponse {
        simulator.refuse(SimulatedFailure(status: 422, message: "Field required"), request)
    }

    private static func refusal(
        _ text: String, _ request: SimulatedRequest, _ simulator: ElevenLabsSimulator
    ) -> SimulatedResponse? {
        guard text.count > longestText else { return nil }
        let message = "This request exceeds the maximum number of characters."
        return simulator.refuse(
            SimulatedFailure(status: 400, code: "max_character_limit_exceeded", message: message), request)
    }

    private static func usage(_ text: String, _ request: SimulatedRequest) -> [(String, String)] {
        [
            ("request-id", "request_\(request.connection)"), ("history-item-id", "item_\(request.connection)"),
            ("character-cost", "\(text.count)"), ("current-concurrent-requests", "1"),
            ("maximum-concurrent-requests", "5"),
        ]
    }
}

extension ElevenLabsPiece {
    /// A text as one piece.
    init(whole text: String, _ voice: SimulatedVoice, rate: Int) {
        self.init(
            characters: text.map(String.init), millisecondsPerCharacter: voice.millisecondsPerCharacter,
            samples: voice.speak(text, rate: rate))
    }
}
