// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore

/// A caller who talks, pauses, coughs, interrupts, mumbles, goes away and stops sending, by the dice.
struct SimulatedCaller {
    enum Mood {
        case silent, talking, muted
    }

    private(set) var mood = Mood.silent
    private(set) var text = ""
    private var until = Instant.zero

    /// True when the mood has changed.
    mutating func decide(at now: Instant, _ random: inout SplitMix64) -> Bool {
        guard now >= until else { return false }
        let wasTalking = mood == .talking
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40 where !wasTalking: talk(random.milliseconds(300...4000), random.pick(Self.sentences), now)
        case 40..<50 where !wasTalking: talk(random.milliseconds(20...260), "", now)  // a cough
        case 50..<60 where !wasTalking:
            talk(random.milliseconds(200...700), random.pick(["mm-hm", "okay", "yeah"]), now)
        case 60..<64 where !wasTalking: talk(random.milliseconds(300...900), random.pick(["stop", "wait"]), now)
        case 64..<68: change(.muted, random.milliseconds(100...4000), now)
        case 68..<71: change(.silent, random.milliseconds(10_000...20_000), now)
        default: change(.silent, random.milliseconds(100...5000), now)
        }
        return true
    }

    func probability(_ random: inout SplitMix64) -> Float {
        switch mood {
        case .talking: random.chance(0.06) ? 0.3 : Float.random(in: 0.5...1, using: &random)
        case .silent, .muted: random.chance(0.01) ? 0.6 : 0.02
        }
    }

    private mutating func talk(_ length: Duration, _ words: String, _ now: Instant) {
        text = words
        change(.talking, length, now)
    }

    private mutating func change(_ next: Mood, _ length: Duration, _ now: Instant) {
        mood = next
        until = now + length
    }

    private static let sentences = [
        "I would like to book a table", "what time is it", "for four people and", "my name is Ada Lovelace",
        "no that is not what I meant", "tell me more about it please", "yes", "thanks a lot",
    ]
}
