// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The provider `vapi`: one call at the vendor for each session.
public final class VapiProvider: Provider {
    private let config: VapiConfig

    /// Keeps the configuration and connects ahead of the first session.
    public init(config: VapiConfig, host: Host) throws(PluginError) {
        try config.check()
        self.config = config
        host.prewarm(config.callsURL)
    }

    /// Begins a session; its call is created once the host has said how the conversation is to be.
    public func openSession(
        _ params: SessionParams,
        options: VapiConfig,
        host: SessionHost
    ) throws(PluginError) -> SpeechSession<VapiMachine> {
        guard let heard = params.input.monoRate(usual: VapiConfig.hostRate),
            let spoken = params.output.monoRate(usual: VapiConfig.hostRate)
        else {
            throw .unsupported("Vapi is spoken to in 16 bit mono")
        }
        let rates = (heard: heard, spoken: spoken)
        let machine = try VapiMachine(
            config: config.merged(with: options), session: params.session, rates: rates, host: host)
        return SpeechSession(machine, host: host, messageLimit: 1 << 20)
    }

    /// Healthy when its configuration is: asking the vendor would count against the account's limits.
    public func health() throws(PluginError) { try config.check() }
}
