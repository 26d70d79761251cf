// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// All providers that are loaded, by (kind, id, version). Thread-safe.
package final class PluginRegistry: Sendable {
    private struct Key: Hashable {
        var kind: PluginKind
        var id: String
        var version: SemanticVersion
    }

    private let providers = Mutex<[Key: ProviderDescriptor]>([:])

    package init() {}

    /// Takes all providers of one module, or none.
    /// - Throws: `plugin.duplicate_id` when one is already there: nothing is ever replaced silently.
    package func add(_ descriptors: [ProviderDescriptor]) throws(SyrinxError) {
        let duplicate: SyrinxError? = providers.withLock { known in
            var next = known
            for descriptor in descriptors {
                let key = Key(kind: descriptor.kind, id: descriptor.id, version: descriptor.version)
                if let other = next[key] {
                    return SyrinxError(
                        "plugin.duplicate_id",
                        "\(descriptor.kind.name) `\(descriptor.reference)` is already provided by \(other.folder)",
                        fix: "remove one of the two folders, or give one another version", place: descriptor.folder)
                }
                next[key] = descriptor
            }
            known = next
            return nil
        }
        if let duplicate { throw duplicate }
    }

    /// All, sorted by kind, id and version.
    package var all: [ProviderDescriptor] {
        providers.withLock { $0.values.sorted { ($0.kind, $0.id, $0.version) < ($1.kind, $1.id, $1.version) } }
    }

    /// The newest provider that the reference names.
    /// - Throws: `plugin.not_found`, with what there is instead.
    package func find(_ kind: PluginKind, _ reference: ProviderReference) throws(SyrinxError) -> ProviderDescriptor {
        let ofKind = all.filter { $0.kind == kind }
        let matching = ofKind.filter { reference.matches($0) }
        if let best = matching.max(by: { $0.version < $1.version }) { return best }
        let known = ofKind.map(\.reference).joined(separator: ", ")
        throw SyrinxError(
            "plugin.not_found", "no \(kind.name) provider `\(reference)` is loaded",
            fix: known.isEmpty ? "no \(kind.name) plugin is installed" : "installed: \(known)")
    }
}

extension ProviderReference {
    fileprivate func matches(_ descriptor: ProviderDescriptor) -> Bool {
        let theirs = [descriptor.version.major, descriptor.version.minor, descriptor.version.patch]
        return descriptor.id == id && zip(version, theirs).allSatisfy(==)
    }
}
