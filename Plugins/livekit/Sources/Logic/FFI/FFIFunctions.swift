// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization
internal import SyrinxPlugin

/// The four C functions of `liblivekit_ffi.so`, or what stands for them in a test.
struct FFIFunctions: Sendable {
    /// Begins; events then come on threads of the library, lent for the call.
    var initialize: @Sendable (_ onEvent: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) -> Void
    /// An FfiRequest; answers the FfiResponse, nil when the library refused.
    var request: @Sendable (_ message: [UInt8]) -> [UInt8]?
    /// Gives a handle back.
    var dropHandle: @Sendable (UInt64) -> Void
    /// Ends; no event comes any more.
    var dispose: @Sendable () -> Void
}

extension FFIFunctions {
    private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> Void
    private typealias Initialize =
        @convention(c) (
            Callback, Bool, UnsafePointer<CChar>?, UnsafePointer<CChar>?
        ) -> Void
    private typealias Request =
        @convention(c) (
            UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<Int>?
        ) -> UInt64
    private typealias Drop = @convention(c) (UInt64) -> Bool
    private typealias Dispose = @convention(c) () -> Void

    /// Where the library's events go: its callback has no argument of ours.
    private static let receiver = Mutex<(@Sendable (UnsafeRawBufferPointer) -> Void)?>(nil)

    /// Whether this copy of the plugin has the library.
    private static let isOurs = Mutex(false)

    /// Opens the library; it stays open for as long as the process lives, since its threads do.
    ///
    /// - Throws: ``PluginError`` with ``Status/notFound`` and what to do.
    static func open(_ path: String) throws(PluginError) -> FFIFunctions {
        try refuseIfTaken(path)
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown"
            throw PluginError(
                .notFound, "LiveKit's library cannot be opened; scripts/setup-livekit installs it: \(reason)")
        }
        let initialize: Initialize = try symbol(library, "livekit_ffi_initialize", path)
        let request: Request = try symbol(library, "livekit_ffi_request", path)
        let drop: Drop = try symbol(library, "livekit_ffi_drop_handle", path)
        let dispose: Dispose = try symbol(library, "livekit_ffi_dispose", path)
        isOurs.withLock { $0 = true }
        return FFIFunctions(
            initialize: { onEvent in
                receiver.withLock { $0 = onEvent }
                // Its log as events would be hundreds a second, whatever their level.
                initialize({ FFIFunctions.deliver($0, $1) }, false, "syrinx", "1.0.0")
            },
            request: { message in
                var (answer, count): (UnsafePointer<UInt8>?, Int) = (nil, 0)
                let handle = message.withUnsafeBufferPointer { request($0.baseAddress, $0.count, &answer, &count) }
                guard handle != 0 else { return nil }
                defer { _ = drop(handle) }
                return Array(UnsafeBufferPointer(start: answer, count: answer == nil ? 0 : max(0, count)))
            },
            dropHandle: { _ = drop($0) },
            dispose: {
                dispose()
                receiver.withLock { $0 = nil }
            })
    }

    /// The library has one callback. A newer build of this plugin that took it would make the rooms of the older one deaf.
    private static func refuseIfTaken(_ path: String) throws(PluginError) {
        guard !isOurs.withLock({ $0 }), let loaded = dlopen(path, RTLD_NOW | RTLD_NOLOAD) else { return }
        defer { dlclose(loaded) }
        guard dlsym(loaded, "livekit_ffi_initialize") != nil else { return }
        throw PluginError(
            .unavailable,
            "another build of this plugin has LiveKit's library in this process: start the process again"
        )
    }

    private static func deliver(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        guard let start, count > 0, let receiver = receiver.withLock({ $0 }) else { return }
        receiver(UnsafeRawBufferPointer(start: start, count: count))
    }

    private static func symbol<Function>(
        _ library: UnsafeMutableRawPointer, _ name: String, _ path: String
    ) throws(PluginError) -> Function {
        guard let address = dlsym(library, name) else {
            throw PluginError(.unsupported, "\(path) is not LiveKit's FFI library: it has no '\(name)'")
        }
        return unsafeBitCast(address, to: Function.self)
    }
}
