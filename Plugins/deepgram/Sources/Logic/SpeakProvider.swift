// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The speaker `deepgram`.
public final class SpeakProvider: Provider {
    /// The rates that it speaks at, in hertz.
    static let sampleRates: [UInt32] = [8_000, 16_000, 24_000, 32_000, 48_000]

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
            throw .unsupported("Deepgram speaks mono s16 at 8, 16, 24, 32 or 48 kHz")
        }
        let session = SpeakSession(config: config.merged(with: options), format: format, host: host)
        try session.connect()
        return session
    }
}
