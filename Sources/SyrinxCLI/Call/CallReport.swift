// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What came of a call.
package struct CallReport: Sendable, Equatable {
    package var session: String?
    package var turns: [CallTurn]
    /// One sentence for every line without an answer.
    package var failures: [String]
    package var replyFile: String?

    package init(_ script: CallScript, replyFile: String?) {
        session = script.session
        turns = script.turns
        self.replyFile = replyFile
        failures = Self.sentences(script)
    }

    /// When the same thing happened to all lines, it is told once.
    private static func sentences(_ script: CallScript) -> [String] {
        let reasons = Set(script.failures.values)
        if script.lineCount > 1, script.failures.count == script.lineCount, reasons.count == 1 {
            return reasons.map { "all \(script.lineCount) lines: \($0)" }
        }
        return script.failures.sorted { $0.key < $1.key }.map { line, why in
            "line \(line + 1) (\(script.lines[line].name)): \(why)"
        }
    }

    package var isAnswered: Bool { failures.isEmpty }

    /// The one object of `--json`.
    package var json: JSONValue {
        [
            "session": session.map(JSONValue.string) ?? .null, "turns": .array(turns.map(\.json)),
            "reply_wav": replyFile.map(JSONValue.string) ?? .null,
        ]
    }

    /// What to tell when a line was not answered.
    package var error: SyrinxError? {
        guard !failures.isEmpty else { return nil }
        return SyrinxError(
            "call.unanswered", failures.joined(separator: "; "),
            fix: "speak clearly and leave a pause at the end, or wait longer with --timeout")
    }
}

extension CallTurn {
    package var json: JSONValue {
        var latency = steps.mapValues { JSONValue.double($0) }
        if let audioHeard { latency["audio_heard"] = .double(audioHeard) }
        return [
            "user": .string(user), "agent": .string(agent), "heard": .string(heard),
            "interrupted": .bool(isInterrupted),
            "latency_ms": .object(latency),
        ]
    }
}
