// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// After an interruption the history holds what was heard, not a word more and hardly one less.
@Suite struct HeardTextTests {
    private static let answer = "one two three four five six seven eight nine ten eleven twelve."

    /// Interrupted after `milliseconds` of audio were played.
    private func heard(after milliseconds: Int, marks: Bool, acknowledges: Bool = false) -> String {
        let scene = Scenario { $0.outputRate = 16_000 }
        scene.synthesises = false
        scene.caller.types("count")
        scene.agent.answers(Self.answer)
        let generation = scene.agent.generation
        // 250 ms a word.
        if marks {
            for (index, word) in Self.answer.split(separator: " ").enumerated() {
                let byte = word.startIndex.utf16Offset(in: Self.answer)
                scene.give(
                    .speechMark(generation: generation, clause: 1, byteOffset: byte, sampleOffset: index * 4000)
                )
            }
        }
        scene.give(.speech(generation: generation, clause: 1, samples: 48_000))
        scene.give(.speechDone(generation: generation, clause: 1))
        scene.pass(.milliseconds(milliseconds))
        if acknowledges { scene.give(.played(samples: milliseconds * 8)) }
        scene.app.interrupts()
        return scene.reports.first?.heard ?? "?"
    }

    @Test func `by word marks it ends at the word before the one that was cut`() {
        #expect(heard(after: 1100, marks: true) == "one two three four")
        #expect(heard(after: 100, marks: true) == "")
    }

    @Test func `by proportion it never holds a word that was not spoken`() {
        for milliseconds in stride(from: 0, through: 2900, by: 100) {
            let text = heard(after: milliseconds, marks: false)
            #expect(Self.answer.hasPrefix(text))
            let fraction = Double(milliseconds) / 3000
            #expect(Double(text.count) <= fraction * Double(Self.answer.count))
            // ... nor misses more than the word that was cut.
            #expect(Double(text.count) >= fraction * Double(Self.answer.count) - 8)
            #expect(text.isEmpty || Self.answer.split(separator: " ").contains(text.split(separator: " ").last ?? ""))
        }
    }

    @Test func `a client that acknowledges is believed rather than the clock`() {
        // Half of the time was spent in its jitter buffer.
        #expect(heard(after: 2000, marks: true, acknowledges: true) == "one two three four")
    }

    @Test func `a clause still in synthesis is not taken for heard because all that is here was played`() {
        let scene = Scenario { $0.outputRate = 16_000 }
        scene.synthesises = false
        scene.caller.types("count")
        scene.agent.answers(Self.answer)
        scene.give(.speech(generation: scene.agent.generation, clause: 1, samples: 16_000))
        scene.pass(.milliseconds(1500))
        scene.app.interrupts()
        let text = scene.reports.first?.heard ?? ""
        #expect(text.split(separator: " ").count <= 4)
        #expect(text.hasPrefix("one"))
    }

    @Test func `nothing is heard of an answer that has not begun`() {
        let scene = Scenario()
        scene.synthesises = false
        scene.caller.types("count")
        scene.agent.answers(Self.answer)
        scene.app.interrupts()
        #expect(scene.reports.first?.heard == "")
        #expect(scene.story == ["user: count"])
    }

    @Test func `an answer played to its end is heard to its last word`() {
        let scene = Scenario()
        scene.caller.types("count")
        scene.agent.answers(Self.answer)
        scene.pass(.seconds(10))
        #expect(scene.reports.first?.heard == Self.answer)
        #expect(scene.story == ["user: count", "assistant: \(Self.answer)"])
    }
}
