// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxCore
internal import SyrinxHost

struct PluginQuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Show code that crashed too often, or let it in again.",
        discussion: """
            Code gets here by its hash, when it has crashed three times within a minute
            or has killed the server while it was loaded. It is not loaded any more,
            in whatever folder it is, until it is lifted; another build of the same
            plugin has another hash.

            Example: syrinx plugin quarantine list
            """,
        subcommands: [QuarantineListCommand.self, QuarantineLiftCommand.self],
        defaultSubcommand: QuarantineListCommand.self)
}

struct QuarantineListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show what is in quarantine, and why.",
        discussion: "Example: syrinx plugin quarantine list --json")

    @OptionGroup var state: PluginStateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let entries = try state.quarantine.all()
        guard !json else {
            return Terminal.print((["quarantine": .array(entries.map(\.json))] as JSONValue).text)
        }
        guard !entries.isEmpty else { return Terminal.print("nothing is in quarantine") }
        var table = TextTable(["hash", "plugin", "since", "times", "reason"], rightAligned: [3])
        table.rows = entries.map { entry in
            let since = Date(timeIntervalSince1970: Double(entry.since)).formatted(.iso8601)
            return [entry.hash.short, entry.plugin, since, "\(entry.count)", entry.reason]
        }
        Terminal.print(table.text)
    }
}

struct QuarantineLiftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lift",
        abstract: "Let code in again.",
        discussion: "Example: syrinx plugin quarantine lift 3f9a0c77be12")

    @Argument(help: ArgumentHelp("Hash, or its first digits (at least 6).", valueName: "hash"))
    var hash: String

    @OptionGroup var state: PluginStateOptions

    func run() throws {
        let entry = try state.quarantine.lift(hash)
        Terminal.print("lifted \(entry.hash.short) (\(entry.plugin)): it is loaded again when the host looks next")
    }
}
