// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore
internal import SyrinxHost

/// The world for plugins in tests: time stands still until told, blocking work runs on command, logs can be read. The
/// plugin host around it is the real one.
package final class FakeHostEnvironment: HostEnvironment {
    private struct State {
        var now = Instant.zero
        var work: [@Sendable () -> Void] = []
        var logs: [String] = []
        var metrics: [String: Double] = [:]
        var hidden: [String] = []
    }

    private let state = Mutex(State())
    private let workLimit: Int

    package let network: (any NetworkClient)?

    package init(workLimit: Int = 1000, network: (any NetworkClient)? = nil) {
        self.workLimit = workLimit
        self.network = network
    }

    package func now() -> Instant { state.withLock(\.now) }

    package func advance(by duration: Duration) { state.withLock { $0.now = $0.now + duration } }

    package func runBlocking(_ work: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.work.count < workLimit else { return false }
            state.work.append(work)
            return true
        }
    }

    /// Runs the oldest piece of blocking work.
    /// - Returns: false when there is none.
    @discardableResult
    package func runOneWork() -> Bool {
        guard let work = state.withLock({ $0.work.isEmpty ? nil : $0.work.removeFirst() }) else { return false }
        work()
        return true
    }

    package func log(plugin: String, level: Int, message: String, fields: String) {
        state.withLock { $0.logs.append("\(plugin) \(level) \(message)") }
    }

    package func metric(plugin: String, name: String, value: Double) {
        state.withLock { $0.metrics["\(plugin) \(name)", default: 0] += value }
    }

    package func hide(secrets: [String]) { state.withLock { $0.hidden += secrets } }

    /// What no log may show.
    package var hidden: [String] { state.withLock(\.hidden) }
    package var logs: [String] { state.withLock(\.logs) }
    package var metrics: [String: Double] { state.withLock(\.metrics) }
}
