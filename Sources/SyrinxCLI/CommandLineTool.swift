// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

/// The `syrinx` command: parses, runs, and turns every outcome into an exit code.
///
/// Codes are stable: 0 ok, 1 findings or failure, 2 wrong usage, 3 calls had to be cut.
package enum CommandLineTool {
    static let usageError: Int32 = 2

    package static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try SyrinxCommand.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let error as SyrinxError {
            Terminal.report(error)
            return 1
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return finish(error)
        }
    }

    /// Help and version are no errors; everything else here is wrong usage.
    private static func finish(_ error: any Error) -> Int32 {
        guard SyrinxCommand.exitCode(for: error) != .success else {
            Terminal.print(SyrinxCommand.fullMessage(for: error, columns: 80))
            return 0
        }
        let name = commandName(in: SyrinxCommand.fullMessage(for: error))
        Terminal.report(
            SyrinxError("usage.invalid", SyrinxCommand.message(for: error), fix: "`\(name) --help` shows how"))
        return usageError
    }

    /// ArgumentParser tells which command failed only in its usage line: `Usage: syrinx call …`.
    private static func commandName(in message: String) -> String {
        let usage = message.split(separator: "\n").first { $0.hasPrefix("Usage: ") }
        let words = usage?.split(separator: " ").dropFirst().prefix { $0.first?.isLetter ?? false }
        return words.map { $0.joined(separator: " ") } ?? "syrinx"
    }
}

struct SyrinxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "syrinx",
        abstract: "A voice backend: speech in, speech out, through plugins.",
        discussion: """
            Start the server, then talk to it:

              syrinx serve
              syrinx demo

            Every command has --help with an example. Exit codes: 0 ok, 1 findings or
            failure, 2 wrong usage, 3 calls had to be cut.
            """,
        subcommands: [
            ServeCommand.self, ConsoleCommand.self, CallCommand.self, SayCommand.self, DemoCommand.self,
            PluginCommand.self,
            SimulateCommand.self, ConfigCommand.self, CheckCommand.self, KeyCommand.self, StatusCommand.self,
            SessionsCommand.self,
            DrainCommand.self, ReloadCommand.self,
            ReplayCommand.self, VersionCommand.self,
        ])
}
