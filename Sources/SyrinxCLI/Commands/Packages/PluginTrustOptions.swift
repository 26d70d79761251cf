// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore
internal import SyrinxHost

/// `--keys` and `--lock`, the same everywhere.
struct PluginTrustOptions: ParsableArguments {
    @Option(
        name: .customLong("keys"),
        help: ArgumentHelp("Key file, or folder of *.pub.json, that is trusted; may repeat.", valueName: "path"))
    var keys: [String] = []

    @Option(
        name: .customLong("lock"),
        help: ArgumentHelp(
            "Lock file: what differs from it is refused. Default: plugins.lock in the folder of all plugins.",
            valueName: "file"))
    var lock: String?

    /// - Throws: `plugin.trust.key_invalid`, `plugin.trust.lock_invalid`, `plugin.package.*`.
    func verifier() throws(SyrinxError) -> PackageVerifier {
        var verifier = PackageVerifier(keys: try TrustKeyring(paths: keys))
        if let lock { verifier.lock = try PluginLock(contentsOf: lock) }
        return verifier
    }

    /// The same for one plugin's folder, with the lock that a server would find for it.
    /// - Throws: as above.
    func verifier(of folder: String) throws(SyrinxError) -> PackageVerifier {
        var verifier = try verifier()
        if lock == nil { verifier.lock = try PluginLock(besides: folder) }
        return verifier
    }
}

/// `--state`, the same everywhere.
struct PluginStateOptions: ParsableArguments {
    @Option(
        name: .customLong("state"),
        help: ArgumentHelp(
            "Folder of the host's state. Default: $STATE_DIRECTORY, else ~/.local/state/syrinx.", valueName: "dir"))
    var state: String?

    var quarantine: Quarantine { Quarantine(state: state ?? InstallPaths.stateFolder) }
}
