// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// The speaker `mock`: says everything as one tone.
public final class MockTTSProvider: Provider {
    /// The provider's configuration and, key by key over it, the session's options.
    public struct Config: Decodable, Sendable {
        /// The length of the tone of one response, in milliseconds.
        public var replyMilliseconds: Int?
        /// The tone's frequency, in hertz.
        public var frequency: Int?

        private enum CodingKeys: String, CodingKey {
            case replyMilliseconds = "reply_ms"
            case frequency
        }
    }

    private struct ToneKey: Hashable {
        let frequency: Int
        let sampleRate: Int
    }

    /// The rates that it speaks at, in hertz.
    static let sampleRates = [8_000, 16_000, 24_000, 48_000]
    /// More different tones than this are computed anew each time.
    private static let maximumCachedTones = 64

    private let config: Config
    private let tones = Mutex<[ToneKey: Tone]>([:])

    /// Keeps the configuration.
    public init(config: Config, host: Host) throws(PluginError) {
        self.config = config
    }

    /// Begins a session in the format that the host chose.
    public func openSession(
        _ params: SessionParams,
        options: Config,
        host: SessionHost
    ) throws(PluginError) -> MockTTSSession {
        let milliseconds = options.replyMilliseconds ?? config.replyMilliseconds ?? 1_000
        guard (0...600_000).contains(milliseconds) else { throw .invalid("'reply_ms' must lie in 0...600000") }
        let frequency = options.frequency ?? config.frequency ?? 440
        guard (20...20_000).contains(frequency) else { throw .invalid("'frequency' must lie in 20...20000") }
        let format = try Self.format(params.output)
        let tone = tone(frequency: frequency, sampleRate: Int(format.sampleRate))
        return MockTTSSession(tone: tone, milliseconds: milliseconds, format: format, host: host)
    }

    static func format(_ wanted: AudioFormat) throws(PluginError) -> AudioFormat {
        guard wanted.sampleRate != 0 else { return AudioFormat(sampleRate: 16_000) }
        guard wanted.encoding == .int16, wanted.channels == 1, sampleRates.contains(Int(wanted.sampleRate)) else {
            throw .unsupported("the mock speaks mono s16 at 8, 16, 24 or 48 kHz")
        }
        return wanted
    }

    private func tone(frequency: Int, sampleRate: Int) -> Tone {
        let key = ToneKey(frequency: frequency, sampleRate: sampleRate)
        if let tone = tones.withLock({ $0[key] }) { return tone }
        let tone = Tone(frequency: frequency, sampleRate: sampleRate)
        tones.withLock { tones in
            if tones.count < Self.maximumCachedTones { tones[key] = tone }
        }
        return tone
    }
}
