// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore
internal import SyrinxHost

struct PluginKeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key that signs plugins.",
        usage: "syrinx plugin keygen <name> [options]",
        discussion: """
            Writes NAME.secret.json, which you keep to yourself and sign with, and
            NAME.pub.json, which an operator puts into a folder of trusted keys. How
            far the key is trusted stands in the operator's copy: `isolated` (plugins
            run in a helper process) or `inproc` (inside the server).

            Example: syrinx plugin keygen acme --expires 2028-12-31
            """)

    @Argument(help: ArgumentHelp("Name of the key: letters, digits, - and _.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("Folder for both files.", valueName: "dir"))
    var output = "."

    @Option(help: ArgumentHelp("isolated or inproc.", valueName: "reach"))
    var trust = TrustKey.Reach.isolated.rawValue

    @Option(help: ArgumentHelp("Last day on which it is good, YYYY-MM-DD.", valueName: "day"))
    var expires: String?

    func validate() throws {
        let isName =
            !name.isEmpty && name.utf8.count <= 64
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        guard isName else { throw ValidationError("`\(name)` is not a name: letters, digits, - and _") }
        guard TrustKey.Reach(rawValue: trust) != nil else { throw ValidationError("--trust is isolated or inproc") }
        guard expires == nil || expires.flatMap({ CalendarDay($0) }) != nil else {
            throw ValidationError("--expires is a day, YYYY-MM-DD")
        }
    }

    func run() throws {
        let made = try KeyPairFiles.write(
            name: name, folder: output, reach: TrustKey.Reach(rawValue: trust) ?? .isolated,
            expires: expires.flatMap { CalendarDay($0) })
        Terminal.print(
            """
            key \(made.key.id)
              \(made.secretFile)  keep it secret; sign with it
              \(made.publicFile)  for operators
            """)
    }
}
