// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore

extension Simulation {
    static func randomOptions(_ random: inout SplitMix64) -> Options {
        var options = Options()
        options.inputRate = random.pick([8000, 16_000, 48_000])
        options.outputRate = random.pick([8000, 16_000, 24_000])
        options.turnMode = random.pick([.vad, .vad, .vad, .stt, .manual, .s2s])
        options.pipeline = options.turnMode == .s2s || random.chance(0.1) ? .s2s : .cascade
        if random.chance(0.04) { options.pipeline = .loopback }
        options.hasTurnStage = random.chance(0.4)
        options.greeting = random.chance(0.5) ? "Hello, this is Syrinx. How can I help?" : nil
        options.fallbackLine = random.chance(0.5) ? "Sorry, something went wrong." : nil
        options.preemptive.enabled = random.chance(0.4)
        options.endpointing.dynamic = random.chance(0.3)
        options.interruption.pauseAndResume = random.chance(0.7)
        options.interruption.minWords = random.pick([0, 0, 2])
        options.interruption.uninterruptiblePolicy = random.pick([.drop, .queue])
        options.interruption.aecWarmUp = random.pick([.zero, .seconds(3)])
        // Decided by what is drawn already, so that no seed tells another story.
        if options.preemptive.enabled { options.wording.pronunciation = ["words": "wörds", "the": "thee"] }
        if options.endpointing.dynamic {
            options.filler = FillerOptions(after: .milliseconds(300), lines: ["One moment, please.", "Let me see."])
        }
        if random.chance(0.3) {
            options.speech.minSilence = .milliseconds(200)
            options.endpointing.minDelay = .zero
            options.endpointing.danglingExtra = .zero
        }
        return options
    }
}
