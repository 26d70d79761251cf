// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the vendor says over a live transcription's socket (protocol page, "Server -> client").
enum ListenMessage: Sendable, Equatable {
    /// v1: words of a stretch of the stream.
    case results(ListenResults)
    /// v1 with `vad_events`: speech begins, in seconds of the connection's audio.
    case speechStarted(seconds: Double)
    /// v1 with `utterance_end_ms`: no word for so long.
    case utteranceEnd
    /// Flux: where the turn stands.
    case turn(TurnInfo)
    /// Fatal; the vendor closes after it.
    case failed(code: String, description: String)
    /// Known, and nothing to do.
    case noted

    /// - Returns: nil when it is no message of the vendor: not JSON, or with a field of a wrong type.
    static func parse(_ text: String) -> ListenMessage? {
        guard let wire = try? JSON.decode(Wire.self, from: text, label: "message") else { return nil }
        switch wire.type {
        case "Results": return wire.results
        case "SpeechStarted": return .speechStarted(seconds: finite(wire.timestamp))
        case "UtteranceEnd": return .utteranceEnd
        case "TurnInfo": return wire.turn
        case "Error":
            return .failed(code: wire.code ?? wire.variant ?? "", description: wire.description ?? wire.message ?? "")
        case nil: return nil
        default: return .noted
        }
    }

    /// Times come from the other side: none of them may trap when it is scaled.
    fileprivate static func finite(_ seconds: Double?) -> Double {
        guard let seconds, seconds.isFinite else { return 0 }
        return min(max(seconds, 0), 1e6)
    }
}

/// v1: what was heard between `start` and `start + duration` of the connection's audio.
struct ListenResults: Sendable, Equatable {
    /// In seconds.
    var start: Double
    /// In seconds.
    var duration: Double
    /// This stretch's text will not change.
    var isFinal: Bool
    /// Silence followed: the vendor's endpoint.
    var isSpeechFinal: Bool
    /// The answer to `Finalize`.
    var isFromFinalize: Bool
    var transcript: String
    /// In 0...1.
    var confidence: Double
    /// With `language=multi`.
    var languages = HeardLanguages()
}

/// Flux: one step of a turn. The transcript is of the whole turn so far.
struct TurnInfo: Sendable, Equatable {
    enum Step: String, Decodable, Sendable {
        case update = "Update"
        case start = "StartOfTurn"
        case eagerEnd = "EagerEndOfTurn"
        case resumed = "TurnResumed"
        case end = "EndOfTurn"
    }

    var step: Step
    var transcript: String
    /// How sure the vendor is that the turn is over, in 0...1.
    var endConfidence: Double
    /// Mean of the words' confidence, in 0...1.
    var confidence: Double
    /// The end of the audio that it has judged, in seconds of the connection.
    var heardTo: Double
    /// Of a model that knows several; of the whole turn so far.
    var languages = HeardLanguages()
}

// MARK: On the wire

private struct Wire: Decodable {
    struct Word: Decodable {
        var confidence: Double?
        var language: Spare<String>?
    }

    struct Alternative: Decodable {
        var transcript: String?
        var confidence: Double?
        var languages: Spare<[String]>?
        var words: Spare<[Word]>?
    }

    /// A field that a transcript is still good without: of a wrong type it is as if it were not there.
    struct Spare<Value: Decodable>: Decodable {
        let value: Value?

        init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
    }

    struct Channel: Decodable {
        var alternatives: [Alternative]?
    }

    /// `channel` is an object in Results and a list of numbers elsewhere.
    enum ChannelField: Decodable {
        case object(Channel)
        case index

        init(from decoder: any Decoder) throws {
            if let index = try? decoder.singleValueContainer().decode([Int].self), !index.isEmpty {
                self = .index
            } else {
                self = .object(try Channel(from: decoder))
            }
        }
    }

    var type: String?
    // Results
    var start: Double?
    var duration: Double?
    var isFinal: Bool?
    var speechFinal: Bool?
    var fromFinalize: Bool?
    var channel: ChannelField?
    // SpeechStarted
    var timestamp: Double?
    // TurnInfo
    var event: String?
    var transcript: String?
    var words: [Word]?
    var languages: Spare<[String]>?
    var endOfTurnConfidence: Double?
    var audioWindowEnd: Double?
    // Error
    var code: String?
    var variant: String?
    var description: String?
    var message: String?

    private enum CodingKeys: String, CodingKey {
        case type, start, duration, channel, timestamp, event, transcript, words, languages, code, variant, description
        case message
        case isFinal = "is_final"
        case speechFinal = "speech_final"
        case fromFinalize = "from_finalize"
        case endOfTurnConfidence = "end_of_turn_confidence"
        case audioWindowEnd = "audio_window_end"
    }

    var results: ListenMessage? {
        guard case .object(let channel) = channel, let best = channel.alternatives?.first else { return nil }
        return .results(
            ListenResults(
                start: ListenMessage.finite(start), duration: ListenMessage.finite(duration),
                // The vendor says one implies the other; a server that forgets it is still understood.
                isFinal: isFinal ?? false || speechFinal ?? false || fromFinalize ?? false,
                isSpeechFinal: speechFinal ?? false, isFromFinalize: fromFinalize ?? false,
                transcript: best.transcript ?? "", confidence: unit(best.confidence ?? 0),
                languages: Self.languages(best.transcript, best.words?.value, best.languages?.value)))
    }

    var turn: ListenMessage? {
        guard let event else { return nil }
        guard let step = TurnInfo.Step(rawValue: event) else { return .noted }
        let sum = (words ?? []).reduce(0) { $0 + unit($1.confidence ?? 0) }
        return .turn(
            TurnInfo(
                step: step, transcript: transcript ?? "", endConfidence: unit(endOfTurnConfidence ?? 0),
                confidence: sum / Double(max(1, words?.count ?? 0)), heardTo: ListenMessage.finite(audioWindowEnd),
                languages: Self.languages(transcript, words, languages?.value)))
    }

    /// Word by word where the words have it; else the first of the list, the one that most of them are of.
    private static func languages(_ transcript: String?, _ words: [Word]?, _ list: [String]?) -> HeardLanguages {
        var heard = HeardLanguages()
        for case let tag? in (words ?? []).map({ $0.language?.value }) { heard.add(tag, words: 1) }
        if heard.dominant == nil, let first = list?.first { heard.add(first, words: transcript?.wordCount ?? 0) }
        return heard
    }

    private func unit(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0 }
}
