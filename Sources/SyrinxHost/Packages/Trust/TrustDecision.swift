// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Compares what was read with what manifest, signature and lock say. Pure.
struct TrustDecision {
    let contents: PackageContents
    let keys: TrustKeyring
    let lock: PluginLock?
    let today: CalendarDay

    /// - Throws: `plugin.trust.*`, `plugin.package.missing_file`.
    func decide() throws(SyrinxError) -> PackageTrust {
        let key = try signer()
        try compare(contents.manifest.files ?? [:], with: "the hash in plugin.json")
        if key != nil { try checkCoverage() }
        let locked = lock?[contents.manifest.id, contents.manifest.version]
        if let locked { try checkLock(locked) }
        if locked?.trust == .core { return PackageTrust(.core, key: key) }
        if let key { return PackageTrust(.signed, key: key) }
        return PackageTrust(
            .unsigned, note: contents.signatureBytes == nil ? nil : "signed with a key that is not known here")
    }

    /// The trusted key that has signed the manifest; nil without a signature, and when the key is not known: then nobody
    /// answers for the package, as if it had no signature.
    private func signer() throws(SyrinxError) -> TrustKey? {
        guard let bytes = contents.signatureBytes else { return nil }
        let place = contents.place(PackageSignature.fileName)
        let signature = try PackageSignature(parsing: bytes, file: place)
        guard let key = keys[signature.keyID] else { return nil }
        try signature.check(contents.manifestBytes, by: key, today: today, place: place)
        return key
    }

    /// A signature answers for a package only if the manifest lists all of it.
    private func checkCoverage() throws(SyrinxError) {
        let listed = contents.manifest.files ?? [:]
        guard listed[contents.manifest.entry] != nil else {
            throw SyrinxError(
                "plugin.trust.incomplete", "the manifest is signed, but does not list `\(contents.manifest.entry)`",
                fix: "sign it with `syrinx plugin sign`, which lists every file",
                place: contents.place(PluginManifest.fileName))
        }
        let own: Set = [PluginManifest.fileName, PackageSignature.fileName]
        try refuseExtra(Set(listed.keys).union(own), "the signed manifest")
    }

    private func checkLock(_ locked: PluginLock.Entry) throws(SyrinxError) {
        try compare(locked.files, with: "the hash in the lock file")
        try refuseExtra(Set(locked.files.keys), "the lock file")
    }

    private func compare(_ expected: [String: ContentHash], with what: String) throws(SyrinxError) {
        for (name, hash) in expected.sorted(by: { $0.key < $1.key }) where contents.hashes[name] != hash {
            throw SyrinxError(
                "plugin.trust.modified", "`\(name)` differs from \(what)",
                fix: "install the package again; if you changed it, sign or lock it again", place: contents.place(name))
        }
    }

    private func refuseExtra(_ listed: Set<String>, _ what: String) throws(SyrinxError) {
        guard let extra = contents.present.first(where: { !listed.contains($0) }) else { return }
        throw SyrinxError(
            "plugin.trust.modified", "`\(extra)` is in the folder, but not in \(what)",
            fix: "remove it; if it belongs there, sign or lock the package again", place: contents.place(extra))
    }
}
