// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this build.",
        discussion: "Example: syrinx version --json")

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() {
        guard json else { return Terminal.print("syrinx \(SyrinxVersion.current)") }
        Terminal.print((["version": .string(SyrinxVersion.current)] as JSONValue).text)
    }
}
