// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import SyrinxPlugin

/// The agent `webhook`: an HTTP endpoint of the operator's own.
public final class WebhookAgentProvider: Provider {
    private let config: WebhookConfig
    private let host: Host

    /// Keeps the configuration.
    public init(config: WebhookConfig, host: Host) throws(PluginError) {
        self.config = config
        self.host = host
    }

    /// Begins a conversation; the connection for its first turn is made meanwhile.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> AgentSession<WebhookMachine> {
        self.host.prewarm(config.url)
        // The host's clock counts from its own beginning, but a signature has to tell the time of day.
        return AgentSession(host: host) { outbox in
            WebhookMachine(config, params, host: host, outbox: outbox) { Int64(time(nil)) }
        }
    }
}
