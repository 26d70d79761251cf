// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A call's latency, a line a turn, a column a step.
package enum LatencyTable {
    private static let steps = ["end_of_turn", "transcript", "agent_first_token", "tts_first_byte", "first_audio"]
    private static let titles = ["turn", "end of turn", "transcript", "agent", "speech", "sent", "heard"]

    package static func text(_ turns: [CallTurn]) -> String {
        var table = TextTable(titles, rightAligned: Set(0..<titles.count))
        for turn in turns {
            let cells = steps.map { milliseconds(turn.steps[$0]) } + [milliseconds(turn.audioHeard)]
            table.rows.append(["\(turn.number)"] + cells)
        }
        return """
            Latency in ms. Each step counts from the one before, the first from the
            end of speech; "heard" is all of it, measured by this caller.

            \(table.text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
            """
    }

    private static func milliseconds(_ value: Double?) -> String { value.map { String(format: "%.0f", $0) } ?? "-" }
}
