// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// How loud a log line is.
public enum LogLevel: UInt32, Sendable, CaseIterable {
    /// Every step.
    case trace = 0
    /// For the plugin's author.
    case debug
    /// For an operator who looks.
    case info
    /// Normal but worth seeing.
    case notice
    /// Something is wrong, the session goes on.
    case warning
    /// Something failed.
    case error
}

/// What the host offers to a provider: log, metrics, clock, services.
///
/// All functions may be called from any thread, and all but ``service(_:)`` on the media path, from the provider's
/// `init` until its `close()` returned.
public final class Host: @unchecked Sendable {
    // Unchecked: `core` is an immutable table whose functions the ABI allows on any thread.
    let core: UnsafePointer<syx_core>
    let handle: syx_hprovider

    /// The tenant whose provider this is.
    public let tenant: String
    /// The plugin's own folder (models, voices), read-only; empty when it has none.
    public let dataDirectory: String
    /// The provider's name in the host's configuration.
    public let instanceName: String

    init(core: UnsafePointer<syx_core>, handle: syx_hprovider, params: syx_provider_params) {
        self.core = core
        self.handle = handle
        tenant = String(params.tenant)
        dataDirectory = String(params.data_dir)
        instanceName = String(params.instance_name)
    }

    /// The host's clock: monotonic nanoseconds, virtual under test.
    ///
    /// Never read a clock of your own.
    public var now: Int64 { core.pointee.now_ns?(handle) ?? 0 }

    /// Writes a log line; dropped when the host's queue is full.
    ///
    /// - Parameters:
    ///   - level: How loud.
    ///   - message: A fixed sentence, without what a caller said.
    ///   - fields: What varies, as a JSON object, or empty.
    public func log(_ level: LogLevel, _ message: String, fields: String = "") {
        log(level, message, fields: fields, session: 0)
    }

    /// Adds to a counter or observes a histogram.
    ///
    /// - Parameters:
    ///   - index: The place in ``ProviderDescription/metrics``.
    ///   - value: What to add or observe, in the metric's unit.
    public func metric(_ index: Int, _ value: Double) {
        core.pointee.metric?(handle, 0, UInt32(clamping: index), value)
    }

    /// Sends an event that belongs to no session: the answer to a health probe, a change of state.
    @discardableResult
    public func emit(_ event: OutgoingEvent) -> Status {
        event.withRaw { Status(rawValue: core.pointee.emit_provider?(handle, $0) ?? Status.unsupported.rawValue) }
    }

    /// A service's table by id, such as "syrinx.audio/1"; nil when absent or not granted by the manifest.
    public func service(_ id: String) -> UnsafeRawPointer? {
        id.withCString { core.pointee.service?(handle, $0) }
    }

    /// A block of the host's audio memory; nil when over quota.
    public func makeBuffer(byteCount: Int) -> HostBuffer? {
        HostBuffer(host: self, byteCount: byteCount)
    }

    func log(_ level: LogLevel, _ message: String, fields: String, session: syx_hsession) {
        var message = message
        var fields = fields
        message.withUTF8 { messageBytes in
            fields.withUTF8 { fieldBytes in
                core.pointee.log?(handle, session, level.rawValue, syx_str(messageBytes), syx_str(fieldBytes))
            }
        }
    }
}
