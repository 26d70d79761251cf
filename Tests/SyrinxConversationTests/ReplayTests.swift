// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// A recorded session replays to the same decisions.
@Suite struct ReplayTests {
    private func log(seed: UInt64) -> [String] {
        let report = Simulation.run(seed: seed, length: .seconds(15))
        var recorder = ConversationRecorder(options: report.options)
        var actions: [Action] = []
        for entry in report.log {
            actions.removeAll(keepingCapacity: true)
            recorder.handle(entry.input, at: entry.at, into: &actions)
        }
        return recorder.takeLines(flush: true)
    }

    @Test func `the log of any call replays to the same actions`() {
        for seed in UInt64(1)...12 {
            let difference = Replay.verify(log(seed: seed))
            #expect(difference == nil, "seed \(seed): \(difference?.description ?? "")")
        }
    }

    @Test func `silence is written once`() {
        var recorder = ConversationRecorder(options: Options())
        var actions: [Action] = []
        recorder.handle(.start, at: .zero, into: &actions)
        for frame in 1...400 {
            actions.removeAll(keepingCapacity: true)
            let at = Instant(nanoseconds: Int64(frame) * 20_000_000)
            recorder.handle(.audio(samples: 320, probability: 0), at: at, into: &actions)
        }
        let lines = recorder.takeLines(flush: true)
        #expect(lines.count == 3)
        #expect(Replay.verify(lines) == nil)
    }

    @Test func `a changed line is found by its number`() {
        let mark = "\"speculative\":false"
        guard var lines = (UInt64(1)...20).lazy.map(log(seed:)).first(where: { $0.contains { $0.contains(mark) } }),
            let index = lines.firstIndex(where: { $0.contains(mark) })
        else {
            Issue.record("twenty calls and not one prompt")
            return
        }
        lines[index] = lines[index].replacing(mark, with: "\"speculative\":true")
        #expect(Replay.verify(lines)?.line == index + 1)
        #expect(Replay.verify(["{}"])?.line == 1)
    }
}
