// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore
internal import SyrinxHost

struct PluginLockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Write down which plugins are accepted, by the hash of every file.",
        usage: "syrinx plugin lock <folder> [options]",
        discussion: """
            Whoever uses the lock file refuses a plugin of the same id and version that
            differs in any file. With --core its plugins are trusted as the server
            itself is, and may run in its process: use it for those that you build or
            have read. Keep the file where only you can write it. One plugin's folder
            changes that plugin's entry only.

            Example: syrinx plugin lock dist/plugins --core
            """)

    @Argument(help: ArgumentHelp("Folder that holds one folder a plugin, or one plugin's folder.", valueName: "folder"))
    var folder: String

    @Flag(help: "Trust them as the server itself.")
    var core = false

    @Option(
        help: ArgumentHelp(
            "The file to write. Default: plugins.lock in the folder of all plugins.",
            valueName: "file"))
    var output: String?

    @Option(
        name: .customLong("keys"),
        help: ArgumentHelp("Key file, or folder of *.pub.json, that is trusted; may repeat.", valueName: "path"))
    var keys: [String] = []

    func run() throws {
        let folder = PackagePath.plain(folder)
        let verifier = PackageVerifier(keys: try TrustKeyring(paths: keys))
        var lock = try PluginLock(locking: folder, isCore: core, verifier: verifier)
        let home = try PluginLock.home(of: folder)
        // One plugin more or anew: the others stay as they are.
        if output == nil, try PluginLock.isPackage(folder), let known = try PluginLock(besides: folder) {
            lock = known.replacing(with: lock)
        }
        let file = output ?? "\(home)/\(PluginLock.fileName)"
        try lock.write(to: file)
        Terminal.print("locked \(lock.entries.count) plugins in \(file)")
    }
}
