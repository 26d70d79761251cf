// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization
package import SyrinxCore

/// How a host takes plugins in: whom it believes, and where their code runs. Thread-safe.
package struct PluginLoading: Sendable {
    /// Which plugins run in helper processes.
    package enum Isolation: String, Sendable, CaseIterable {
        /// All that are not trusted in the server's process: the default.
        case untrusted
        case always
        case never
    }

    package var verifier: PackageVerifier
    package var isolation: Isolation
    package var settings: IsolationSettings

    package init(
        verifier: PackageVerifier = PackageVerifier(), isolation: Isolation = .untrusted,
        settings: IsolationSettings = IsolationSettings()
    ) {
        self.verifier = verifier
        self.isolation = isolation
        self.settings = settings
    }

    /// Everything in this process: for tests and tools that load what they have built themselves.
    package static let trusting = PluginLoading(isolation: .never)

    /// Checks a plugin's folder and decides where it is to run. No code of it runs.
    /// - Throws: as `PackageVerifier.verify`.
    package func package(at folder: String) throws(SyrinxError) -> PluginPackage {
        var verifier = verifier
        if verifier.lock == nil { verifier.lock = try Self.lock(besides: folder) }
        let verified = try verifier.verify(folder: folder)
        return PluginPackage(verified, mode: mode(of: verified))
    }

    private func mode(of package: VerifiedPackage) -> LoadMode {
        switch isolation {
        case .always: .isolated
        case .never: .inProcess
        case .untrusted: package.runsInProcess ? .inProcess : .isolated
        }
    }

    /// The `plugins.lock` in the folder that holds the plugins, if there is one: where `syrinx plugin lock` puts it.
    private static func lock(besides folder: String) throws(SyrinxError) -> PluginLock? {
        let path = PathParts.split(folder).folder + "/" + PluginLock.fileName
        guard access(path, F_OK) == 0 else { return nil }
        return try PluginLock(contentsOf: path)
    }
}

extension PluginPackage {
    init(_ verified: VerifiedPackage, mode: LoadMode) {
        self.init(
            manifest: verified.manifest, folder: verified.folder, loadPath: verified.loadPath,
            hash: verified.entryHash.hex, mode: mode, trust: verified.trust)
        image = verified.image
    }
}
