// SPDX-License-Identifier: Apache-2.0

/// A configuration that can say what is wrong with it beyond what its schema tells.
public protocol CheckedConfiguration: Decodable, Sendable {
    /// Throws what is wrong.
    func check() throws(PluginError)
}

/// A backend that carries no media: the pipeline does, by a provider of the same configuration. It counts sessions.
///
/// Counts each opening in the first metric of its description.
public final class CountingBackend<Config: CheckedConfiguration>: Provider {
    private let config: Config
    private let sessions: SessionCounter

    /// Keeps the configuration.
    public init(config: Config, host: Host) throws(PluginError) {
        try config.check()
        self.config = config
        sessions = SessionCounter(host: host)
    }

    /// Counts one more session.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> CountedSession {
        sessions.open(host)
    }

    /// Healthy when its configuration is; the other side is asked by sessions only.
    public func health() throws(PluginError) { try config.check() }
}
