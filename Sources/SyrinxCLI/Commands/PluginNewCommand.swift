// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxCore

/// `--sdk`, the same in each command that builds.
struct SDKOption: ParsableArguments {
    @Option(
        name: .customLong("sdk"),
        help: ArgumentHelp(
            "The folder `plugin-sdk`. Default: SYRINX_SDK, else the installed one.", valueName: "dir"))
    var named: String?

    func find() throws(SyrinxError) -> PluginSDK { try PluginSDK(named: named) }

    /// A project that exists remembers the SDK that it was made from; none is needed then.
    func findForProject() throws(SyrinxError) -> PluginSDK? {
        do {
            return try find()
        } catch  where error.place == nil {
            return nil
        }
    }
}

struct PluginNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a plugin's project that builds and serves calls as it is.",
        usage: "syrinx plugin new <name> --kind <kind> --lang <lang> [options]",
        discussion: """
            Kinds: vad, filter, stt, tts, agent, turn, backend.
            Languages: c, cpp, swift, rust; bound makes a plugin of a C library by a
            manifest alone (vad, filter, tts).

            Example: syrinx plugin new my-vad --kind vad --lang c
            """)

    @Argument(help: ArgumentHelp("The plugin's id: lower-case letters, digits, - and _.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("What it provides.", valueName: "kind"))
    var kind: String

    @Option(help: ArgumentHelp("What it is written in.", valueName: "lang"))
    var lang: String

    @Option(help: ArgumentHelp("The project's folder. Default: ./<name>.", valueName: "dir"))
    var output: String?

    @OptionGroup var sdk: SDKOption

    func run() throws {
        let template = try ProjectTemplate(id: name, kind: kind, language: lang, sdk: sdk.find())
        let shown = output ?? name
        try template.write(to: URL(fileURLWithPath: shown).standardizedFileURL.path)
        Terminal.print(
            """
            \(shown): \(template.files.count) files
            next:
              syrinx plugin build \(shown)
              syrinx plugin inspect \(shown)/out/\(name)
            """)
    }
}
