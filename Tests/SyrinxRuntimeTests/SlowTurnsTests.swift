// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

/// When slow answers have a stage given to another provider, and which.
@Suite("Slow turns") struct SlowTurnsTests {
    private let rule = LatencyRule(target: .seconds(1), switchAfter: 3)

    /// Milliseconds since the caller's last word.
    private func timeline(transcript: Int = 200, decided: Int = 500, token: Int, audio: Int?) -> TurnTimeline {
        func at(_ milliseconds: Int) -> Instant { .zero + .seconds(10) + .milliseconds(milliseconds) }
        var timeline = TurnTimeline()
        timeline.speechEnd = at(0)
        timeline.finalTranscript = at(transcript)
        timeline.turnDecided = at(decided)
        timeline.firstToken = at(token)
        timeline.firstAudio = audio.map(at)
        return timeline
    }

    private func note(_ turns: inout SlowTurns, _ timeline: TurnTimeline, voice: Int = 200) -> [PluginKind]? {
        turns.note(timeline, endpointing: .milliseconds(500), voice: .milliseconds(voice))?.map(\.kind)
    }

    @Test func `three late answers in a row name the slowest stage first, and the count begins anew`() {
        var turns = SlowTurns(rule)
        for _ in 1...2 {
            for _ in 1...2 { #expect(note(&turns, timeline(token: 2000, audio: 2200)) == nil) }
            #expect(note(&turns, timeline(token: 2000, audio: 2200)) == [.agent, .tts])
        }
    }

    @Test func `an answer in time ends the row, one that nobody heard does not`() {
        var turns = SlowTurns(rule)
        let slow = timeline(token: 2000, audio: 2200)
        for _ in 1...2 { #expect(note(&turns, slow) == nil) }
        #expect(note(&turns, timeline(token: 600, audio: 1000)) == nil)
        for _ in 1...2 { #expect(note(&turns, slow) == nil) }
        #expect(note(&turns, timeline(token: 2000, audio: nil)) == nil)
        #expect(note(&turns, slow) == [.agent, .tts])
    }

    @Test func `a recogniser costs what it takes beyond the end of the turn`() {
        var turns = SlowTurns(LatencyRule(target: .seconds(1), switchAfter: 1))
        let slow = timeline(transcript: 1500, decided: 1500, token: 1800, audio: 2000)
        #expect(note(&turns, slow) == [.stt, .agent, .tts])
        #expect(note(&turns, timeline(token: 700, audio: 2000), voice: 1300) == [.tts, .agent])
    }
}
