// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import Testing

@testable import SyrinxRuntime

/// docs/PROTOCOL.md lists the events with their fields: names that clients rely on.
@Suite("Every event as JSON", .tags(.unit)) struct EventTypeTests {
    private static let report = TurnReport(
        turn: 3, outcome: .failed, user: "u", agent: "a", heard: "h", failure: "agent.timeout", timeline: TurnTimeline()
    )

    static let events: [(SessionEvent, JSONValue)] = [
        (.started, ["type": "session.ready"]),
        (.userSpeechStarted, ["type": "user.speech_started"]),
        (.userSpeechStopped, ["type": "user.speech_stopped"]),
        (.userAway, ["type": "user.away"]),
        (.userReturned, ["type": "user.returned"]),
        (.keysPressed(keys: "1#"), ["type": "keys.pressed", "keys": "1#"]),
        (.partialTranscript(text: "he"), ["type": "transcript.partial", "text": "he"]),
        (
            .finalTranscript(text: "hello", confidence: 0.5, backchannel: false),
            ["type": "transcript.final", "text": "hello", "confidence": .double(0.5), "backchannel": false]
        ),
        (
            .turnCommitted(
                turn: 1, text: "x", endOfTurnDelay: .milliseconds(320), source: .detector, probability: 0.75),
            [
                "type": "turn.committed", "turn": 1, "text": "x", "end_of_turn_delay_ms": .double(320),
                "source": "detector", "probability": .double(0.75),
            ]
        ),
        (
            .turnCommitted(turn: 2, text: "x", endOfTurnDelay: .zero, source: .text, probability: nil),
            [
                "type": "turn.committed", "turn": 2, "text": "x", "end_of_turn_delay_ms": .double(0),
                "source": "text", "probability": .null,
            ]
        ),
        (.turnHeld(text: "x"), ["type": "turn.held", "text": "x"]),
        (.agentState(.thinking), ["type": "agent.state", "state": "thinking"]),
        (
            .agentText(turn: 1, generation: 2, text: "hi"),
            ["type": "agent.text", "turn": 1, "generation": 2, "text": "hi"]
        ),
        (
            .agentText(turn: nil, generation: .max, text: ""),
            ["type": "agent.text", "turn": .null, "generation": .int(.max), "text": ""]
        ),
        (
            .toolCalled(turn: 1, name: "weather", arguments: "{}"),
            ["type": "tool.called", "turn": 1, "name": "weather", "arguments": "{}"]
        ),
        (.speechQueued(speech: 7), ["type": "speech.queued", "speech": 7]),
        (.speechStarted(speech: 7, generation: 2), ["type": "speech.started", "speech": 7, "generation": 2]),
        (
            .speechFinished(speech: 7, generation: 2, heard: "hi", interrupted: true),
            ["type": "speech.finished", "speech": 7, "generation": 2, "heard": "hi", "interrupted": true]
        ),
        (.interruptionCandidate, ["type": "interruption.candidate"]),
        (
            .interruptionConfirmed(generation: 2, latency: .microseconds(200_160)),
            ["type": "interruption.confirmed", "generation": 2, "latency_ms": .double(200.2)]
        ),
        (.interruptionFalse(resumed: true), ["type": "interruption.false", "resumed": true]),
        (.audioClear(generation: 2), ["type": "audio.clear", "generation": 2]),
        (
            .turnEnded(report),
            [
                "type": "turn.ended", "turn": 3, "outcome": "failed", "user": "u", "agent": "a", "heard": "h",
                "interrupted": false, "failure": "agent.timeout", "latency_ms": [:],
            ]
        ),
        (
            .warning(code: "speech.queue_full", message: "m"),
            ["type": "warning", "code": "speech.queue_full", "message": "m"]
        ),
        (.closed(reason: .admin), ["type": "session.closed", "reason": "admin"]),
    ]

    @Test(arguments: events.indices)
    func `an event has the fields that the protocol documents, and its time`(index: Int) throws {
        let (event, fields) = Self.events[index]
        var expected = try #require(fields.object)
        expected["at_ms"] = .double(1.5)
        let began = Instant(nanoseconds: 1_000_000)
        #expect(EventJSON.object(event, at: began + .microseconds(1_500), began: began) == .object(expected))
    }
}
