// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization
internal import SyrinxABI
package import SyrinxCore

/// A plugin's module that runs in helpers: starts them, and gives up on a plugin that keeps dying. Thread-safe.
package final class IsolatedModule: Sendable {
    /// The rule for giving up: so many deaths within the window.
    static let deathLimit = 3
    static let deathWindow = Duration.seconds(60)

    package let id: String
    package let settings: IsolationSettings
    /// `id@version`.
    package let name: String
    private let path: String
    private let folder: String
    /// Keeps what `path` names.
    private let package: PluginPackage
    private let environment: any HostEnvironment
    private let onDeath: @Sendable (IsolatedModule, HelperDeath) -> Void
    private let state = Mutex(State())

    private struct State {
        /// Started to read the module's table; the first provider takes it.
        var idle: Helper?
        /// All that may still live, for sharing and for tests.
        var helpers: [WeakHelper] = []
        var deaths: [(at: Instant, description: String)] = []
        var deathCount = 0
        var givenUp: String?
    }

    init(_ package: PluginPackage, settings: IsolationSettings, host: PluginHost) {
        id = package.manifest.id
        name = "\(package.manifest.id)@\(package.manifest.version)"
        // Sealed memory of this process is another's file: the helper opens it by this process's number.
        path =
            package.loadPath.hasPrefix("/proc/self/")
            ? "/proc/\(getpid())/" + package.loadPath.dropFirst("/proc/self/".count) : package.loadPath
        folder = package.folder
        self.package = package
        self.settings = settings
        environment = host.environment
        onDeath = { [weak host] in host?.helperDied($0, $1) }
    }

    /// Tries the module in a helper of its own and reads its table, which lives as long as that helper: copy from it.
    func probe<Result>(_ body: (UnsafePointer<syx_module>) throws(SyrinxError) -> Result) throws(SyrinxError) -> Result
    {
        let helper = try start()
        let result = try body(helper.module)
        state.withLock { $0.idle = helper }
        return result
    }

    /// A helper for one more provider: blocks while it starts.
    /// - Throws: `plugin.quarantined` after too many deaths, and as `Helper.start`.
    func helper() throws(SyrinxError) -> Helper {
        let idle = state.withLock { state in
            defer { state.idle = nil }
            return state.idle
        }
        if let idle, idle.isAlive { return idle }
        if settings.grouping == .plugin, let shared = roomiest() { return shared }
        return try start()
    }

    private func roomiest() -> Helper? {
        living.filter { helper in helper.isAlive && helper.sessions.withLock { $0 < settings.sessionsPerHelper } }.first
    }

    /// - Throws: `plugin.quarantined` after too many deaths.
    func checkQuarantine() throws(SyrinxError) {
        guard let reason = state.withLock(\.givenUp) else { return }
        throw SyrinxError(
            "plugin.quarantined", "`\(id)` is quarantined: \(reason)",
            fix: "install another version; `syrinx plugin why \(id)` tells more", place: folder)
    }

    private func start() throws(SyrinxError) -> Helper {
        try checkQuarantine()
        let slots = settings.grouping == .session ? 1 : 256
        let request = HelperRequest(
            settings: settings, path: path, folder: folder, isBound: package.manifest.isBound, name: id,
            sessions: slots)
        let helper = try Helper.start(request) { [weak self] death in self?.note(death) }
        state.withLock { state in
            state.helpers.removeAll { $0.helper == nil }
            state.helpers.append(WeakHelper(helper: helper))
        }
        return helper
    }

    private func note(_ death: HelperDeath) {
        guard death.cause != .stopped else { return }
        let now = environment.now()
        state.withLock { state in
            state.deathCount += 1
            state.deaths.removeAll { now - $0.at > Self.deathWindow }
            state.deaths.append((now, death.description))
            guard state.deaths.count >= Self.deathLimit else { return }
            state.givenUp = "\(state.deaths.count) deaths within a minute, the last by \(death.description)"
        }
        onDeath(self, death)
    }

    /// How often a helper of it has died by itself.
    package var deaths: Int { state.withLock(\.deathCount) }
    /// Why no more helpers are started; nil while all is well.
    package var quarantine: String? { state.withLock(\.givenUp) }
    /// SHA-256 of its entry.
    package var hash: String { package.hash }
    /// Which layers of confinement its helpers have, in words.
    package var confinement: String { living.first?.confinement ?? "" }
    package var processes: [Int32] { living.filter(\.isAlive).map(\.processID) }

    /// Its helpers that have sessions, oldest first, by process.
    package var busyProcesses: [Int32] {
        living.filter { $0.isAlive && $0.sessions.withLock(\.self) > 0 }.map(\.processID)
    }

    /// For drills and tests.
    package func kill(_ process: Int32) { living.first { $0.processID == process }?.kill() }

    private var living: [Helper] { state.withLock { $0.helpers.compactMap(\.helper) } }

    /// Virtual time for helpers, and waiting until they have nothing to do. For tests.
    @discardableResult
    package func settle(at now: Instant, within limit: Duration = .seconds(5)) -> Bool {
        living.allSatisfy { helper in
            helper.setClock(now)
            return helper.settle(within: limit)
        }
    }
}

private struct WeakHelper: Sendable {
    weak var helper: Helper?
}
