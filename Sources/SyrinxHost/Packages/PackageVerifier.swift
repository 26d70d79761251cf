// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import SyrinxCore

/// Decides whether a plugin's folder may be loaded, how far it is trusted, and from which path.
///
/// Each file is read once; what is hashed, checked and loaded are the same bytes. Thread-safe; blocks for file access.
package struct PackageVerifier: Sendable {
    package var keys = TrustKeyring()
    package var lock: PluginLock?
    /// Where verified entries are kept; without one they go to sealed memory.
    package var store: ContentStore?
    package var quarantine: Quarantine?
    package var guarding = FileGuard()
    /// Seconds since 1970: whether a key has expired.
    package var now: @Sendable () -> Int64 = { Int64(time(nil)) }
    var maximumFileBytes = PackageContents.maximumFileBytes

    package init(
        keys: TrustKeyring = TrustKeyring(), lock: PluginLock? = nil, store: ContentStore? = nil,
        quarantine: Quarantine? = nil
    ) {
        self.keys = keys
        self.lock = lock
        self.store = store
        self.quarantine = quarantine
    }

    /// All checks, then the entry is put where it can be loaded.
    /// - Throws: `plugin.manifest.*`, `plugin.package.*`, `plugin.trust.*`, `plugin.elf.*`, `plugin.load.no_entry`,
    ///   `plugin.quarantined`, `plugin.store.*`.
    package func verify(folder: String) throws(SyrinxError) -> VerifiedPackage {
        let inspected = try inspect(folder: folder)
        var package = inspected.package
        if let quarantine, let entry = try quarantine.entry(for: package.entryHash) {
            throw entry.refusal(place: folder)
        }
        if let store {
            let name = package.manifest.isBound ? PluginManifest.bindingFile : "plugin.so"
            package.loadPath = try store.path(of: inspected.entryBytes, hash: package.entryHash, name: name)
        } else {
            let image = try SealedImage.make(inspected.entryBytes, hash: package.entryHash)
            package.loadPath = image.path
            package.image = image
        }
        return package
    }

    /// The same checks for a look only: nothing is stored, `loadPath` is empty.
    /// - Parameter everything: hashes all files of the folder, listed or not.
    package func examine(folder: String, everything: Bool = false) throws(SyrinxError) -> VerifiedPackage {
        try inspect(folder: folder, everything: everything).package
    }

    /// The level for a listing.
    package func level(folder: String) -> PackageTrust.Level {
        do {
            return try examine(folder: folder).trust.level
        } catch {
            return PackageTrust.level(of: error)
        }
    }

    private func inspect(
        folder: String, everything: Bool = false
    ) throws(SyrinxError) -> (package: VerifiedPackage, entryBytes: [UInt8]) {
        let contents = try PackageContents(of: folder, guarding: guarding, maximumFileBytes: maximumFileBytes) {
            let listed = Set(($0.files ?? [:]).keys).union((lock?[$0.id, $0.version]?.files ?? [:]).keys)
            return everything ? listed.union($1) : listed
        }
        let trust = try TrustDecision(
            contents: contents, keys: keys, lock: lock, today: CalendarDay(unixSeconds: now())
        ).decide()
        let report = contents.manifest.isBound ? nil : ELFReport(of: contents.entryBytes, place: contents.entryPlace)
        if let refusal = report?.refusal { throw refusal }
        let package = VerifiedPackage(
            manifest: contents.manifest, folder: folder, trust: trust, entryHash: contents.entryHash, loadPath: "",
            needed: report?.needed ?? [], warnings: report?.warnings ?? [], files: contents.hashes)
        return (package, contents.entryBytes)
    }
}

extension PackageContents {
    fileprivate var entryPlace: String { place(manifest.entry) }
}
