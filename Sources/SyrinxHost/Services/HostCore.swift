// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import SyrinxABI
internal import SyrinxCore

/// The `syx_core` table that every plugin gets: C functions that find the object behind a handle and pass the call on.
/// One immortal table serves all hosts of the process, since a handle already says whose it is.
enum HostCore {
    static let sessions = HandleTable<StageSession>()
    static let providers = HandleTable<ProviderInstance>()

    nonisolated(unsafe) static let table: UnsafePointer<syx_core> = {
        let table = UnsafeMutablePointer<syx_core>.allocate(capacity: 1)
        table.initialize(to: functions())
        return UnsafePointer(table)
    }()

    private static func functions() -> syx_core {
        syx_core(
            struct_size: UInt32(MemoryLayout<syx_core>.size), abi_minor: UInt32(SYX_ABI_MINOR),
            host_name: immortal("syrinx"), host_version: immortal(SyrinxVersion.current),
            service: { handle, id in
                guard let id else { return nil }
                let name = String(cString: id)
                guard name != SYX_SERVICE_AUDIO_1 else { return UnsafeRawPointer(AudioService.table) }
                return HostCore.providers.find(handle)?.network == nil ? nil : NetworkTables.table(name)
            },
            emit: { handle, event in
                guard let event else { return syx_status(SYX_EINVAL) }
                guard let session = HostCore.sessions.find(handle) else { return syx_status(SYX_ECLOSED) }
                return session.receive(event)
            },
            emit_provider: { handle, event in
                guard let event else { return syx_status(SYX_EINVAL) }
                guard let provider = HostCore.providers.find(handle) else { return syx_status(SYX_ECLOSED) }
                return provider.receive(event)
            },
            now_ns: { handle in
                HostCore.providers.find(handle)?.environment.now().nanoseconds ?? syrinx_monotonic_ns()
            },
            log: { handle, _, level, message, fields in
                guard let provider = HostCore.providers.find(handle) else { return }
                provider.log(
                    level: Int(level), message: HostCore.text(message) ?? "", fields: HostCore.text(fields) ?? "")
            },
            metric: { handle, _, index, value in
                HostCore.providers.find(handle)?.metric(index: Int(index), value: value)
            },
            buf_alloc: { handle, bytes in HostCore.providers.find(handle)?.allocate(bytes) },
            buf_data: { buffer, capacity in syrinx_buf_data(buffer, capacity) },
            buf_retain: { buffer in syrinx_buf_retain(buffer) },
            buf_release: { buffer in syrinx_buf_release(buffer) },
            timer: { handle, delay, cookie in
                HostCore.sessions.find(handle)?.startTimer(after: .milliseconds(Int64(delay)), cookie: cookie) ?? 0
            },
            timer_cancel: { handle, timer in HostCore.sessions.find(handle)?.cancelTimer(timer) },
            run: { handle, function, argument, cookie in
                guard let function else { return syx_status(SYX_EINVAL) }
                guard let session = HostCore.sessions.find(handle) else { return syx_status(SYX_ECLOSED) }
                guard session.provider.descriptor.permissions.run else { return session.provider.denyWork() }
                return session.run(PluginTask(function: function, argument: argument, cookie: cookie))
            })
    }

    /// Bytes lent by a plugin as text; nil when they are not UTF-8 or absurdly long.
    static func text(_ string: syx_str, limit: Int = 1 << 20) -> String? {
        guard string.len > 0 else { return "" }
        guard let pointer = string.ptr, string.len <= limit else { return nil }
        let bytes = UnsafeRawBufferPointer(start: pointer, count: string.len)
        return String(validating: bytes, as: UTF8.self)
    }

    private static func immortal(_ text: String) -> UnsafePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        memory.initialize(from: bytes, count: bytes.count)
        return UnsafePointer(memory)
    }
}

/// Blocking work that a plugin asked for.
struct PluginTask: @unchecked Sendable {
    let function: @convention(c) @Sendable (UnsafeMutableRawPointer?) -> Void
    let argument: UnsafeMutableRawPointer?
    let cookie: UInt64
}
