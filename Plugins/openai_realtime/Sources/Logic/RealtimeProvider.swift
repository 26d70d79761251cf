// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The provider `openai_realtime`: one WebSocket to the vendor for each session.
public final class RealtimeProvider: Provider {
    private let config: RealtimeConfig
    private let host: Host

    /// Keeps the configuration and connects ahead of the first session.
    public init(config: RealtimeConfig, host: Host) throws(PluginError) {
        self.config = config
        self.host = host
        host.prewarm(config.address)
    }

    /// Begins a session; it is ready once the vendor has taken its configuration.
    public func openSession(
        _ params: SessionParams,
        options: RealtimeConfig,
        host: SessionHost
    ) throws(PluginError) -> SpeechSession<RealtimeMachine> {
        for format in [params.input, params.output] where format.sampleRate != 0 {
            guard format.encoding == .int16, format.channels == 1, format.sampleRate == RealtimeConfig.sampleRate else {
                throw .unsupported("OpenAI Realtime hears and speaks 16 bit mono at 24 kHz only")
            }
        }
        let machine = try RealtimeMachine(config: config.merged(with: options), locale: params.locale, host: host)
        return SpeechSession(machine, host: host)
    }
}
