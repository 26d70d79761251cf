// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxABI
internal import SyrinxCore

/// A provider that is open in one place: in this process, or in one helper. Thread-safe.
final class ProviderMember: @unchecked Sendable {
    let table: PluginTable
    let raw: OpaquePointer?
    /// Nil in this process.
    let helper: Helper?
    /// One call at a time of those that take the provider itself.
    private let serial = Mutex(())
    private let count = Mutex(0)

    private init(table: PluginTable, raw: OpaquePointer?, helper: Helper?) {
        self.table = table
        self.raw = raw
        self.helper = helper
    }

    /// What a provider is opened with.
    struct Opening: Sendable {
        var handle: UInt64
        var configuration: String
        var tenant: String
        var folder: String
        /// Absolute paths that the configuration names: a helper may read them.
        var files: Set<String>
        var name: String
        var place: String
    }

    /// Opens the provider of a module's descriptor. Blocks: models may be loaded.
    /// - Throws: `provider.*` with the plugin's own sentence.
    static func open(
        _ descriptor: UnsafePointer<syx_plugin_desc>, _ opening: Opening, helper: Helper? = nil
    ) throws(SyrinxError) -> ProviderMember {
        guard let table = descriptor.pointee.vt else {
            throw SyrinxError("provider.plugin_fault", "the module has lost its functions", place: opening.place)
        }
        var failure = PluginFailure()
        var opened: OpaquePointer?
        let strings = [opening.configuration, opening.tenant, opening.folder, opening.name]
        let status = Lent.strings(strings) { text in
            var parameters = syx_provider_params(
                struct_size: UInt32(MemoryLayout<syx_provider_params>.size), reserved: 0, tenant: text[1],
                config_json: text[0], data_dir: text[2], instance_name: text[3], descriptor: descriptor)
            return table.pointee.open?(HostCore.table, opening.handle, &parameters, &opened, &failure.raw)
                ?? syx_status(SYX_EINTERNAL)
        }
        guard status >= 0 else { throw failure.error(status, doing: "open", place: opening.place) }
        return ProviderMember(table: PluginTable(table), raw: opened, helper: helper)
    }

    var isAlive: Bool { helper?.isAlive ?? true }
    var sessions: Int { count.withLock(\.self) }

    /// Counts a session in, unless there are `limit` already.
    func take(limit: Int) -> Bool {
        let isTaken = count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        if isTaken { helper?.sessions.withLock { $0 += 1 } }
        return isTaken
    }

    /// - Returns: how many are left.
    func giveBack() -> Int {
        helper?.sessions.withLock { $0 -= 1 }
        return count.withLock { count in
            count -= 1
            return count
        }
    }

    func openSession(
        _ handle: UInt64, _ parameters: UnsafePointer<syx_session_params>, _ failure: inout PluginFailure
    ) -> (syx_status, OpaquePointer?) {
        var opened: OpaquePointer?
        let open = { [table, raw] (failure: inout PluginFailure) in
            table.pointer.pointee.session_open?(raw, handle, parameters, &opened, &failure.raw)
                ?? syx_status(SYX_EINTERNAL)
        }
        // A helper takes its calls one after another by itself.
        let status = helper == nil ? serial.withLock { _ in open(&failure) } : open(&failure)
        return (status, opened)
    }

    func health(_ failure: inout PluginFailure) -> syx_status {
        guard let raw, let health = table.optional(\.health) else { return syx_status(SYX_OK) }
        return serial.withLock { _ in health(raw, 1, &failure.raw) }
    }

    /// Ends the provider; no session of it is left.
    func close() {
        guard let raw else { return }
        serial.withLock { _ in table.pointer.pointee.close?(raw) }
    }
}
