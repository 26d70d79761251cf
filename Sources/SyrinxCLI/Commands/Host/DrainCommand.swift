// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Have a running server take no new sessions, or take them again.",
        discussion: """
            Live sessions end by themselves; at drain.deadline the rest is closed. The
            process stays: end it with SIGTERM, or take sessions again with --cancel.

            Example: syrinx drain --wait && systemctl stop syrinx
            """)

    @Flag(help: "Return when the last session has ended.")
    var wait = false

    @Flag(help: "Take new sessions again.")
    var cancel = false

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print one JSON object, a line a second with --wait.")
    var json = false

    func validate() throws {
        if wait, cancel { throw ValidationError("--wait and --cancel exclude each other.") }
    }

    func run() async throws {
        let client = try admin.client()
        var answer = try client.send(cancel ? "DELETE" : "POST", "/drain")
        show(answer)
        while wait, answer["remaining"]?.int != 0 {
            try await Task.sleep(for: .seconds(1))
            answer = try client.send("GET", "/drain")
            guard answer["draining"]?.bool == true else {
                throw SyrinxError("drain.cancelled", "somebody has cancelled the drain")
            }
            show(answer)
        }
    }

    private func show(_ answer: JSONValue) {
        guard !json else { return Terminal.print(answer.text) }
        guard answer["draining"]?.bool == true else { return Terminal.print("takes new sessions") }
        let left = answer["remaining"]?.int ?? 0
        let age = StatusReport.age((answer["oldest_ms"]?.int ?? 0) / 1000)
        Terminal.print(left == 0 ? "drained: no session is left" : "draining: \(left) left, the oldest for \(age)")
    }
}
