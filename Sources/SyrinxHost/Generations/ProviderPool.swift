// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// Keeps an open provider from being closed: whoever may begin sessions on it holds one.
package final class ProviderLease: Sendable {
    package let provider: ProviderInstance

    init(_ provider: ProviderInstance) { self.provider = provider }
}

/// The open providers, one for each (generation, kind, id, tenant, configuration). Thread-safe.
final class ProviderPool: Sendable {
    struct Key: Hashable, Sendable {
        var generation: Int
        var kind: PluginKind
        var reference: String
        var tenant: String
        var configuration: String

        init(_ descriptor: ProviderDescriptor, configuration: JSONValue, tenant: String) {
            generation = descriptor.generation
            kind = descriptor.kind
            reference = descriptor.reference
            self.tenant = tenant
            self.configuration = configuration.text
        }
    }

    private struct Entry {
        var provider: ProviderInstance
        weak var lease: ProviderLease?
    }

    private let entries = Mutex<[Key: Entry]>([:])
    /// Opening may load models for seconds; one at a time keeps memory and order predictable.
    private let opening = Mutex(())

    /// The open provider, opened first if need be. Blocks while models load.
    func lease(
        _ key: Key, open: () throws(SyrinxError) -> ProviderInstance
    ) throws(SyrinxError) -> ProviderLease {
        try Result { () throws(SyrinxError) in
            try opening.withLock { _ throws(SyrinxError) in
                if let known = known(key) { return known }
                return add(try open(), key)
            }
        }.get()
    }

    /// Takes a provider that was opened elsewhere; the one that is there already wins.
    /// - Returns: the lease, and whether it is on `provider`.
    func adopt(_ provider: ProviderInstance, as key: Key) -> (lease: ProviderLease, isNew: Bool) {
        opening.withLock { _ in
            if let known = known(key) { return (known, false) }
            return (add(provider, key), true)
        }
    }

    private func known(_ key: Key) -> ProviderLease? {
        entries.withLock { entries in
            guard let entry = entries[key] else { return nil }
            if let lease = entry.lease { return lease }
            let lease = ProviderLease(entry.provider)
            entries[key]?.lease = lease
            return lease
        }
    }

    private func add(_ provider: ProviderInstance, _ key: Key) -> ProviderLease {
        let lease = ProviderLease(provider)
        entries.withLock { $0[key] = Entry(provider: provider, lease: lease) }
        return lease
    }

    var open: [ProviderInstance] { entries.withLock { $0.values.map(\.provider) } }

    /// Closes providers that nobody leases, that no session uses, and that are not wanted any more. Blocks.
    func closeIdle(except isWanted: (ProviderDescriptor) -> Bool) {
        let idle = opening.withLock { _ in
            entries.withLock { entries in
                let idle = entries.filter {
                    $0.value.lease == nil && $0.value.provider.openSessions == 0
                        && !isWanted($0.value.provider.descriptor)
                }
                for key in idle.keys { entries[key] = nil }
                return idle.values.map(\.provider)
            }
        }
        // Without a lease nobody can have begun a session since.
        for provider in idle { _ = provider.close() }
    }

    /// Closes all that no session uses; leases do not count.
    /// - Returns: whether none is left.
    func closeAll() -> Bool {
        let open = entries.withLock { $0.mapValues(\.provider) }
        for (key, provider) in open where provider.close() {
            entries.withLock { _ = $0.removeValue(forKey: key) }
        }
        return entries.withLock(\.isEmpty)
    }
}
