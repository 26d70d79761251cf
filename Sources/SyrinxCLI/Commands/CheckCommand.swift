// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxConfig
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxServer

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file, and what it asks of the plugins.",
        usage: "syrinx check --config <file> [options]",
        discussion: """
            Prints everything wrong at once, each with its line and the fix. Exit code 1
            when there are errors.

            Example: syrinx check --config syrinx.yaml
            """)

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String

    @Option(
        name: .customLong("plugins"), parsing: .singleValue,
        help: ArgumentHelp("Folder that holds one folder a plugin; may repeat.", valueName: "dir"))
    var plugins: [String] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let issues = try ConfigErrors(issues: issues())
        show(issues)
        if issues.issues.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    /// The plugins are asked only about a file that is sound in itself.
    private func issues() throws(SyrinxError) -> [ConfigIssue] {
        let configuration: Configuration
        do {
            configuration = try ServeSettings.load(config)
        } catch {
            return error.issues
        }
        let named = plugins.isEmpty ? configuration.plugins.folders ?? [InstallPaths.pluginFolder] : plugins
        let shelf = try PluginShelf(folders: named)
        defer { shelf.close() }
        return ConfigurationCheck.issues(configuration, registry: shelf.host.registry)
    }

    private func show(_ errors: ConfigErrors) {
        guard !json else {
            let isOK = !errors.issues.contains { $0.severity == .error }
            return Terminal.print(
                (["ok": .bool(isOK), "issues": .array(errors.issues.map(Self.json))] as JSONValue).text)
        }
        Terminal.print(errors.issues.isEmpty ? "\(config): ok" : errors.rendered(color: false))
    }

    private static func json(_ issue: ConfigIssue) -> JSONValue {
        [
            "file": .string(issue.file), "line": .int(Int64(issue.line)), "column": .int(Int64(issue.column)),
            "severity": .string(issue.severity.rawValue), "message": .string(issue.message),
            "fix": issue.fix.map(JSONValue.string) ?? .null,
        ]
    }
}
