// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

// What the provider's half of the C table points to. Every pointer is checked: a wrong call must be an error, not a trap.

func openProvider(
    _ slot: Int,
    _ core: UnsafePointer<syx_core>?,
    _ handle: syx_hprovider,
    _ params: UnsafePointer<syx_provider_params>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?,
    _ report: UnsafeMutablePointer<syx_err>?
) -> Int32 {
    guard let core, core.pointee.struct_size >= UInt32(MemoryLayout<syx_core>.size) else {
        return PluginError.unsupported("the host's table is shorter than that of ABI 1.0").write(to: report)
    }
    guard let params, params.pointee.struct_size >= UInt32(MemoryLayout<syx_provider_params>.size), let result,
        let factory = ProviderSlots.factory(slot)
    else { return PluginError.invalid("open: an argument is missing").write(to: report) }
    do throws(PluginError) {
        let host = Host(core: core, handle: handle, params: params.pointee)
        let box = try factory.open(String(params.pointee.config_json), host)
        result.pointee = OpaquePointer(Unmanaged.passRetained(box).toOpaque())
        return Status.ok.rawValue
    } catch {
        return error.write(to: report)
    }
}

@Sendable
func closeProvider(_ provider: OpaquePointer?) {
    guard let provider else { return }
    Unmanaged<ProviderBox>.fromOpaque(UnsafeRawPointer(provider)).takeRetainedValue().close()
}

@Sendable
func probeHealth(_ provider: OpaquePointer?, _ probe: UInt64, _ report: UnsafeMutablePointer<syx_err>?) -> Int32 {
    guard let box = ProviderBox.borrowed(provider) else { return Status.invalid.rawValue }
    do throws(PluginError) {
        try box.health()
        return Status.ok.rawValue
    } catch {
        return error.write(to: report)
    }
}

@Sendable
func openSession(
    _ provider: OpaquePointer?,
    _ handle: syx_hsession,
    _ params: UnsafePointer<syx_session_params>?,
    _ result: UnsafeMutablePointer<OpaquePointer?>?,
    _ report: UnsafeMutablePointer<syx_err>?
) -> Int32 {
    guard let box = ProviderBox.borrowed(provider), let params, let result,
        params.pointee.struct_size >= UInt32(MemoryLayout<syx_session_params>.size)
    else { return PluginError.invalid("session_open: an argument is missing").write(to: report) }
    do throws(PluginError) {
        let host = SessionHost(host: box.host, handle: handle)
        let session = try box.openSession(SessionParams(params.pointee), String(params.pointee.options_json), host)
        let isReady = session.session.isReady
        result.pointee = OpaquePointer(Unmanaged.passRetained(session).toOpaque())
        return (isReady ? Status.ok : .pending).rawValue
    } catch {
        return error.write(to: report)
    }
}

extension ProviderBox {
    static func borrowed(_ pointer: OpaquePointer?) -> ProviderBox? {
        pointer.map { Unmanaged<ProviderBox>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }
}

extension PluginError {
    /// Writes as much as the host's structure has room for, and returns the status.
    func write(to report: UnsafeMutablePointer<syx_err>?) -> Int32 {
        guard let report, report.pointee.struct_size >= UInt32(MemoryLayout<syx_err>.size) else {
            return status.rawValue
        }
        report.pointee.code = status.rawValue
        report.pointee.flags = flags
        report.pointee.retry_after_ms = retryAfterMilliseconds
        report.pointee.vendor_code = vendorCode
        withUnsafeMutableBytes(of: &report.pointee.msg) { room in
            let text = message.utf8Prefix(room.count - 1)
            room.copyBytes(from: text)
            room[text.count] = 0
        }
        return status.rawValue
    }
}

extension String {
    /// The longest prefix of at most `limit` bytes that cuts no character.
    func utf8Prefix(_ limit: Int) -> [UInt8] {
        var bytes = Array(utf8.prefix(limit + 1))
        guard bytes.count > limit else { return bytes }
        var end = limit
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        bytes.removeSubrange(end...)
        return bytes
    }
}
