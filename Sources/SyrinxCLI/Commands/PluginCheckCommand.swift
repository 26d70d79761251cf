// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxCore

/// `syrinx plugin check`: becomes `syrinx-plugin-check`, the program beside this one.
struct PluginCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Hold a plugin to the rules: a hundred and twenty checks, each in its own process.",
        usage: "syrinx plugin check PATH [options]",
        discussion: """
            PATH is a plugin's folder or its shared object. `syrinx plugin check --help`
            shows the options, docs/CHECKER.md what each check is about.

            Example: syrinx plugin check ./plugins/my-vad --mode both
            """)

    @Argument(
        parsing: .captureForPassthrough, help: ArgumentHelp("For syrinx-plugin-check.", valueName: "arguments"))
    var arguments: [String] = []

    /// Returns only when the program could not be started: its exit code is the command's.
    func run() throws {
        let program = InstallPaths.program("syrinx-plugin-check")
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        execv(program, &words)
        throw SyrinxError(
            "plugin.checker_missing", "\(program) cannot be started: \(String(cString: strerror(errno)))",
            fix: "install syrinx-plugin-check beside syrinx", place: program)
    }
}
