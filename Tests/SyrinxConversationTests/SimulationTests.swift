// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Promise I6. `SYRINX_SEEDS` sets the number of seeds, `SYRINX_SEED` the first one.
@Suite struct SimulationTests {
    private static func number(_ name: String, default value: UInt64) -> UInt64 {
        getenv(name).flatMap { UInt64(String(cString: $0)) } ?? value
    }

    @Test func `no seeded call breaks a promise, and each replays to the same actions`() {
        let first = Self.number("SYRINX_SEED", default: 1)
        let count = Self.number("SYRINX_SEEDS", default: 400)
        var turns = 0
        var interruptions = 0
        var frames = 0
        var repeats = 0
        for seed in first..<first + count {
            let report = Simulation.run(seed: seed)
            #expect(report.violations.isEmpty, "\(report.description)")
            #expect(Self.replays(report), "seed \(seed) does not replay")
            turns += report.counters.turns
            interruptions += report.counters.interruptions
            frames += report.frames
            repeats += report.log.reduce(0) { $0 + $1.actions.count(where: Self.isRepeat) }
        }
        // The world must be lively enough to prove anything.
        #expect(turns > Int(count))
        #expect(interruptions > Int(count) / 4)
        #expect(frames > 100 * Int(count))
        #expect(repeats > Int(count) / 50)
    }

    private static func isRepeat(_ action: Action) -> Bool {
        if case .abandonSynthesis = action { true } else { false }
    }

    private static func replays(_ report: Simulation.Report) -> Bool {
        var conversation = Conversation(options: report.options)
        var actions: [Action] = []
        for entry in report.log {
            actions.removeAll(keepingCapacity: true)
            conversation.handle(entry.input, at: entry.at, into: &actions)
            guard actions == entry.actions || "\(actions)" == "\(entry.actions)" else { return false }
        }
        return true
    }
}
