// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// Changes plugins while sessions live: takes new builds in, tests them, lets them serve, takes them back.
///
/// Nothing here touches a live session: it keeps the providers that it began with. One change happens at a time, on the
/// thread that asks for it; all of them may block, so event loops stay away. Looking, and what sessions report, never
/// waits for a change.
package final class LivePlugins: Sendable {
    package struct Options: Sendable {
        package var selfTest = true
        /// Nil or empty = a build that passed its self-test serves everybody at once.
        package var canary: CanaryPlan?
        /// Builds of one plugin that may be in this process's memory: none ever leaves it.
        package var maxGenerations = 16
        package var failures = FailureRule.Limits()

        package init() {}
    }

    let host: PluginHost
    let source: any PackageSource
    let options: Options
    let state = Mutex(State())
    private let report: @Sendable (PluginEvent) -> Void
    private let changing = Mutex(())

    struct State {
        weak var user: (any RouteUser)?
        var roots: [String] = []
        /// By folder.
        var slots: [String: Slot] = [:]
        var records: [Int: GenerationRecord] = [:]
        var log = PluginEventLog()
        /// Builds loaded so far, by plugin.
        var images: [String: Int] = [:]
        /// Generations to take back as soon as somebody may block.
        var pending: [Int: String] = [:]
        var isStopped = false
        var ticks = 0
    }

    /// A plugin's folder, as it was seen last.
    struct Slot {
        var plugin: String
        var fingerprint: PackageFingerprint?
        var generation: Int?
        var refusal: SyrinxError?
    }

    /// - Parameter report: gets every event, on the thread of the change.
    package init(
        host: PluginHost, source: any PackageSource, options: Options = Options(),
        report: @escaping @Sendable (PluginEvent) -> Void = { _ in }
    ) {
        self.host = host
        self.source = source
        self.options = options
        self.report = report
        host.setObserver(self)
    }

    /// Whose sessions take the plugins; not kept alive.
    package func serve(_ user: any RouteUser) { state.withLock { $0.user = user } }

    // MARK: what may be asked

    /// Loads what the folders hold. It serves at once: nothing else does yet.
    /// - Returns: what became of each folder in them.
    /// - Throws: `plugin.folder.missing`.
    @discardableResult
    package func load(_ roots: [String]) throws(SyrinxError) -> [PluginHost.LoadedPlugin] {
        try alone { () throws(SyrinxError) in
            for root in roots {
                for found in try PluginFolder.scan(root) { take(found, isStart: true) }
                state.withLock { $0.roots.append(root) }
            }
        }
        return host.plugins
    }

    /// Looks at the folders again: takes in what is new, lets go of what is gone.
    package func reconcile() {
        alone {
            guard !isStopped else { return }
            for root in state.withLock(\.roots) {
                // A folder of plugins that cannot be read now is no order to stop serving.
                guard let found = try? PluginFolder.scan(root) else { continue }
                removeMissing(from: root, except: Set(found.map(\.path)))
                for folder in found where !isStopped && hasChanged(folder) { take(folder) }
            }
            takeBackPending()
        }
    }

    /// Loads a plugin's folder again, changed or not; what was refused, failed or taken back gets another chance.
    /// - Throws: `plugin.not_found` when no folder holds such a plugin.
    package func reload(_ plugin: String) throws(SyrinxError) {
        try alone { () throws(SyrinxError) in
            let leading = leading(plugin)
            var isFound = false
            for root in state.withLock(\.roots) {
                for found in try PluginFolder.scan(root) where isFolder(found, of: plugin) {
                    isFound = true
                    // Of several versions side by side only the first is loaded twice, and what serves nobody.
                    let serving = state.withLock { $0.slots[found.path]?.generation }
                    let isIdle = !state.withLock { state in serving.flatMap { state.records[$0]?.isLive } ?? false }
                    take(found, isForced: isIdle || serving == leading)
                }
            }
            guard isFound else { throw notFound(plugin) }
        }
    }

    private func isFolder(_ found: PluginFolder.Found, of plugin: String) -> Bool {
        (try? found.manifest.get().id) == plugin || state.withLock { $0.slots[found.path]?.plugin == plugin }
    }

    /// Takes the newest serving or trying generation of a plugin back; the one before serves again.
    /// - Throws: `plugin.not_found`, `plugin.rollback.no_previous`.
    package func rollback(_ plugin: String, reason: String = "by the operator") throws(SyrinxError) {
        try alone { () throws(SyrinxError) in
            guard let generation = leading(plugin) else { throw notFound(plugin) }
            try takeBack(generation, reason)
        }
    }

    /// What time brings: promotions, rollbacks that were asked for, providers that nobody uses any more.
    package func tick() {
        alone {
            guard !isStopped else { return }
            takeBackPending()
            promoteProven()
            if isSweepDue { sweep() }
        }
    }

    /// No changes from now on; one that goes on stops at its next folder. Does not wait.
    package func stop() { state.withLock { $0.isStopped = true } }

    /// While a build drains, and now and then.
    private var isSweepDue: Bool {
        state.withLock { state in
            state.ticks &+= 1
            return state.ticks.isMultiple(of: 30) || state.records.values.contains { $0.isDraining && !$0.isRetired }
        }
    }

    // MARK: helpers

    var isStopped: Bool { state.withLock(\.isStopped) }

    /// One change at a time.
    private func alone<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        try changing.withLock { _ in
            // `Mutex` hands a result out of its isolation only in a box.
            Unchecked(value: Result { () throws(Failure) in try body() })
        }.value.get()
    }

    private struct Unchecked<Value>: @unchecked Sendable {
        let value: Value
    }

    func notFound(_ plugin: String) -> SyrinxError {
        let known = state.withLock { Set($0.slots.values.map(\.plugin)).sorted() }.joined(separator: ", ")
        return SyrinxError(
            "plugin.not_found", "no folder holds a plugin `\(plugin)`",
            fix: known.isEmpty ? "put one into a plugin folder" : "there are \(known)")
    }

    /// - Parameter isReported: false for what is of no news to an operator.
    func note(_ name: PluginEvent.Name, _ generation: Int, _ detail: String = "", isReported: Bool = true) {
        guard let record = state.withLock({ $0.records[generation] }) else { return }
        note(
            PluginEvent(name, record.plugin, version: "\(record.version)", generation: generation, detail),
            isReported: isReported)
    }

    func note(_ event: PluginEvent, isReported: Bool = true) {
        state.withLock { $0.log.note(event) }
        if isReported { report(event) }
    }

    func update(_ generation: Int, _ body: (inout GenerationRecord) -> Void) {
        state.withLock { state in
            guard var record = state.records[generation] else { return }
            body(&record)
            state.records[generation] = record
        }
    }

    var now: Instant { host.environment.now() }
}
