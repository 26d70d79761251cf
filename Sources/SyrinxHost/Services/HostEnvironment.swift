// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What the plugin host needs from the world. The server gives it the real one; tests give it virtual time, workers
/// that run on command, and a log that can be read: the host's own code is the same in both.
package protocol HostEnvironment: AnyObject, Sendable {
    /// Monotonic.
    func now() -> Instant
    /// Runs blocking work soon, off the media threads. False when the pool's queue is full.
    func runBlocking(_ work: @escaping @Sendable () -> Void) -> Bool
    /// A plugin's log record; must not block.
    func log(plugin: String, level: Int, message: String, fields: String)
    /// A plugin's metric, by declared name; must not block.
    func metric(plugin: String, name: String, value: Double)
    /// What the host has to tell of a session; must not block.
    func log(session: String, tenant: String, level: Int, message: String)
    /// A provider's request has its connection; must not block.
    /// - Parameters:
    ///   - kind: `stt`, of the provider.
    ///   - isKept: there was one already, and no handshake.
    func connected(kind: String, provider: String, after wait: Duration, isKept: Bool)
    /// A provider is about to be opened with these: they must not be seen in logs.
    func hide(secrets: [String])
    /// Whoever runs the requests and sockets of plugins; nil = they have no network.
    var network: (any NetworkClient)? { get }
    /// The addresses that the operator lets plugins reach.
    var addressRules: AddressRules { get }
}

extension HostEnvironment {
    package func log(session: String, tenant: String, level: Int, message: String) {
        log(plugin: session, level: level, message: message, fields: "")
    }

    package func connected(kind: String, provider: String, after wait: Duration, isKept: Bool) {}
    package func hide(secrets: [String]) {}
    package var network: (any NetworkClient)? { nil }
    package var addressRules: AddressRules { AddressRules() }
}

/// Where one session's plugin calls happen: the event loop of its connection, or a test's queue.
package protocol SessionExecutor: AnyObject, Sendable {
    /// Soon, in order, on the executor.
    func execute(_ work: @escaping @Sendable () -> Void)
    /// After a delay, on the executor.
    func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork
    /// Whether the caller is on it now.
    var isCurrent: Bool { get }
}

package protocol ScheduledWork: Sendable {
    func cancel()
}
