// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import Foundation
internal import Synchronization
package import SyrinxCore

/// A use that profiles make of a provider: what a self-test tries before sessions do.
package struct StageUse: Sendable {
    package var profile: String
    package var kind: PluginKind
    package var reference: ProviderReference
    package var configuration: JSONValue
    package var options: JSONValue
    /// Where secrets stand in either.
    package var hidden: Set<JSONPath>

    package init(
        profile: String, kind: PluginKind, reference: ProviderReference, configuration: JSONValue, options: JSONValue,
        hidden: Set<JSONPath> = []
    ) {
        self.profile = profile
        self.kind = kind
        self.reference = reference
        self.configuration = configuration
        self.options = options
        self.hidden = hidden
    }
}

/// Tries a provider as a session would: open it, ask its health, open a session, give it a frame, close the session.
///
/// It runs on a thread of its own, which is given up when the plugin does not come back.
struct SelfTest: Sendable {
    /// Models may load for 30 s; the rest is quick.
    static let limit: TimeInterval = 40
    private static let closeLimit: TimeInterval = 5

    let host: PluginHost
    let descriptor: ProviderDescriptor
    let use: StageUse

    /// Blocks.
    /// - Returns: the provider, open and leased, for the sessions that follow.
    /// - Throws: `plugin.config_invalid`, `provider.*`, `plugin.self_test.failed`, `plugin.self_test.hung`.
    func run() throws(SyrinxError) -> ProviderLease {
        let box = Box()
        let work = Work(test: self, box: box)
        let context = Unmanaged.passRetained(work).toOpaque()
        let failure = syrinx_thread_start(
            "syrinx-selftest",
            { context in
                guard let context else { return }
                let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                work.box.put(Result { () throws(SyrinxError) in try work.test.attempt() })
            }, context)
        guard failure == 0 else {
            Unmanaged<Work>.fromOpaque(context).release()
            throw SyrinxError("plugin.self_test.failed", "no thread for the self-test", place: place)
        }
        guard let result = box.take(within: Self.limit) else {
            throw SyrinxError(
                "plugin.self_test.hung", "the plugin did not come back within \(Int(Self.limit)) seconds",
                fix: "it stays loaded and unused; mend it, or restart the server without it", place: place)
        }
        let opened = try result.get()
        let (lease, isNew) = host.pool.adopt(opened.provider, as: opened.key)
        if !isNew { _ = opened.provider.close() }
        return lease
    }

    private struct Opened: Sendable {
        let provider: ProviderInstance
        let key: ProviderPool.Key
    }

    private var place: String { "\(descriptor.kind.name) \(descriptor.reference), profile \(use.profile)" }

    private func attempt() throws(SyrinxError) -> Opened {
        let complete = try PluginHost.checked(
            use.configuration, descriptor.configSchema, descriptor, "config", hiding: use.hidden)
        let options = try host.sessionOptions(use.options, for: descriptor, hiding: use.hidden)
        let provider = try ProviderInstance.open(
            descriptor, configuration: complete, tenant: "default", environment: host.environment)
        do {
            try provider.health().get()
            try trySession(provider, options)
        } catch {
            _ = provider.close()
            throw error
        }
        return Opened(
            provider: provider,
            key: ProviderPool.Key(descriptor, configuration: complete, tenant: "default"))
    }

    private func trySession(_ provider: ProviderInstance, _ options: JSONValue) throws(SyrinxError) {
        let executor = SelfTestExecutor()
        let failure = Mutex<SyrinxError?>(nil)
        let rate = descriptor.capabilities.rate(preferring: 16_000)
        let place = place
        let parameters = StageParameters(session: "self-test", options: options, inputRate: rate, outputRate: rate)
        let session = try provider.openSession(parameters, executor: executor) { event in
            guard case .failed(_, let code, let message, _) = event.kind else { return }
            failure.withLock { $0 = SyrinxError(code, message, place: place) }
        }
        let status = descriptor.kind.worksOnMediaPath ? frame(session, rate) : 0
        // What it has sent by now.
        _ = executor.run(within: 0) { false }
        let closed = Mutex(false)
        session.close { closed.withLock { $0 = true } }
        let isClosed = executor.run(within: Self.closeLimit) { closed.withLock { $0 } }
        if let failure = failure.withLock({ $0 }) { throw failure }
        guard status >= 0 else {
            throw SyrinxError("plugin.self_test.failed", "it answered \(status) to a frame of silence", place: place)
        }
        guard isClosed else {
            throw SyrinxError("plugin.self_test.failed", "its session did not close", place: place)
        }
    }

    /// 20 ms of silence.
    private func frame(_ session: StageSession, _ rate: Int) -> Int32 {
        var samples = [Int16](repeating: 0, count: rate / 50)
        return samples.withUnsafeMutableBufferPointer { samples in
            guard let base = samples.baseAddress else { return 0 }
            let output = descriptor.kind == .filter ? base : nil
            return session.process(base, output, samples: samples.count, pts: 0).status
        }
    }

    private final class Work: Sendable {
        let test: SelfTest
        let box: Box

        init(test: SelfTest, box: Box) {
            self.test = test
            self.box = box
        }
    }

    /// One result, waited for. What comes too late is closed.
    private final class Box: @unchecked Sendable {
        private let condition = NSCondition()
        private var result: Result<Opened, SyrinxError>?
        private var isGivenUp = false

        func put(_ result: Result<Opened, SyrinxError>) {
            condition.lock()
            self.result = result
            let isLate = isGivenUp
            condition.signal()
            condition.unlock()
            if isLate, case .success(let opened) = result { _ = opened.provider.close() }
        }

        func take(within limit: TimeInterval) -> Result<Opened, SyrinxError>? {
            let end = Date(timeIntervalSinceNow: limit)
            condition.lock()
            defer { condition.unlock() }
            while result == nil {
                guard condition.wait(until: end) else { break }
            }
            isGivenUp = result == nil
            return result
        }
    }
}
