// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import Testing

@testable import SyrinxRuntime

@Suite("Events as clients see them") struct EventJSONTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func `the steps of a turn's latency add up to its total`() {
        var timeline = TurnTimeline()
        timeline.speechEnd = at(1000)
        timeline.turnDecided = at(1300)
        // The transcript was there before the turn was decided: it cost nothing.
        timeline.finalTranscript = at(1200)
        timeline.firstToken = at(1350)
        timeline.firstSpeechByte = at(1390)
        timeline.firstAudio = at(1391)
        let steps = TurnLatency(timeline).json
        #expect(steps["transcript"] == .double(0))
        #expect(steps["total"] == .double(391))
        let sum = steps.filter { $0.key != "total" }.values.compactMap(\.double).reduce(0, +)
        #expect(sum == 391)
    }

    @Test func `a step that did not happen is left out`() {
        var timeline = TurnTimeline()
        timeline.speechEnd = at(0)
        timeline.turnDecided = at(500)
        #expect(TurnLatency(timeline).json == ["end_of_turn": .double(500), "total": .double(500)])
        #expect(TurnLatency(TurnTimeline()).json.isEmpty)
    }

    @Test func `an event has its type and the time since the session began`() {
        let json = EventJSON.object(.closed(reason: .drained), at: at(1500), began: at(500))
        #expect(json == ["type": "session.closed", "at_ms": .double(1000), "reason": "drained"])
    }
}
