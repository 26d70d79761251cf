// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import CSyrinxIsolation
internal import Synchronization
internal import SyrinxABI
internal import SyrinxCore

/// How a helper process ended.
package struct HelperDeath: Sendable {
    package enum Cause: String, Sendable {
        case stopped, exit, signal, hang, protocolError = "protocol"
    }

    package var cause: Cause
    /// The call that was under way: "SIGSEGV in process, slot 3".
    package var description: String
}

/// A helper process with one module in it. Lives as long as somebody holds it; its process ends with it. Thread-safe.
final class Helper: @unchecked Sendable {
    private let raw: OpaquePointer
    private let watcher: HelperWatcher
    /// Sessions of all providers in it.
    let sessions = Mutex(0)
    /// See ``HelperRequest/files``.
    let files: Set<String>

    private init(_ raw: OpaquePointer, _ watcher: HelperWatcher, files: Set<String>) {
        self.raw = raw
        self.watcher = watcher
        self.files = files
    }

    deinit {
        // Waiting for a process to end is nothing for an event loop, which may be where the last reference went.
        let raw = Released(pointer: raw)
        let watcher = watcher
        HelperThread.ending.run {
            syrinx_helper_free(raw.pointer)
            watcher.release()
        }
    }

    /// Starts a helper and loads the module in it. Blocks for some milliseconds.
    /// - Throws: `plugin.isolation.*`, `plugin.probe.*`, `plugin.load.*`, `plugin.abi.*`, `plugin.bind.*`.
    static func start(
        _ request: HelperRequest, onDeath: @escaping @Sendable (HelperDeath) -> Void
    ) throws(SyrinxError)
        -> Helper
    {
        let watcher = HelperWatcher(onDeath)
        var callbacks = syrinx_helper_callbacks(
            context: watcher.retained(), frame: HelperWatcher.frame, lost: HelperWatcher.lost,
            closed: HelperWatcher.closed)
        var death = syrinx_death()
        var code: UnsafePointer<CChar>?
        var why = [CChar](repeating: 0, count: 512)
        let started = request.withOptions { options in
            withUnsafePointer(to: options) { options in
                syrinx_helper_start(options, &callbacks, HostCore.table, &death, &code, &why, why.count)
            }
        }
        guard let started else {
            watcher.release()
            let text = String(decoding: why.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let code = code.map { String(cString: $0) } ?? "plugin.isolation.spawn_failed"
            let fix =
                code == "plugin.isolation.spawn_failed"
                ? "install syrinx-plugin-host beside the program, or name it with SYRINX_PLUGIN_HOST"
                : "`syrinx plugin check` on the plugin tells more"
            throw SyrinxError(code, text, fix: fix, place: request.folder)
        }
        return Helper(started, watcher, files: request.files)
    }

    var module: UnsafePointer<syx_module> { syrinx_helper_module(raw) }
    var isAlive: Bool { syrinx_helper_alive(raw) }
    var processID: Int32 { syrinx_helper_pid(raw) }
    var confinement: String { String(cString: syrinx_helper_confinement(raw)) }

    func kill() { syrinx_helper_kill(raw) }

    func setClock(_ now: Instant) { syrinx_helper_set_clock(raw, now.nanoseconds) }

    /// Waits until nothing is under way in it. False when that takes longer.
    func settle(within limit: Duration) -> Bool {
        syrinx_helper_settle(raw, UInt32(clamping: limit.nanoseconds / 1_000_000))
    }
}

/// What a helper is to be started with.
struct HelperRequest {
    var settings: IsolationSettings
    /// The shared object, or a `bind.json`.
    var path: String
    /// The plugin's folder, readable for it.
    var folder: String
    var isBound = false
    var permissions = PluginPermissions.none
    /// Absolute paths beside the plugin's folder that stay readable for it.
    var files: Set<String> = []
    var name: String
    var sessions: Int
    /// For a plugin with sockets of its own: each is a file. WebRTC opens some 75 for a connection. Never more than the
    /// server itself may open.
    private static let socketFiles: UInt32 = 32_768

    func withOptions<Result>(_ body: (syrinx_helper_options) -> Result) -> Result {
        settings.program.withCString { program in
            path.withCString { path in
                folder.withCString { folder in
                    name.withCString { name in
                        files.sorted().joined(separator: "\n").withCString { files in
                            var options = options(program, path, folder, name)
                            options.confinement.readable = files
                            return body(options)
                        }
                    }
                }
            }
        }
    }

