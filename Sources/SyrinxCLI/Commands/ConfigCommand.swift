// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxConfig
internal import SyrinxCore

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at configuration files: faults, keys, defaults, differences.",
        discussion: """
            None of these needs a server or a plugin; `syrinx check` also asks the plugins.

            Example: syrinx config check syrinx.yaml
            """,
        subcommands: [
            ConfigCheckCommand.self, ConfigExplainCommand.self, ConfigEffectiveCommand.self, ConfigDiffCommand.self,
            ConfigSchemaCommand.self,
        ])
}

struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Print everything wrong with a configuration file.",
        discussion: """
            Each fault with its line and the fix. Exit code 1 when there are any.

            Example: syrinx config check syrinx.yaml --json
            """)

    @Argument(help: ArgumentHelp("The configuration.", valueName: "file"))
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let errors: ConfigErrors
        do {
            _ = try ServeSettings.load(file)
            errors = ConfigErrors(issues: [])
        } catch {
            errors = error
        }
        if json {
            Terminal.print(errors.json.text)
        } else {
            Terminal.print(errors.issues.isEmpty ? "\(file): ok" : errors.rendered(color: false))
        }
        if !errors.isOK { throw ExitCode(1) }
    }
}

struct ConfigExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what a key takes and means, its default, and when a change of it holds.",
        discussion: """
            Of a group it lists the keys; without a key, all of them. With --markdown it
            prints the manual, docs/CONFIG.md, with its tables renewed.

            Example: syrinx config explain tenants.acme.limits.sessions
            """)

    @Argument(help: ArgumentHelp("Path of a key or a group.", valueName: "key"))
    var key: String?

    @Option(help: ArgumentHelp("The manual whose tables are to be renewed.", valueName: "file"))
    var markdown: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        if let markdown {
            guard let data = FileManager.default.contents(atPath: markdown) else {
                throw ValidationError("cannot read \(markdown)")
            }
            return Terminal.print(ConfigManual.renewed(String(decoding: data, as: UTF8.self)).withoutLastBreak)
        }
        let explanation = try ConfigExplain(key)
        Terminal.print(json ? explanation.json.text : explanation.text)
    }
}

struct ConfigEffectiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "effective",
        abstract: "Print the whole configuration, each value with where it comes from.",
        discussion: """
            YAML with every default. Secrets, and what came from the environment or from
            other files, are shown as [secret].

            Example: syrinx config effective syrinx.yaml
            """)

    @Argument(help: ArgumentHelp("The configuration.", valueName: "file"))
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let effective = ConfigEffective(try ConfigFile.load(file))
        Terminal.print(json ? effective.json.text : effective.yaml.withoutLastBreak)
    }
}

struct ConfigDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Print what a reload from one configuration to another would change.",
        discussion: """
            Each changed key, and whether it holds at once, for new sessions, or only
            after a restart. Secrets are shown as [secret].

            Example: syrinx config diff running.yaml next.yaml
            """)

    @Argument(help: ArgumentHelp("The configuration that holds.", valueName: "old"))
    var old: String

    @Argument(help: ArgumentHelp("The configuration to come.", valueName: "new"))
    var new: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let diff = ConfigDiff(from: try ConfigFile.load(old), to: try ConfigFile.load(new))
        Terminal.print(json ? diff.json.text : diff.text)
    }
}

struct ConfigSchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of configuration files, for editors.",
        discussion: "Example: syrinx config schema > syrinx.schema.json")

    func run() { Terminal.print(Configuration.schema.prettyText) }
}

private enum ConfigFile {
    /// Faults go to stderr, for stdout is what was asked for.
    static func load(_ path: String) throws(ExitCode) -> Configuration {
        do {
            return try ServeSettings.load(path)
        } catch {
            Terminal.note(error.rendered(color: false))
            throw ExitCode(1)
        }
    }
}

extension String {
    /// The terminal ends the last line itself.
    fileprivate var withoutLastBreak: String { hasSuffix("\n") ? String(dropLast()) : self }
}
