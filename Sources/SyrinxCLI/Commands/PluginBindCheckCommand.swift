// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxCore

/// Hands over to `syrinx-bind-check`: the comparison loads the library, which has no business in this process.
struct PluginBindCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bind-check",
        abstract: "Compare a bind.json with the library that it binds.",
        discussion: """
            Each function is compared with the library's debug information, else with its
            headers ("header" in bind.json; needs a C compiler); what neither knows is
            only looked up as a symbol. Exit code 1 when something is wrong.

            Example: syrinx plugin bind-check Plugins/bound-speexdsp
            """)

    @Argument(help: ArgumentHelp("A bound plugin's folder, or its bind.json.", valueName: "folder|bind.json"))
    var path: String

    @Flag(help: "Print one JSON object.")
    var json = false

    /// - Throws: `file.not_readable` when the program is not installed, and exit codes of its own.
    func run() throws {
        let tool = Process()
        tool.executableURL = URL(fileURLWithPath: InstallPaths.program("syrinx-bind-check"))
        tool.arguments = (json ? ["--json"] : []) + [URL(fileURLWithPath: path).path]
        do {
            try tool.run()
        } catch {
            throw SyrinxError(
                "file.not_readable", "syrinx-bind-check cannot be started",
                fix: "install it beside syrinx, or `swift build --product syrinx-bind-check`",
                place: InstallPaths.program("syrinx-bind-check"))
        }
        tool.waitUntilExit()
        let crashed = tool.terminationReason != .exit
        if crashed || tool.terminationStatus != 0 { throw ExitCode(crashed ? 1 : tool.terminationStatus) }
    }
}
