// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxABI
public import SyrinxPlugin

/// A host in memory, with virtual time, that drives a plugin through its C table as the real one does.
///
/// For tests: open a provider, open a session, send events, look at what came back.
public final class FakeHost: Sendable {
    struct State {
        var now: Int64 = 1_000_000_000
        var logs: [String] = []
        var metrics: [Int: Double] = [:]
        var events: [RecordedEvent] = []
        var prewarmed: [String] = []
    }

    let state = Mutex(State())

    let offersNetwork: Bool

    /// Makes a host whose clock stands at one second.
    ///
    /// - Parameter offersNetwork: False = as a host of ABI 1.0, or for a plugin that may reach nothing.
    public init(offersNetwork: Bool = true) {
        self.offersNetwork = offersNetwork
    }

    /// The virtual clock, in nanoseconds.
    public var now: Int64 { state.withLock { $0.now } }
    /// What plugins logged, oldest first.
    public var logs: [String] { state.withLock { $0.logs } }
    /// The sum of the values of each metric.
    public var metrics: [Int: Double] { state.withLock { $0.metrics } }
    /// The URLs that providers asked to connect to ahead of time.
    public var prewarmed: [String] { state.withLock { $0.prewarmed } }
    /// What providers sent outside of sessions.
    public var events: [RecordedEvent] { state.withLock { $0.events } }

    /// Opens a provider of a module.
    ///
    /// - Parameters:
    ///   - module: The table, as the entry function returns it.
    ///   - kind: The provider's kind.
    ///   - id: The provider's id.
    ///   - config: Its configuration as JSON.
    /// - Returns: The provider; close it.
    /// - Throws: What the plugin reported, or ``Status/notFound`` when the module has no such provider.
    public func open(
        _ module: UnsafePointer<syx_module>,
        _ kind: PluginKind,
        _ id: String,
        config: String = "{}"
    ) throws(PluginError) -> FakeProvider {
        for index in 0..<Int(module.pointee.n_plugins) {
            guard let description = module.pointee.plugins?[index]?.pointee,
                description.kind == kind.rawValue, String(cString: description.id) == id,
                let functions = description.vt
            else { continue }
            return try FakeProvider(host: self, functions: functions, config: config)
        }
        throw PluginError(.notFound, "no \(kind) provider '\(id)'")
    }
}
