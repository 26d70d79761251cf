// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// The session's events as the JSON objects that clients get. `docs/PROTOCOL.md` documents each.
package enum EventJSON {
    /// - Parameter began: the instant that `at_ms` counts from.
    package static func object(_ event: SessionEvent, at now: Instant, began: Instant) -> JSONValue {
        var (type, fields) = parts(event)
        fields["type"] = .string(type)
        fields["at_ms"] = .double(rounded(now - began))
        return .object(fields)
    }

    private static func parts(_ event: SessionEvent) -> (String, [String: JSONValue]) {
        switch event {
        case .started: ("session.ready", [:])
        case .userSpeechStarted: ("user.speech_started", [:])
        case .userSpeechStopped: ("user.speech_stopped", [:])
        case .userAway: ("user.away", [:])
        case .userReturned: ("user.returned", [:])
        case .keysPressed(let keys): ("keys.pressed", ["keys": .string(keys)])
        case .partialTranscript(let text): ("transcript.partial", ["text": .string(text)])
        case .finalTranscript(let text, let confidence, let backchannel):
            (
                "transcript.final",
                [
                    "text": .string(text), "confidence": share(confidence), "backchannel": .bool(backchannel),
                ]
            )
        case .turnCommitted(let turn, let text, let delay, let source, let probability):
            (
                "turn.committed",
                [
                    "turn": .int(Int64(turn)), "text": .string(text), "end_of_turn_delay_ms": .double(rounded(delay)),
                    "source": .string(source.rawValue),
                    "probability": probability.map(share) ?? .null,
                ]
            )
        case .turnHeld(let text): ("turn.held", ["text": .string(text)])
        case .agentState(let state): ("agent.state", ["state": .string(state.rawValue)])
        case .agentText(let turn, let generation, let text):
            ("agent.text", ["turn": number(turn), "generation": number(generation), "text": .string(text)])
        case .toolCalled(let turn, let name, let arguments):
            ("tool.called", ["turn": number(turn), "name": .string(name), "arguments": .string(arguments)])
        case .speechQueued(let speech): ("speech.queued", ["speech": number(speech)])
        case .speechStarted(let speech, let generation):
            ("speech.started", ["speech": number(speech), "generation": number(generation)])
        case .speechFinished(let speech, let generation, let heard, let interrupted):
            (
                "speech.finished",
                [
                    "speech": number(speech), "generation": number(generation), "heard": .string(heard),
                    "interrupted": .bool(interrupted),
                ]
            )
        case .interruptionCandidate: ("interruption.candidate", [:])
        case .interruptionConfirmed(let generation, let latency):
            ("interruption.confirmed", ["generation": number(generation), "latency_ms": .double(rounded(latency))])
        case .interruptionFalse(let resumed): ("interruption.false", ["resumed": .bool(resumed)])
        case .audioClear(let generation): ("audio.clear", ["generation": number(generation)])
        case .turnEnded(let report): ("turn.ended", turn(report))
        case .pipelineSwitched(let pipeline, let reason):
            (
                "pipeline.switched",
                ["pipeline": .string(pipeline.rawValue), "reason": .string(reason.rawValue)]
            )
        case .languageChanged(let language, let old, let source):
            (
                "language.changed",
                ["language": .string(language), "from": .string(old), "source": .string(source.rawValue)]
            )
        case .warning(let code, let message): ("warning", ["code": .string(code), "message": .string(message)])
        case .closed(let reason): ("session.closed", ["reason": .string(reason.rawValue)])
        }
    }

    private static func turn(_ report: TurnReport) -> [String: JSONValue] {
        [
            "turn": .int(Int64(report.turn)), "outcome": .string(report.outcome.rawValue), "user": .string(report.user),
            "agent": .string(report.agent), "heard": .string(report.heard),
            "interrupted": .bool(report.outcome == .interrupted),
            "failure": report.failure.map(JSONValue.string) ?? .null,
            "latency_ms": .object(TurnLatency(report.timeline).json),
        ]
    }

    static func rounded(_ duration: Duration) -> Double { (duration.milliseconds * 10).rounded() / 10 }

    /// 0...1 with three decimals: more would be noise.
    private static func share(_ value: Float) -> JSONValue { .double((Double(value) * 1000).rounded() / 1000) }

    private static func number(_ value: UInt64) -> JSONValue { .int(Int64(clamping: value)) }

    private static func number(_ value: Int?) -> JSONValue { value.map { .int(Int64($0)) } ?? .null }
}

/// A turn's latency cut into steps that follow each other; they add up to the total. A step that was over before the
/// one in front of it (a transcript that was there before the turn was decided) took no time of its own.
package struct TurnLatency: Sendable {
    package let steps: [(name: String, duration: Duration)]
    /// From the end of the caller's speech to the first frame of the answer; nil when the turn had no beginning.
    package let total: Duration?

    package init(_ timeline: TurnTimeline) {
        let instants: [(String, Instant?)] = [
            ("end_of_turn", timeline.turnDecided), ("transcript", timeline.finalTranscript),
            ("agent_first_token", timeline.firstToken), ("tts_first_byte", timeline.firstSpeechByte),
            ("first_audio", timeline.firstAudio),
        ]
        guard let start = timeline.speechEnd else {
            steps = []
            total = nil
            return
        }
        var steps: [(name: String, duration: Duration)] = []
        var last = start
        for (name, instant) in instants {
            guard let instant else { continue }
            steps.append((name, max(.zero, instant - last)))
            last = max(last, instant)
        }
        self.steps = steps
        total = last - start
    }

    var json: [String: JSONValue] {
        var json = Dictionary(
            uniqueKeysWithValues: steps.map { ($0.name, JSONValue.double(EventJSON.rounded($0.duration))) })
        if let total { json["total"] = .double(EventJSON.rounded(total)) }
        return json
    }
}
