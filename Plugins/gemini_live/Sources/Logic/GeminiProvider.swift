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
    ) throws(PluginError) -> SpeechSession<GeminiMachine> {
        guard let rate = params.input.monoRate(usual: GeminiConfig.inputRate) else {
            throw .unsupported("Gemini Live hears 16 bit mono")
        }
        let output = params.output
        guard output.sampleRate == 0 || output == AudioFormat(sampleRate: GeminiConfig.outputRate) else {
            throw .unsupported("Gemini Live speaks 16 bit mono at 24 kHz only")
        }
        let machine = try GeminiMachine(config: config.merged(with: options), inputRate: rate, host: host)
        return SpeechSession(machine, host: host)
    }
}
