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

    /// Tries the module in a helper of its own and reads its table, which lives as long as that helper: copy from it. The
    /// helper ends with that: a plugin that nobody uses costs no process.
    func probe<Result>(
        _ body: (UnsafePointer<syx_module>) throws(SyrinxError) -> Result
    ) throws(SyrinxError) -> Result {
        let helper = try start()
        defer { withExtendedLifetime(helper) {} }
        return try body(helper.module)
    }

    /// A helper for one more provider: blocks while it starts.
    /// - Parameters:
    ///   - own: helpers that the provider has already; another of them would be no reserve.
    ///   - files: what the provider's configuration names by absolute paths.
    /// - Throws: `plugin.quarantined` after too many deaths, and as `Helper.start`.
    func helper(besides own: [Helper], files: Set<String>) throws(SyrinxError) -> Helper {
        // A plugin that nobody vouches for could name whatever it likes to read as a default.
        let files = isTrusted ? files : []
        if settings.grouping == .plugin, let shared = roomiest(besides: own, files: files) { return shared }
        return try start(files: files)
    }

    /// Whether it could run in this process as well.
    private var isTrusted: Bool { package.trust.mayRunInProcess }

    private func roomiest(besides own: [Helper], files: Set<String>) -> Helper? {
        living.first { helper in
            helper.isAlive && !own.contains { $0 === helper } && files.isSubset(of: helper.files)
                && helper.sessions.withLock { $0 < settings.sessionsPerHelper }
        }
    }

    /// - Throws: `plugin.quarantined` after too many deaths.
    func checkQuarantine() throws(SyrinxError) {
        guard let reason = state.withLock(\.givenUp) else { return }
        throw SyrinxError(
            "plugin.quarantined", "`\(id)` is quarantined: \(reason)",
            fix: "install another version; `syrinx plugin why \(id)` tells more", place: folder)
    }

    private func start(files: Set<String> = []) throws(SyrinxError) -> Helper {
        try checkQuarantine()
        let slots = settings.grouping == .session ? 1 : IsolationSettings.mostSessions
        var permissions = package.manifest.permissions
        permissions.sockets = permissions.sockets && isTrusted
        let request = HelperRequest(
            settings: settings, path: path, folder: folder, isBound: package.manifest.isBound,
            permissions: permissions, files: files, name: id, sessions: slots)
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
