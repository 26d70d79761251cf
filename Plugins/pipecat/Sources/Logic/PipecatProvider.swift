// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The provider `pipecat`: one bot for each session.
public final class PipecatProvider: Provider {
    /// More than ten seconds of audio at 48 kHz in one message is nothing that a bot sends.
    private static let messageLimit = 1 << 20

    private let config: PipecatConfig

    /// Keeps the configuration and connects ahead of the first session.
    public init(config: PipecatConfig, host: Host) throws(PluginError) {
        try config.check()
        self.config = config
        host.prewarm(config.url)
    }

    /// Begins a session; it is ready once the bot has said so.
    public func openSession(
        _ params: SessionParams,
        options: PipecatOptions,
        host: SessionHost
    ) throws(PluginError) -> SpeechSession<PipecatMachine> {
        guard let heard = params.input.monoRate(usual: PipecatConfig.inputRate),
            let spoken = params.output.monoRate(usual: PipecatConfig.outputRate)
        else {
            throw .unsupported("Pipecat is spoken to in 16 bit mono")
        }
        let machine = try PipecatMachine(config: config, options: options, rates: (heard, spoken), host: host)
        return SpeechSession(machine, host: host, messageLimit: Self.messageLimit)
    }

    /// Healthy when its configuration is.
    public func health() throws(PluginError) { try config.check() }
}
