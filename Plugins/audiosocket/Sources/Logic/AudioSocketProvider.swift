// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The transport `audiosocket`: one TCP socket and one thread for all calls.
public final class AudioSocketProvider: Provider {
    private static let rates: Set<UInt32> = [8_000, 16_000, 24_000, 48_000]

    let hub: Hub
    private let config: AudioSocketConfig

    /// Binds the socket.
    public init(config: AudioSocketConfig, host: Host) throws(PluginError) {
        self.config = config
        let listener = try TCPListener(config.listen ?? "127.0.0.1", port: UInt16(clamping: config.port ?? 0))
        hub = try Hub(listener, host)
    }

    var token: String? { config.token.flatMap { $0.isEmpty ? nil : $0 } }

    /// Begins a session; what it is for comes with its first request.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> AudioSocketSession {
        let formats = [params.input, params.output]
        guard formats.allSatisfy({ $0.encoding == .int16 && $0.channels == 1 && Self.rates.contains($0.sampleRate) }),
            params.input.sampleRate == params.output.sampleRate
        else { throw .unsupported("needs 16 bit mono audio of 8000, 16000, 24000 or 48000 Hz, the same both ways") }
        return AudioSocketSession(self, params, host)
    }

    /// Ends the thread; the sockets go with it.
    public func close() { hub.stop() }
}
