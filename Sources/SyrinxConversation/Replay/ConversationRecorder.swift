// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A conversation that writes down what happens to it.
package struct ConversationRecorder: Sendable {
    package private(set) var conversation: Conversation
    private var log: EventLogWriter

    package init(options: Options) {
        conversation = Conversation(options: options)
        log = EventLogWriter(options: options)
    }

    package mutating func handle(_ input: Input, at now: Instant, into actions: inout [Action]) {
        let before = actions.count
        conversation.handle(input, at: now, into: &actions)
        log.record(LogEntry(at: now, input: input, actions: Array(actions[before...])))
    }

    /// The lines written since the last call, without line ends. `flush` also takes the entry that may still grow.
    package mutating func takeLines(flush: Bool = false) -> [String] { log.takeLines(flush: flush) }
}

/// Writes the log of a call as JSON Lines: a header, then an entry an input.
package struct EventLogWriter: Sendable {
    private var pending: LogEntry?
    private var lastRepeat = Instant.zero
    private var lines: [String] = []
    private let maxRepeats = 500

    package init(options: Options) { lines.append(Self.line(LogHeader(options: options))) }

    /// The lines written since the last call, without line ends. `flush` also takes the entry that may still grow.
    package mutating func takeLines(flush: Bool = false) -> [String] {
        if flush { writePending() }
        defer { lines.removeAll(keepingCapacity: true) }
        return lines
    }

    package mutating func record(_ entry: LogEntry) {
        guard !extendsPending(entry) else { return }
        writePending()
        pending = entry
        lastRepeat = entry.at
        if !entry.isSilent { writePending() }
    }

    /// Silence is most of a call: equal frames that cause nothing share a line.
    private mutating func extendsPending(_ entry: LogEntry) -> Bool {
        guard entry.isSilent, pending?.input == entry.input, pending?.repeats?.count ?? 0 < maxRepeats else {
            return false
        }
        let gap = (entry.at - lastRepeat).nanoseconds
        if pending?.repeats?.append(gap) == nil { pending?.repeats = [gap] }
        lastRepeat = entry.at
        return true
    }

    private mutating func writePending() {
        guard let entry = pending else { return }
        pending = nil
        lines.append(Self.line(entry))
    }

    /// The encoder keeps no state, and these values have nothing that JSON lacks but NaN, which stays readable.
    private static func line(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

extension LogEntry {
    fileprivate var isSilent: Bool {
        guard case .audio = input else { return false }
        return actions.isEmpty
    }
}
