// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxConversation
internal import SyrinxCore

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run event logs again and compare every decision.",
        discussion: """
            A call's event log holds each input with its instant and what was done
            about it. The same inputs must lead to the same decisions; the first
            difference is shown. Exit code 1 when there is one.

            Example: syrinx replay logs/ses_0123.jsonl
            """)

    @Argument(help: ArgumentHelp("Event logs (JSON Lines).", valueName: "file"))
    var files: [String]

    func run() throws {
        var differs = false
        for file in files {
            let outcome = Replay.verify(try Self.lines(file))
            differs = differs || outcome != nil
            Terminal.print("\(file): \(outcome.map { "differs at \($0)" } ?? "identical")")
        }
        if differs { throw ExitCode(1) }
    }

    private static func lines(_ file: String) throws(SyrinxError) -> [String] {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw SyrinxError("file.not_readable", "the file cannot be read", fix: "check the path", place: file)
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
