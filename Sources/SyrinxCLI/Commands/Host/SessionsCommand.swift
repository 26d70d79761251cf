// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List a running server's live sessions, or watch them.",
        usage: "syrinx sessions [watch] [options]",
        discussion: """
            `watch` prints the list again each second, until it is interrupted. With
            --close ID that session is ended with the reason `admin`.

            Example: syrinx sessions watch
            """)

    enum Mode: String, ExpressibleByArgument, CaseIterable { case list, watch }

    @Argument(help: "list or watch.")
    var mode = Mode.list

    @Option(help: ArgumentHelp("End this session.", valueName: "id"))
    var close: String?

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print one JSON object, a line each second with watch.")
    var json = false

    func run() async throws {
        let client = try admin.client()
        if let close {
            let answer = try client.send("DELETE", "/sessions/\(Self.escaped(close))")
            return Terminal.print(json ? answer.text : "closing \(close)")
        }
        repeat {
            let answer = try client.send("GET", "/sessions")
            Terminal.print(json ? answer.text : SessionListing.text(answer))
            if mode == .watch { try await Task.sleep(for: .seconds(1)) }
        } while mode == .watch
    }

    /// Whatever was typed, it stays one part of the path.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = UnicodeScalar(byte)
            return byte < 0x80
                && (scalar.properties.isAlphabetic || (48...57).contains(byte) || "-_".unicodeScalars.contains(scalar))
                ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// Live sessions for people.
enum SessionListing {
    static func text(_ answer: JSONValue) -> String {
        let sessions = answer["sessions"]?.array ?? []
        guard !sessions.isEmpty else { return "no live sessions" }
        let columns = ["session", "tenant", "profile", "pipeline", "language", "state"]
        var table = TextTable(columns + ["turns", "age"], rightAligned: [6, 7])
        table.rows = sessions.map { session in
            columns.map { session[$0]?.string ?? "" } + [
                "\(session["turns"]?.int ?? 0)", StatusReport.age((session["age_ms"]?.int ?? 0) / 1000),
            ]
        }
        return table.text
    }
}
