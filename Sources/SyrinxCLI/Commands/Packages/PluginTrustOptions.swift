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
            "Lock file: what differs from it is refused. Default: plugins.lock beside the plugin's folder.",
            valueName: "file"))
    var lock: String?

    /// - Returns: what verifies a plugin's folder, by that folder.
    /// As a server takes plugins in that believes these keys and this lock file.
    /// - Throws: `plugin.trust.key_invalid`, `plugin.trust.lock_invalid`, `plugin.package.*`.
    func loading() throws(SyrinxError) -> PluginLoading {
        var verifier = PackageVerifier(keys: try TrustKeyring(paths: keys))
        if let lock { verifier.lock = try PluginLock(contentsOf: lock) }
        return PluginLoading(verifier: verifier)
    }

    /// - Throws: `plugin.trust.key_invalid`, `plugin.trust.lock_invalid`, `plugin.package.*`.
    func verifier() throws(SyrinxError) -> (String) throws(SyrinxError) -> PackageVerifier {
        let keys = try TrustKeyring(paths: keys)
        let named = try lock.map { path throws(SyrinxError) in try PluginLock(contentsOf: path) }
        return { folder throws(SyrinxError) in
            var verifier = PackageVerifier(keys: keys, lock: named)
            if named == nil { verifier.lock = try PluginLock(besides: folder) }
            return verifier
        }
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
