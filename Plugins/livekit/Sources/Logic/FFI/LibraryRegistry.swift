// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc
internal import Synchronization
internal import SyrinxPlugin

/// The one library of the process, shared by all providers of the plugin.
final class LibraryRegistry: Sendable {
    /// Tests put one of their own here, with a library of closures.
    @TaskLocal static var current = LibraryRegistry(load: FFIFunctions.open)

    private let load: @Sendable (String) throws(PluginError) -> FFIFunctions
    private let queue: DispatchQueue
    private let hub = Mutex<FFIHub?>(nil)

    /// Seconds since 1970. The host's clock is monotonic and tells no time of day, hence the system's own.
    let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - queue: Where the library's events are read.
    ///   - now: See ``now``.
    ///   - load: Opens the library at a path.
    init(
        queue: DispatchQueue = DispatchQueue(label: "syrinx.livekit", qos: .userInteractive),
        now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
        load: @escaping @Sendable (String) throws(PluginError) -> FFIFunctions
    ) {
        self.queue = queue
        self.load = load
        self.now = now
    }

    /// Opens the library, or gives the one that is open; ``FFIHub/detach()`` ends the use.
    ///
    /// - Throws: ``PluginError`` when it is absent, when another path was opened before, or when it has panicked.
    func open(_ path: String) throws(PluginError) -> FFIHub {
        guard path.hasPrefix("/") else {
            throw .invalid(
                "config: 'library' must be the absolute path of liblivekit_ffi.so; scripts/setup-livekit prints it")
        }
        let found = try hub.withLock { [load, queue] hub throws(PluginError) -> FFIHub in
            if let hub { return hub }
            let opened = FFIHub(path: path, functions: try load(path), queue: queue)
            hub = opened
            return opened
        }
        guard found.path == path else {
            throw .invalid(
                "a process has one LiveKit library and \(found.path) is open: write the same 'library' everywhere")
        }
        if let panic = found.panic { throw .panicked(panic) }
        found.attach()
        return found
    }
}

extension PluginError {
    /// The library cannot go on.
    static func panicked(_ message: String) -> PluginError {
        PluginError(
            .internalError, "LiveKit's library has panicked; start the process again: \(message)",
            isFatalToProvider: true)
    }
}
