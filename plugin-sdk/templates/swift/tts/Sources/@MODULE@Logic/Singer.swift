// SPDX-License-Identifier: Apache-2.0
import Glibc
import SyrinxPlugin

/// The plugin's table; the entry target hands it out.
public let pluginModule = Module([
    ProviderDescription(
        SingerProvider.self,
        kind: .tts,
        id: "@ID@",
        version: "1.0.0",
        name: "@NAME@",
        vendor: "You",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "pitch": {"type": "number", "minimum": 80, "maximum": 1000, "default": 220,
                        "description": "Of the lowest tone, in Hz"}
            }}
            """#,
        capabilities: #"""
            {"formats": [{"format": "s16", "rates": [8000, 16000, 24000, 48000], "channels": [1]}],
             "streaming": true, "marks": "word", "languages": ["*"]}
            """#
    )
])

/// Exists once per configuration and holds what its sessions share: the model, the voices.
public final class SingerProvider: Provider {
    /// What the host's configuration decodes to.
    public struct Config: Decodable, Sendable {
        /// Of the lowest tone, in Hz.
        public var pitch: Double?
    }

    private let pitch: Double

    /// Keeps the pitch.
    public init(config: Config, host: Host) throws(PluginError) {
        pitch = config.pitch ?? 220
    }

    /// Begins a conversation.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> AsyncSession<Singer> {
        guard params.output.encoding == .int16, params.output.channels == 1, params.output.sampleRate > 0 else {
            throw .unsupported("speaks 16 bit mono only")
        }
        return AsyncSession(Singer(pitch: pitch, format: params.output), host: host)
    }
}

/// Sings a tone for each word, 60 ms a letter; replace `respond`. Barge-in makes the next `audio` throw, which ends it.
public final class Singer: AsyncResponder {
    private let pitch: Double
    private let format: AudioFormat

    init(pitch: Double, format: AudioFormat) {
        self.pitch = pitch
        self.format = format
    }

    /// Never block in here: that belongs into `SessionHost.run`.
    public func respond(to request: Clause, sink: ResponseSink) async throws {
        var textOffset = 0
        var sampleOffset = 0
        for word in request.text.split(separator: " ", omittingEmptySubsequences: false) {
            var mark = OutgoingEvent(.mark)
            mark.integer = Int64(textOffset)
            mark.secondInteger = Int64(sampleOffset)
            try await sink.emit(mark)
            let samples = tone(letters: word.utf8.count)
            try await sink.audio(samples, format: format)
            textOffset += word.utf8.count + 1
            sampleOffset += samples.count
        }
    }

    private func tone(letters: Int) -> [Int16] {
        let rate = Double(format.sampleRate)
        let count = (letters + 1) * Int(format.sampleRate) * 60 / 1_000
        let cycles = pitch * (1 + Double(letters % 5) / 8) / rate
        return (0..<count).map { index in
            let fade = 1 - Double(index) / Double(count)
            return Int16(8_000 * fade * sin(2 * .pi * cycles * Double(index)))
        }
    }
}
