// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The recogniser `deepgram`.
public final class ListenProvider: Provider {
    private let config: ListenConfig

    /// Keeps the configuration.
    public init(config: ListenConfig, host: Host) throws(PluginError) {
        self.config = config
    }

    /// Begins a session, and its connection with it: the first words need not wait.
    public func openSession(
        _ params: SessionParams,
        options: ListenConfig,
        host: SessionHost
    ) throws(PluginError) -> ListenSession {
        try params.requireMonoInput()
        let config = config.merged(with: options)
        let url = ListenURL.make(config, sampleRate: Int(params.input.sampleRate), locale: params.locale)
        let session = ListenSession(
            config: config, url: url, sampleRate: Int(params.input.sampleRate), patience: params.deadlineMilliseconds,
            host: host)
        try session.connect()
        return session
    }
}
