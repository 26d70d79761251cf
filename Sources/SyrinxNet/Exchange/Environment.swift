// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
internal import SyrinxCore

/// What all exchanges of a client share.
final class Environment: Sendable {
    let settings: NetSettings
    let resolver: Resolver
    let connector: Connector
    let pool: Pool
    private let running = Mutex<[ObjectIdentifier: Exchange]>([:])
    private let closed = Mutex(false)

    init(_ settings: NetSettings, _ contexts: TLSContexts) {
        self.settings = settings
        resolver = Resolver(settings)
        connector = Connector(resolver, contexts, settings)
        pool = Pool(settings)
    }

    var isClosed: Bool { closed.withLock { $0 } }

    func add(_ exchange: Exchange) { running.withLock { $0[ObjectIdentifier(exchange)] = exchange } }

    func remove(_ exchange: Exchange) { running.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(exchange)) } }

    func close() {
        closed.withLock { $0 = true }
        for exchange in running.withLock({ Array($0.values) }) { exchange.abort() }
        pool.close()
        resolver.close()
    }
}
