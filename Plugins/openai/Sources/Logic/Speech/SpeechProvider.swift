// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The speaker `openai`: one streamed request for each clause.
public final class SpeechProvider: Provider {
    private let config: SpeechConfig
    private let host: Host

    /// Keeps the configuration.
    public init(config: SpeechConfig, host: Host) throws(PluginError) {
        self.config = config
        self.host = host
    }

    /// Begins a session; the connection for its first clause is made meanwhile.
    public func openSession(
        _ params: SessionParams,
        options: SpeechConfig,
        host: SessionHost
    ) throws(PluginError) -> SpeechSession {
        let wanted = params.output
        guard wanted.sampleRate == SpeechSettings.sampleRate || wanted.sampleRate == 0, wanted.channels <= 1,
            wanted.sampleRate == 0 || wanted.encoding == .int16
        else { throw .unsupported("the API speaks mono s16 at 24 kHz") }
        let settings = SpeechSettings(config, options: options)
        settings.server.prewarm(self.host)
        return SpeechSession(settings, host: host)
    }
}
