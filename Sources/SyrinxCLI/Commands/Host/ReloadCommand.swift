// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have a running server read its configuration again.",
        discussion: """
            All or nothing: a file with a fault changes nothing, and every fault is shown.
            Live sessions keep what they began with. SIGHUP does the same.

            Example: syrinx reload --dry-run
            """)

    @Flag(help: "Show what would change, and change nothing.")
    var dryRun = false

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let answer = try admin.client().exchange("POST", "/reload" + (dryRun ? "?dry_run=true" : ""))
        Terminal.print(json ? answer.json.text : ReloadReport(answer.json).text)
        if !answer.isSuccess { throw ExitCode(1) }
    }
}

/// What a reload did, or why it did nothing.
struct ReloadReport {
    let answer: JSONValue

    init(_ answer: JSONValue) { self.answer = answer }

    var text: String {
        guard answer["code"] == nil else { return refusal }
        let changes = answer["changes"]?.array ?? []
        let head =
            answer["applied"]?.bool == true
            ? "configuration \(answer["generation"]?.int ?? 0) holds" : "nothing is changed: --dry-run"
        guard !changes.isEmpty else { return head + "\nno key has changed" }
        var table = TextTable(["key", "from", "to", "holds"])
        table.rows = changes.map { change in
            let effect = ["live": "now", "new_sessions": "for new sessions", "restart": "after a restart"]
            return ["key", "old", "new"].map { change[$0]?.string ?? "" } + [
                effect[change["effect"]?.string ?? ""] ?? ""
            ]
        }
        return head + "\n\n" + table.text
    }

    private var refusal: String {
        let issues = (answer["issues"]?.array ?? []).map { issue in
            let place = issue["place"]?.string.map { $0 + ": " } ?? ""
            let fix = issue["fix"]?.string.map { "\n   fix: \($0)" } ?? ""
            return "\(place)\(issue["message"]?.string ?? "")\(fix)"
        }
        return (["error: \(answer["code"]?.string ?? ""): \(answer["title"]?.string ?? "")"] + issues)
            .joined(separator: "\n")
    }
}
