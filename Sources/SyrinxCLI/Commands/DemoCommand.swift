// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Make a spoken demonstration call to a running server.",
        usage: "syrinx demo [options]",
        discussion: """
            A synthetic caller books a table: its lines are spoken by the flite plugin,
            heard by the server, and answered. Prints what was said and how long each
            step took.

            Example: syrinx demo --url ws://127.0.0.1:8080
            """)

    @OptionGroup var call: CallOptions

    @OptionGroup var plugins: PluginOptions

    func run() async throws {
        let target = try call.target(profile: nil, rate: Demonstration.rate)
        let shelf = try PluginShelf(folders: plugins.folders)
        defer { shelf.close() }
        let demonstration = try await Demonstration.prepare(host: shelf.host)
        let report = try await demonstration.run(target, call.script(rate: Demonstration.rate), onNote: call.onNote)
        call.show(report)
        if let error = report.error { throw error }
    }
}
