// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The backend `livekit`: a session joins the room that its options name.
public final class LiveKitBackendProvider: Provider {
    private let service: LiveKitService

    /// Opens LiveKit's library.
    public init(config: LiveKitConfig, host: Host) throws(PluginError) {
        service = try LiveKitService(config)
    }

    /// Asks for the signature of an access token, then joins; ready once it is in the room.
    public func openSession(
        _ params: SessionParams, options: LiveKitOptions, host: SessionHost
    ) throws(PluginError) -> LiveKitSession {
        let join = RoomJoin(room: options.room, session: params.session, config: service.config, options: options)
        return try LiveKitSession(service, params, host, join: join)
    }

    /// Throws after a panic of the library.
    public func health() throws(PluginError) { try service.health() }

    /// Lets the library rest when nobody else uses it.
    public func close() { service.close() }
}

/// What the sessions of one provider share.
final class LiveKitService: Sendable {
    let config: LiveKitConfig
    let address: String
    let hub: FFIHub
    let now: @Sendable () -> Int64

    init(_ config: LiveKitConfig) throws(PluginError) {
        self.config = config
        address = try config.address()
        let registry = LibraryRegistry.current
        now = registry.now
        hub = try registry.open(config.library)
    }

    func health() throws(PluginError) {
        if let panic = hub.panic { throw .panicked(panic) }
    }

    func close() { hub.detach() }
}
