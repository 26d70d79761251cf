// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The recogniser `openai`: one request for each utterance, made when it is complete.
public final class TranscriptionProvider: Provider {
    private let config: TranscriptionConfig
    private let host: Host

    /// Keeps the configuration.
    public init(config: TranscriptionConfig, host: Host) throws(PluginError) {
        self.config = config
        self.host = host
    }

    /// Begins a session; the connection for its first utterance is made meanwhile.
    public func openSession(
        _ params: SessionParams,
        options: TranscriptionConfig,
        host: SessionHost
    ) throws(PluginError) -> TranscriptionSession {
        try params.requireMonoInput()
        let settings = TranscriptionSettings(
            config,
            options: options,
            locale: params.locale,
            sampleRate: params.input.sampleRate
        )
        settings.server.prewarm(self.host)
        return TranscriptionSession(settings, host: host)
    }
}
