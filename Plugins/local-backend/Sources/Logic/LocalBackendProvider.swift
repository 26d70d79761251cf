// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The backend `local`: the host itself.
///
/// It carries the media, so this provider only counts sessions.
public final class LocalBackendProvider: Provider {
    private let sessions: SessionCounter

    /// Starts with no session.
    public init(config: NoOptions, host: Host) throws(PluginError) {
        sessions = SessionCounter(host: host)
    }

    /// How many sessions are open.
    public var sessionCount: Int { sessions.count }

    /// Counts one more session.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> CountedSession {
        sessions.open(host)
    }
}
