// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

extension TalkDescription {
    static let events = sessionEvents + callerEvents + agentEvents + [audioFromServer]

    private static let sessionEvents = [
        untimed("session.started", "First of all", greeting, optional: ["resume": resume]),
        untimed(
            "session.resumed", "The first of a later connection",
            greeting.merging(["missed_events": Schema.whole("Dropped while nobody was there")]) { $1 },
            optional: ["resume": resume]),
        event("session.ready", "All stages are open", [:]),
        event(
            "session.closed", "Last of all", ["reason": Schema.word(CloseReason.allCases.map(\.rawValue))]),
        event(
            "pipeline.switched", "The conversation goes on in another pipeline",
            [
                "pipeline": Schema.word(["cascade", "s2s"]),
                "reason": Schema.word(SwitchReason.allCases.map(\.rawValue)),
            ]),
        event(
            "language.changed", "The caller is understood and answered in another language",
            [
                "language": Schema.text("BCP 47 tag"), "from": Schema.text("BCP 47 tag"),
                "source": Schema.word(LanguageSource.allCases.map(\.rawValue)),
            ]),
        event("warning", "The session goes on, something was lost", ["code": Schema.text(), "message": Schema.text()]),
        untimed(
            "error", "A message of the client was refused", ["code": Schema.text(), "message": Schema.text()],
            optional: ["fix": Schema.text(), "place": Schema.text(), "retry_after": Schema.whole("Seconds", from: 1)]),
    ]

    private static let callerEvents = [
        event("user.speech_started", "The VAD is sure of speech", [:]),
        event("user.speech_stopped", "The silence after it was long enough", [:]),
        event("keys.pressed", "The caller pressed keys", ["keys": Schema.text("0 to 9, *, #, A to D", length: 1...64)]),
        event("user.away", "Nothing was heard for long", [:]), event("user.returned", "The caller is back", [:]),
        event("transcript.partial", "What was understood so far", ["text": Schema.text()]),
        event(
            "transcript.final", "An utterance is complete",
            ["text": Schema.text(), "confidence": Schema.number(to: 1), "backchannel": Schema.truth()]),
        event(
            "turn.committed", "The agent is asked",
            [
                "turn": turn, "text": Schema.text(), "end_of_turn_delay_ms": milliseconds,
                "source": Schema.word(["silence", "detector", "provider", "manual", "text", "timeout"]),
                "probability": Schema.orNull(Schema.number(to: 1)),
            ]),
        event(
            "turn.ended", "Once for each `turn.committed`",
            [
                "turn": turn, "outcome": Schema.word(["answered", "interrupted", "failed"]),
                "interrupted": Schema.truth(), "failure": Schema.orNull(Schema.text("A code")),
                "user": Schema.text(), "agent": Schema.text(), "heard": Schema.text(),
                "latency_ms": Schema.object([:], optional: steps),
            ]),
    ]

    private static let agentEvents = [
        event(
            "agent.state", "What the agent is at",
            ["state": Schema.word(["initializing", "idle", "listening", "thinking", "speaking", "paused"])]),
        event(
            "agent.text", "A piece of the answer",
            ["turn": Schema.orNull(turn), "generation": generation, "text": Schema.text()]),
        event(
            "tool.called", "The agent uses a tool",
            [
                "turn": Schema.orNull(turn), "name": Schema.text(),
                "arguments": ["type": "string", "contentMediaType": "application/json"],
            ]),
        event("speech.queued", "Something will be said", ["speech": Schema.whole()]),
        event(
            "speech.started", "Its first audio comes next", ["speech": Schema.whole(), "generation": generation]),
        event(
            "speech.finished", "It was played, or stopped",
            [
                "speech": Schema.whole(), "generation": generation, "heard": Schema.text(),
                "interrupted": Schema.truth(),
            ]),
        event("interruption.candidate", "The caller speaks over the agent", [:]),
        event(
            "interruption.confirmed", "The agent was interrupted",
            ["generation": generation, "latency_ms": milliseconds]),
        event("interruption.false", "It was nothing", ["resumed": Schema.truth()]),
        event("audio.clear", "Drop what was not played", ["generation": generation]),
    ]

    private static let audioFromServer = TalkMessage(
        type: nil, isOfClient: false, summary: "The agent's audio, paced, 20 ms a message",
        payload: ["type": "string", "format": "binary"])

    private static let turn = Schema.whole(from: 1)
    private static let generation = Schema.whole("What of one generation is dropped together")
    /// Delays can be below zero: a turn may be decided before the silence that was allowed for.
    private static let milliseconds: JSONValue = ["type": "number", "description": "Milliseconds"]
    private static let steps: [String: JSONValue] = Dictionary(
        ["end_of_turn", "transcript", "agent_first_token", "tts_first_byte", "first_audio", "total"].map {
            ($0, Schema.number())
        }
    ) { first, _ in first }

    private static let greeting: [String: JSONValue] = [
        "session": Schema.text("Its id"), "profile": Schema.text(), "rate": Schema.whole("Hz", from: 8000, to: 48_000),
        "format": Schema.constant("s16le"), "channels": ["const": 1], "frame_ms": ["const": 20],
    ]
    private static let resume = Schema.object(
        ["token": Schema.text("Good once"), "window_ms": Schema.whole()], isOpen: true,
        "Where the session can be resumed")

    private static func event(_ type: String, _ summary: String, _ fields: [String: JSONValue]) -> TalkMessage {
        let at = ["at_ms": Schema.number("Milliseconds since the session began")]
        return untimed(type, summary, fields.merging(at) { first, _ in first })
    }

    private static func untimed(
        _ type: String, _ summary: String, _ fields: [String: JSONValue], optional: [String: JSONValue] = [:]
    ) -> TalkMessage {
        let fields = fields.merging(["type": Schema.constant(type)]) { first, _ in first }
        return TalkMessage(
            type: type, isOfClient: false, summary: summary,
            payload: Schema.object(fields, optional: optional, isOpen: true))
    }
}
