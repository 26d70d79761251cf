// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// What a test asks a scenario.
extension Scenario {
    package var events: [SessionEvent] {
        record.compactMap { if case .event(let event) = $0.action { event } else { nil } }
    }

    package func instants(where matches: (Action) -> Bool) -> [Instant] {
        record.filter { matches($0.action) }.map(\.at)
    }

    package func instant(of event: SessionEvent) -> Instant? {
        instants { $0 == .event(event) }.first
    }

    package func has(_ event: SessionEvent) -> Bool { events.contains(event) }
    package func count(_ event: SessionEvent) -> Int { events.count { $0 == event } }

    package var prompts: [(generation: UInt64, text: String, speculative: Bool)] {
        record.compactMap {
            if case .prompt(let generation, let text, let speculative) = $0.action {
                (generation, text, speculative)
            } else {
                nil
            }
        }
    }

    package var newestUtterance: UInt64 {
        record.reduce(0) { newest, entry in
            if case .beginUtterance(let id, _) = entry.action { id } else { newest }
        }
    }

    package var clauses: [String] {
        record.compactMap { if case .speak(_, _, let text, _) = $0.action { text } else { nil } }
    }

    /// The newest clause that was asked for, as the synthesiser knows it.
    package var newestClause: (generation: UInt64, clause: UInt64) {
        for entry in record.reversed() {
            if case .speak(let generation, let clause, _, _) = entry.action { return (generation, clause) }
        }
        return (0, 0)
    }

    package var commits: [(at: Instant, text: String, delay: Duration, source: TurnSource)] {
        record.compactMap {
            if case .event(.turnCommitted(_, let text, let delay, let source, _)) = $0.action {
                ($0.at, text, delay, source)
            } else {
                nil
            }
        }
    }

    package var reports: [TurnReport] {
        events.compactMap { if case .turnEnded(let report) = $0 { report } else { nil } }
    }

    package var frames: [(at: Instant, generation: UInt64, gain: GainRamp)] {
        record.compactMap {
            if case .sendFrame(let generation, let gain) = $0.action { ($0.at, generation, gain) } else { nil }
        }
    }

    package var pieces: [(at: Instant, clause: UInt64, offset: Int, samples: Int)] {
        record.compactMap {
            if case .piece(_, let clause, let offset, let samples) = $0.action {
                ($0.at, clause, offset, samples)
            } else {
                nil
            }
        }
    }

    package var warnings: [String] {
        events.compactMap { if case .warning(let code, _) = $0 { code } else { nil } }
    }

    package var closed: (at: Instant, reason: CloseReason, leaked: Bool)? {
        for entry in record {
            if case .closed(let reason, let leaked) = entry.action { return (entry.at, reason, leaked) }
        }
        return nil
    }

    /// What was said to whom, in one line an item, for reading: "user: hello".
    package var story: [String] {
        conversation.history.map { item in
            "\(item.role.rawValue)\(item.backchannel ? " (backchannel)" : ""): \(item.text)\(item.interrupted ? "—" : "")"
        }
    }
}
