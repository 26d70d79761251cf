// SPDX-License-Identifier: Apache-2.0

/// Makes providers of one type, with the type itself erased: C function pointers cannot be generic.
struct ProviderFactory: Sendable {
    let open: @Sendable (_ config: String, Host) throws(PluginError) -> ProviderBox
    let analysesFrames: Bool
    let filtersFrames: Bool
    let resets: Bool

    init<P: Provider>(_ type: P.Type) {
        open = { (config: String, host: Host) throws(PluginError) -> ProviderBox in
            let config = try JSON.decode(P.Config.self, from: config, label: "config")
            return ProviderBox(try P(config: config, host: host), host: host)
        }
        analysesFrames = P.SessionType.self is any AnalysingSession.Type
        filtersFrames = P.SessionType.self is any FilterSession.Type
        resets = P.SessionType.self is any ResettableSession.Type
    }
}

/// What a `syx_provider *` points to.
final class ProviderBox: Sendable {
    let host: Host
    let openSession: @Sendable (SessionParams, _ options: String, SessionHost) throws(PluginError) -> SessionBox
    let health: @Sendable () throws(PluginError) -> Void
    let close: @Sendable () -> Void

    init<P: Provider>(_ provider: P, host: Host) {
        self.host = host
        openSession = {
            (params: SessionParams, options: String, host: SessionHost) throws(PluginError) -> SessionBox in
            let options = try JSON.decode(P.Options.self, from: options, label: "options")
            return SessionBox(try provider.openSession(params, options: options, host: host), host: host)
        }
        health = { () throws(PluginError) in try provider.health() }
        close = { provider.close() }
    }
}

/// What a `syx_session *` points to.
///
/// The casts are done once, since the media path may not afford them.
final class SessionBox {
    let session: any Session
    let host: SessionHost
    let analyser: (any AnalysingSession)?
    let filter: (any FilterSession)?

    init(_ session: any Session, host: SessionHost) {
        self.session = session
        self.host = host
        analyser = session as? any AnalysingSession
        filter = session as? any FilterSession
    }
}
