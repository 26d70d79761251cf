// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

/// How the caller's turns are found: both kinds are our own turn taking, tuned. Without one the client decides.
struct TurnDetection: Equatable {
    enum Kind: Equatable {
        case server
        case semantic(eagerness: String)
    }

    var kind = Kind.server
    var threshold: Double
    /// Milliseconds.
    var prefixPadding: Int
    var silence: Int
    var createsResponse = true
    var interruptsResponse: Bool

    /// As the profile has it.
    init(_ options: Options) {
        threshold = (Double(options.speech.onThreshold) * 1000).rounded() / 1000
        prefixPadding = Int(options.speech.prefixPadding.milliseconds)
        silence = Int(options.endpointing.minDelay.milliseconds)
        interruptsResponse = options.interruption.byVoice
    }

    /// What is not said stays as it is; another kind begins as the profile has it.
    /// - Parameter decides: the pipeline's provider decides turns itself: nothing of it can be changed.
    func updated(
        _ fields: Fields, profile: TurnDetection, providerDecides decides: Bool
    ) throws(RealtimeError) -> TurnDetection {
        let type = try fields.required("type", limit: 64)
        var result = self
        switch type {
        case "server_vad":
            if kind != .server { result = profile }
            result.threshold = try fields.number("threshold", 0...1) ?? result.threshold
            let padding = try fields.whole("prefix_padding_ms", 0...60_000)
            let silence = try fields.whole("silence_duration_ms", 0...60_000)
            _ = try fields.whole("idle_timeout_ms", 0...600_000)
            result.prefixPadding = min(padding ?? result.prefixPadding, Self.longestPadding)
            result.silence = min(max(silence ?? result.silence, Self.shortestSilence), Self.longestSilence)
        case "semantic_vad":
            let eagerness = try fields.text("eagerness", limit: 64) ?? "auto"
            guard ["low", "medium", "high", "auto"].contains(eagerness) else {
                throw .invalid(fields.place("eagerness"), "must be low, medium, high or auto")
            }
            result = profile
            (result.createsResponse, result.interruptsResponse) = (createsResponse, interruptsResponse)
            result.kind = .semantic(eagerness: eagerness)
        default: throw .invalid(fields.place("type"), "must be server_vad or semantic_vad")
        }
        result.createsResponse = try fields.truth("create_response") ?? result.createsResponse
        result.interruptsResponse = try fields.truth("interrupt_response") ?? result.interruptsResponse
        if decides, !result.createsResponse {
            throw .unsupported(fields.place("create_response"), "must be true: this model answers by itself")
        }
        return result
    }

    private static let longestPadding = 2000
    private static let shortestSilence = 60
    private static let longestSilence = 10_000

    var json: JSONValue {
        var fields: [String: JSONValue] = [
            "create_response": .bool(createsResponse), "interrupt_response": .bool(interruptsResponse),
        ]
        switch kind {
        case .server:
            fields["type"] = "server_vad"
            fields["threshold"] = .double(threshold)
            fields["prefix_padding_ms"] = .int(Int64(prefixPadding))
            fields["silence_duration_ms"] = .int(Int64(silence))
            fields["idle_timeout_ms"] = .null
        case .semantic(let eagerness):
            fields["type"] = "semantic_vad"
            fields["eagerness"] = .string(eagerness)
        }
        return .object(fields)
    }

    // MARK: as the conversation takes it

    /// - Parameter profile: the options that the session began with.
    func adjust(_ adjustment: inout Adjustment, profile: Options) {
        adjustment.turnMode = profile.turnMode == .manual ? .vad : profile.turnMode
        adjustment.answersTurns = createsResponse
        adjustment.interruptsByVoice = interruptsResponse
        var (speech, endpointing) = (profile.speech, profile.endpointing)
        switch kind {
        case .server where self != TurnDetection(profile):
            if abs(threshold - Double(speech.onThreshold)) > 0.001 {
                speech.onThreshold = Float(threshold)
                speech.offThreshold = Float(max(threshold - 0.15, 0.01))
            }
            speech.prefixPadding = .milliseconds(prefixPadding)
            let silence = Duration.milliseconds(silence)
            if silence != endpointing.minDelay {
                speech.minSilence = min(speech.minSilence, silence)
                endpointing.minDelay = silence
                endpointing.judgedMinDelay = min(endpointing.judgedMinDelay, silence)
                endpointing.maxDelay = max(endpointing.maxDelay, silence)
            }
        case .semantic(let eagerness):
            if let longest = ["low": 8, "medium": 4, "high": 2][eagerness] {
                endpointing.maxDelay = max(.seconds(longest), endpointing.minDelay)
                endpointing.judgedMaxDelay = max(.seconds(longest), endpointing.judgedMinDelay)
            }
        case .server: break
        }
        adjustment.speech = speech
        adjustment.endpointing = endpointing
    }
}
