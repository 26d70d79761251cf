// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The speaker `elevenlabs`.
public final class SpeakProvider: Provider {
    /// The rates that every plan of the vendor has, in hertz.
    static let sampleRates: [UInt32] = [8_000, 16_000, 22_050, 24_000]

    private let config: SpeakConfig

    /// Keeps the configuration.
    public init(config: SpeakConfig, host: Host) throws(PluginError) {
        self.config = config
    }

    /// Begins a session, and its connection with it: the first clause need not wait.
    public func openSession(
        _ params: SessionParams,
        options: SpeakConfig,
        host: SessionHost
    ) throws(PluginError) -> SpeakSession {
        let format = params.output
        guard format.encoding == .int16, format.channels == 1, Self.sampleRates.contains(format.sampleRate) else {
            throw .unsupported("ElevenLabs speaks mono s16 at 8, 16, 22.05 or 24 kHz")
        }
        let session = SpeakSession(
            config: config.merged(with: options), locale: params.locale, format: format, host: host)
        try session.begin()
        return session
    }
}
