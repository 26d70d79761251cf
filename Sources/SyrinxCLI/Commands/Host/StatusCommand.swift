// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how a running server is: sessions, tenants, load.",
        discussion: """
            Exit code 1 when it takes no new session just now: it drains, is full, or is
            too busy.

            Example: syrinx status
            """)

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let answer = try admin.client().send("GET", "/status")
        Terminal.print(json ? answer.text : StatusReport(answer).text)
        if answer["state"]?.string != "ready" { throw ExitCode(1) }
    }
}

/// `/status` for people.
struct StatusReport {
    let answer: JSONValue

    init(_ answer: JSONValue) { self.answer = answer }

    var text: String {
        var lines = [
            "syrinx \(answer["version"]?.string ?? "?"), pid \(answer["pid"]?.int ?? 0): \(answer["state"]?.string ?? "?")",
            "up \(Self.age(answer["uptime_s"]?.int ?? 0)), configuration \(answer["generation"]?.int ?? 0) since \(answer["configured"]?.string ?? "?")",
            load,
        ]
        lines.append("")
        lines.append(places.text)
        lines += breakers
        return lines.joined(separator: "\n")
    }

    private var load: String {
        let load = answer["load"]
        let cpu = ((load?["cpu"]?.double ?? 0) * 100).rounded()
        let memory = (load?["memory_bytes"]?.int ?? 0) / 1_048_576
        return "cpu \(Int(cpu)) %, event loops \(load?["loop_lag_ms"]?.double ?? 0) ms late, \(memory) MiB"
    }

    private var places: TextTable {
        var table = TextTable(["", "active", "limit"], rightAligned: [1, 2])
        table.rows.append(Self.row("all sessions", answer["sessions"]))
        for key in ["tenants", "providers"] {
            for (name, value) in (answer[key]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                table.rows.append(Self.row("\(key.dropLast()) \(name)", value))
            }
        }
        return table
    }

    /// Providers that are left alone after several failures.
    private var breakers: [String] {
        (answer["breakers"]?.array ?? []).map { breaker in
            func text(_ key: String) -> String { breaker[key]?.string ?? "" }
            return "breaker \(text("state")): \(text("kind")) \(text("provider")) of tenant \(text("tenant"))"
        }
    }

    private static func row(_ name: String, _ value: JSONValue?) -> [String] {
        [name, "\(value?["active"]?.int ?? 0)", value?["limit"]?.int.map { "\($0)" } ?? "-"]
    }

    static func age(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
        }
    }
}
