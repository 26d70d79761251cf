// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxCore

struct PluginDevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Build a plugin's project again whenever a source changes.",
        discussion: """
            Each good build replaces the plugin's folder in --into in one step; what has
            loaded the old one keeps it. A build that fails leaves the last good one.
            Ends with Ctrl-C.

            Example: syrinx plugin dev my-vad --into dist/plugins
            """)

    @Argument(help: ArgumentHelp("The project's folder.", valueName: "dir"))
    var folder = "."

    @Option(help: ArgumentHelp("The folder of plugins that gets each build. Default: none.", valueName: "dir"))
    var into: String?

    @OptionGroup var sdk: SDKOption

    func run() async throws {
        let project = try PluginProject(folder: folder)
        let sdk = try sdk.findForProject()
        Terminal.note("watching \(project.folder); Ctrl-C ends")
        var seen: PluginProject.Snapshot?
        while true {
            let now = project.snapshot()
            if now != seen {
                seen = now
                round(project, sdk)
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    /// One build; what is wrong with it is told, and the next change tries again.
    private func round(_ project: PluginProject, _ sdk: PluginSDK?) {
        do {
            let start = ContinuousClock.now
            try project.build(with: sdk)
            let took = (ContinuousClock.now - start).formatted
            guard let into else { return Terminal.print("built \(project.package) in \(took)") }
            let target = URL(fileURLWithPath: into).standardizedFileURL.path
            let place = try PackageInstaller.install(package: project.package, id: project.id, into: target)
            Terminal.print("built and installed \(place) in \(took)")
        } catch {
            Terminal.report(error)
        }
    }
}
