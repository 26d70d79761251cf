// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxCore
internal import SyrinxServer

/// `--server`, for commands that need a running one.
struct AdminOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Admin socket of the server. Default: syrinx.sock in $XDG_RUNTIME_DIR, else /run/syrinx/admin.sock.",
            valueName: "socket"))
    var server: String?

    /// - Throws: `admin.unreachable` when no socket is named and there is no usual place for one.
    func client() throws(SyrinxError) -> AdminClient {
        let standard = AdminSocket.standardPath(environment: ProcessInfo.processInfo.environment)
        guard let path = server ?? standard else {
            throw SyrinxError(
                "admin.unreachable", "there is no usual place for an admin socket here",
                fix: "start the server with --admin-socket PATH, and name it with --server PATH")
        }
        return AdminClient(socket: path)
    }
}

struct PluginReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have a running server load a plugin's folder again.",
        discussion: """
            Changed or not: the build is loaded beside the old one and tested, then new
            sessions get it; live ones stay where they are. What was refused or taken
            back gets another chance. Exit code 1 when the new build does not serve.

            Example: syrinx plugin reload my-vad
            """)

    @Argument(help: ArgumentHelp("Id of the plugin.", valueName: "id"))
    var plugin: String

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let answer = try admin.client().send("POST", "/plugins/\(plugin)/reload")
        let report = GenerationReport(answer)
        Terminal.print(json ? answer.text : report.text(events: 4))
        if !report.newestIsLive { throw ExitCode(1) }
    }
}

struct PluginRollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Have a running server go back to a plugin's previous build.",
        discussion: """
            The build that serves, or is on trial, gets no new sessions any more; live
            ones stay on it. It stays out until its files change or it is reloaded.

            Example: syrinx plugin rollback my-vad
            """)

    @Argument(help: ArgumentHelp("Id of the plugin.", valueName: "id"))
    var plugin: String

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let answer = try admin.client().send("POST", "/plugins/\(plugin)/rollback")
        Terminal.print(json ? answer.text : GenerationReport(answer).text(events: 4))
    }
}

struct PluginWhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tell why a plugin's builds serve, or do not.",
        discussion: """
            Shows every build that a running server has loaded, what was refused and why,
            and the latest events.

            Example: syrinx plugin why my-vad
            """)

    @Argument(help: ArgumentHelp("Id of the plugin.", valueName: "id"))
    var plugin: String

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let answer = try admin.client().send("GET", "/plugins/\(plugin)/why")
        Terminal.print(json ? answer.text : GenerationReport(answer).text(events: 20))
    }
}
