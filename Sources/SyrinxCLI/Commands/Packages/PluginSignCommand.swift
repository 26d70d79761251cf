// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore
internal import SyrinxHost

struct PluginSignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a plugin's folder.",
        discussion: """
            Writes the SHA-256 of every file into plugin.json, under `files`, and the
            Ed25519 signature of plugin.json beside it, as plugin.json.sig. Whatever
            changes afterwards, a file more or a file less, is noticed by whoever
            trusts the key.

            Example: syrinx plugin sign out/plugins/my-vad --key acme.secret.json
            """)

    @Argument(help: ArgumentHelp("The plugin's folder.", valueName: "folder"))
    var folder: String

    @Option(help: ArgumentHelp("NAME.secret.json of `syrinx plugin keygen`.", valueName: "file"))
    var key: String

    func run() throws {
        let key = try KeyPairFiles.secretKey(key)
        let files = try PackageSigner.sign(folder: PackagePath.plain(folder), with: key)
        Terminal.print("signed \(folder) with key \(key.id): \(files.count) files")
    }
}

/// A folder as people type it.
enum PackagePath {
    /// Without the slash at the end that completion leaves there.
    static func plain(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
