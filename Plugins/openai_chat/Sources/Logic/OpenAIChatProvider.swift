// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The agent `openai_chat`: a model behind OpenAI's chat completions, or behind a server that speaks them.
public final class OpenAIChatProvider: Provider {
    private let config: ChatConfig
    private let host: Host

    /// Keeps the configuration.
    public init(config: ChatConfig, host: Host) throws(PluginError) {
        self.config = config
        self.host = host
    }

    /// Begins a conversation; the connection for its first turn is made meanwhile.
    public func openSession(
        _ params: SessionParams,
        options: ChatConfig,
        host: SessionHost
    ) throws(PluginError) -> AgentSession<ChatMachine> {
        let settings = ChatSettings(config, options: options)
        self.host.prewarm(settings.url)
        return AgentSession(host: host) { ChatMachine(settings, host: host, outbox: $0) }
    }
}
