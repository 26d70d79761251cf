// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxCore
internal import SyrinxHost

struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "Look at plugins, make new ones, decide whom to trust, change them while calls go on.",
        discussion: "Example: syrinx plugin list",
        subcommands: [
            PluginListCommand.self, PluginInspectCommand.self, PluginNewCommand.self, PluginBuildCommand.self,
            PluginDevCommand.self, PluginCheckCommand.self, PluginBindCheckCommand.self, PluginKeygenCommand.self,
            PluginSignCommand.self, PluginVerifyCommand.self, PluginLockCommand.self, PluginQuarantineCommand.self,
            PluginReloadCommand.self, PluginRollbackCommand.self, PluginWhyCommand.self,
        ])
}

struct PluginListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List every provider, and every plugin that was refused.",
        usage: "syrinx plugin list [options]",
        discussion: """
            A refused plugin is shown with the code and the reason; the others load
            all the same. Exit code 1 when one was refused.

            With --server it asks a running server which builds it has loaded, and which
            of them serve.

            Example: syrinx plugin list --plugins ./plugins --json
            """)

    @OptionGroup var plugins: PluginOptions
    @OptionGroup var trust: PluginTrustOptions

    @Option(help: ArgumentHelp("Ask the server with this admin socket instead.", valueName: "socket"))
    var server: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        if let server {
            let overview = try AdminClient(socket: server).send("GET", "/plugins")
            return Terminal.print(json ? overview.text : GenerationListing(overview).text)
        }
        let shelf = try PluginShelf(folders: plugins.folders, loading: try trust.loading())
        defer { shelf.close() }
        let listing = PluginListing(shelf.host.plugins)
        Terminal.print(json ? listing.json.text : listing.text)
        if listing.hasRefusals { throw ExitCode(1) }
    }
}

struct PluginInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a plugin offers and how it is configured.",
        discussion: """
            Names a provider's id, a plugin's id, or the folder of one plugin; several
            providers are shown one after the other.

            Example: syrinx plugin inspect flite
            """)

    @Argument(help: ArgumentHelp("Id of a provider or plugin, or a plugin's folder.", valueName: "id|folder"))
    var subject: String

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let folder = URL(fileURLWithPath: subject).standardizedFileURL
        let isFolder = FileManager.default.fileExists(atPath: folder.path + "/plugin.json")
        let shelf = try PluginShelf(folders: isFolder ? [folder.deletingLastPathComponent().path] : plugins.folders)
        defer { shelf.close() }
        let cards = try Self.providers(isFolder ? folder.path : subject, in: shelf.host.plugins).map(PluginCard.init)
        guard json else { return Terminal.print(cards.map(\.text).joined(separator: "\n\n")) }
        Terminal.print((["providers": .array(cards.map(\.json))] as JSONValue).text)
    }

    /// - Throws: `plugin.not_found`, or why the plugin was refused.
    static func providers(
        _ subject: String, in plugins: [PluginHost.LoadedPlugin]
    ) throws(SyrinxError) -> [ProviderDescriptor] {
        let named = plugins.filter { $0.folder == subject || $0.manifest?.id == subject }
        if let refusal = named.compactMap(\.refusal).first { throw refusal }
        let found =
            named.isEmpty ? plugins.flatMap(\.providers).filter { $0.id == subject } : named.flatMap(\.providers)
        guard found.isEmpty else { return found }
        let known = Set(plugins.flatMap(\.providers).map(\.id)).sorted().joined(separator: ", ")
        throw SyrinxError(
            "plugin.not_found", "nothing here is called `\(subject)`",
            fix: known.isEmpty ? "name the plugin folder with --plugins" : "there are \(known)")
    }
}