    private func options(
        _ program: UnsafePointer<CChar>, _ path: UnsafePointer<CChar>, _ folder: UnsafePointer<CChar>,
        _ name: UnsafePointer<CChar>
    ) -> syrinx_helper_options {
        var options = syrinx_helper_options()
        options.program = program
        options.module = path
        options.bound = isBound
        options.data_dir = folder
        options.name = name
        options.sessions = UInt32(clamping: sessions)
        options.workers = UInt32(clamping: settings.workers)
        options.deny_work = !permissions.run
        options.rt_hang_ms = UInt32(clamping: settings.mediaHang.nanoseconds / 1_000_000)
        options.load_ms = UInt32(clamping: settings.loadHang.nanoseconds / 1_000_000)
        options.ctl_hang_ms = UInt32(clamping: settings.callHang.nanoseconds / 1_000_000)
        options.virtual_clock = settings.virtualClock
        // A plugin may ask for less than the operator allows, never for more.
        let memory = min(settings.memory, permissions.memoryMB ?? settings.memory)
        options.confinement.memory_bytes = UInt64(clamping: memory) << 20
        if let threads = permissions.threads {
            options.confinement.processes = UInt32(clamping: threads + settings.workers + 4)
        }
        if permissions.sockets {
            options.confinement.allow_network = true
            options.confinement.open_files = Self.socketFiles
        }
        options.confinement.unconfined = settings.isUnconfined
        return options
    }
}

/// Receives a helper's callbacks on the supervisor's thread. Kept alive by the helper's C side.
private final class HelperWatcher: Sendable {
    private let onDeath: @Sendable (HelperDeath) -> Void

    init(_ onDeath: @escaping @Sendable (HelperDeath) -> Void) { self.onDeath = onDeath }

    func retained() -> UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }
    func release() { Unmanaged.passUnretained(self).release() }

    static let frame:
        @convention(c) (
            UnsafeMutableRawPointer?, syx_hsession, Int64, syx_status, Float, UnsafeRawPointer?, UInt32
        ) -> Void = { _, handle, pts, status, probability, samples, bytes in
            guard let session = HostCore.sessions.find(handle) else { return }
            let audio = samples.map { UnsafeRawBufferPointer(start: $0, count: Int(bytes)) }
            session.receiveFrame(pts: pts, status: status, probability: probability, audio: audio)
        }

    static let closed: @convention(c) (UnsafeMutableRawPointer?, syx_hsession) -> Void = { _, handle in
        HostCore.sessions.find(handle)?.helperClosed()
    }

    static let lost: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<syrinx_death>?) -> Void = {
        context, death in
        guard let context, let death else { return }
        let doing = withUnsafeBytes(of: death.pointee.doing) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        let watcher = Unmanaged<HelperWatcher>.fromOpaque(context).takeUnretainedValue()
        watcher.onDeath(HelperDeath(cause: HelperDeath.Cause(death.pointee.cause), description: doing))
    }
}

extension HelperDeath.Cause {
    fileprivate init(_ raw: syrinx_death_cause) {
        switch raw {
        case SYRINX_DEATH_EXIT: self = .exit
        case SYRINX_DEATH_SIGNAL: self = .signal
        case SYRINX_DEATH_HANG: self = .hang
        case SYRINX_DEATH_PROTOCOL: self = .protocolError
        default: self = .stopped
        }
    }
}

/// Carries a pointer that nobody else has any more.
private struct Released: @unchecked Sendable {
    let pointer: OpaquePointer
}

/// Where helpers are started and ended in the background: apart, for one may take seconds to end.
enum HelperThread {
    static let starting = BackgroundQueue(WorkerPool(name: "syrinx-helpers", threads: 1))
    static let ending = BackgroundQueue(WorkerPool(name: "syrinx-enders", threads: 1))
}

/// Runs work one after another, never refusing: what is queued here is bounded by the number of helpers.
struct BackgroundQueue: Sendable {
    private let pool: WorkerPool

    init(_ pool: WorkerPool) { self.pool = pool }

    func run(_ work: @escaping @Sendable () -> Void) {
        if !pool.run(work) { work() }
    }
}
