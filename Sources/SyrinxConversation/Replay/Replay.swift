// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs an event log again and compares what is done now with what was done then.
package enum Replay {
    /// Nil: every line gave the same actions. Lines count from 1, the header's being the first.
    package static func verify(_ lines: [String]) -> Difference? {
        guard let first = lines.first, let header = decode(LogHeader.self, first) else {
            return Difference(line: 1, reason: "no header")
        }
        guard header.version == LogHeader.currentVersion else {
            return Difference(line: 1, reason: "unknown version \(header.version)")
        }
        var conversation = Conversation(options: header.options)
        for (index, line) in lines.enumerated().dropFirst() {
            guard let entry = decode(LogEntry.self, line) else {
                return Difference(line: index + 1, reason: "not an entry")
            }
            if let reason = replay(entry, on: &conversation) { return Difference(line: index + 1, reason: reason) }
        }
        return nil
    }

    package struct Difference: Sendable, Equatable, CustomStringConvertible {
        package var line: Int
        package var reason: String

        package var description: String { "line \(line): \(reason)" }
    }

    private static func replay(_ entry: LogEntry, on conversation: inout Conversation) -> String? {
        var actions: [Action] = []
        var at = entry.at
        conversation.handle(entry.input, at: at, into: &actions)
        guard actions.elementsEqual(entry.actions, by: same) else {
            return "recorded \(entry.actions), replayed \(actions)"
        }
        for gap in entry.repeats ?? [] {
            at = at + .nanoseconds(gap)
            conversation.handle(entry.input, at: at, into: &actions)
            guard actions.isEmpty else { return "recorded nothing, replayed \(actions)" }
        }
        return nil
    }

    /// A confidence of NaN, echoed from a hostile provider, equals itself here.
    private static func same(_ left: Action, _ right: Action) -> Bool {
        left == right || String(describing: left) == String(describing: right)
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ line: String) -> Value? {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return try? decoder.decode(type, from: Data(line.utf8))
    }
}
