// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The provider `gemini_live`: one conversation at the vendor for each session.
public final class GeminiProvider: Provider {
    private let config: GeminiConfig

    /// Keeps the configuration and connects ahead of the first session.
    public init(config: GeminiConfig, host: Host) throws(PluginError) {
        self.config = config
        host.prewarm(config.address)
    }

    /// Begins a session; it is ready once the vendor has answered setupComplete.
    public func openSession(
        _ params: SessionParams,
        options: GeminiConfig,
        host: SessionHost
    ) throws(PluginError) -> GeminiSession {
        let input = params.input
        guard input.sampleRate == 0 || input.encoding == .int16 && input.channels == 1 else {
            throw .unsupported("Gemini Live hears 16 bit mono")
        }
        let output = params.output
        guard output.sampleRate == 0 || output == AudioFormat(sampleRate: GeminiConfig.outputRate) else {
            throw .unsupported("Gemini Live speaks 16 bit mono at 24 kHz only")
        }
        let rate = input.sampleRate == 0 ? GeminiConfig.inputRate : input.sampleRate
        return try GeminiSession(config: config.merged(with: options), inputRate: rate, host: host)
    }
}
