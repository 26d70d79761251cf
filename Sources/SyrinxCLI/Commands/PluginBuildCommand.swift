// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct PluginBuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build a plugin's project into out/<id>.",
        discussion: """
            Runs the project's make with the SDK that was found; make starts the
            compiler, swift or cargo.

            Example: syrinx plugin build my-vad
            """)

    @Argument(help: ArgumentHelp("The project's folder.", valueName: "dir"))
    var folder = "."

    @OptionGroup var sdk: SDKOption

    func run() throws {
        let project = try PluginProject(folder: folder)
        try project.build(with: sdk.findForProject())
        Terminal.print(
            """
            built \(project.package)
            next:
              syrinx plugin inspect \(project.package)
              syrinx plugin check \(project.package)
              syrinx plugin list --plugins \(project.folder)/out
              syrinx plugin dev \(folder) --into PLUGINS
            or name `\(project.folder)/out` under plugins.folders of the configuration.
            """)
    }
}
