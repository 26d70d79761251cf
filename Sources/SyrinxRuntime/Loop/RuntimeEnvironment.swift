// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import Foundation
package import Logging
internal import Synchronization
package import SyrinxCore
internal import SyrinxHost

/// The real world for plugins: the monotonic clock, worker threads, the process's log.
package final class RuntimeEnvironment: HostEnvironment {
    private let workers: WorkerPool
    private let logger: Logger
    /// Whoever reads the log may be slow; media threads never wait for it. Over the limit records are dropped.
    private let logQueue = DispatchQueue(label: "syrinx.plugin-log", qos: .utility)
    private let logsWaiting = Mutex(0)
    private static let logLimit = 1000
    /// Bytes of one of its texts: more is not even searched for secrets.
    private static let longestText = 64 << 10
    /// By plugin and name; names are declared, so this stays small.
    private let metrics = Mutex<[String: [String: Double]]>([:])

    private let connectionObserver = Mutex<ConnectionObserver?>(nil)

    /// Runs the requests and sockets of plugins; nil = they have no network.
    package let network: (any NetworkClient)?
    package let addressRules: AddressRules
    private let onSecrets: @Sendable ([String]) -> Void

    /// - Parameters:
    ///   - threads: for blocking work; as many as there are cores unless told.
    ///   - onSecrets: told those of each provider, before it is opened.
    package init(
        threads: Int = ProcessInfo.processInfo.activeProcessorCount, logger: Logger,
        network: (any NetworkClient)? = nil, addressRules: AddressRules = AddressRules(),
        onSecrets: @escaping @Sendable ([String]) -> Void = { _ in }
    ) {
        self.onSecrets = onSecrets
        self.network = network
        self.addressRules = addressRules
        workers = WorkerPool(name: "syrinx-work", threads: threads)
        self.logger = logger
    }

    package func now() -> Instant { Instant(nanoseconds: syrinx_monotonic_ns()) }

    package func runBlocking(_ work: @escaping @Sendable () -> Void) -> Bool { workers.run(work) }

    package func log(plugin: String, level: Int, message: String, fields: String) {
        var metadata: Logger.Metadata = ["syrinx.plugin": "\(plugin)"]
        if !fields.isEmpty { metadata["fields"] = "\(Self.cut(fields))" }
        log(level, Self.cut(message), metadata)
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= longestText ? text : String(decoding: text.utf8.prefix(longestText), as: UTF8.self)
    }

    package func log(session: String, tenant: String, level: Int, message: String) {
        log(level, message, ["syrinx.session": "\(session)", "syrinx.tenant": "\(tenant)"])
    }

    private func log(_ level: Int, _ message: String, _ metadata: Logger.Metadata) {
        let levels: [Logger.Level] = [.trace, .debug, .info, .notice, .warning, .error]
        let level = levels[max(0, min(level, levels.count - 1))]
        let isFull = logsWaiting.withLock { waiting in
            guard waiting < Self.logLimit else { return true }
            waiting += 1
            return false
        }
        guard !isFull else { return }
        logQueue.async { [self] in
            logger.log(level: level, "\(message)", metadata: metadata)
            logsWaiting.withLock { $0 -= 1 }
        }
    }

    /// Who is told what requests of providers wait for their connections.
    package typealias ConnectionObserver =
        @Sendable (_ kind: String, _ provider: String, _ wait: Duration, _ isKept: Bool) -> Void

    /// One observer; called on threads of the network, must not block.
    package func observeConnections(_ observer: @escaping ConnectionObserver) {
        connectionObserver.withLock { $0 = observer }
    }

    package func connected(kind: String, provider: String, after wait: Duration, isKept: Bool) {
        connectionObserver.withLock { $0 }?(kind, provider, wait, isKept)
    }

    package func hide(secrets: [String]) { onSecrets(secrets) }

    package func metric(plugin: String, name: String, value: Double) {
        metrics.withLock { $0[plugin, default: [:]][name, default: 0] += value }
    }

    /// What a plugin has added to each of its declared metrics so far.
    package func metrics(of plugin: String) -> [String: Double] { metrics.withLock { $0[plugin] ?? [:] } }

    package func stop() { workers.stop() }
}
