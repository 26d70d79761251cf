// SPDX-License-Identifier: Apache-2.0

/// How a session's media reaches the backend.
public enum Transport: String, Sendable, Hashable, Codable, CaseIterable {
    /// The application's own code passes audio in and out.
    case inproc
    /// The application's server owns the socket and passes its binary messages in and out.
    case websocket
    /// Needs a backend that speaks it; none of this version does.
    case webrtc
    /// A telephone call that the application carries; needs ``Hooks/telephony``, which chooses the providers.
    case telephony
}

/// One session that an application wants: who, how, and with which agent.
public struct SessionConfig: Sendable {
    /// Who talks; the key of the rate limit. Not empty, unless ``Hooks/auth`` finds it out.
    public var userID: String
    /// What ``Hooks/auth`` is shown.
    public var token = ""
    /// How the media comes.
    public var transport = Transport.inproc
    /// Where the media comes from; required for `websocket`, for logs and routing.
    public var connectionURL: String?
    /// Of a telephone call; empty when withheld.
    public var phoneNumber = ""
    /// Nil = the backend's.
    public var pipelineType: PipelineType?
    /// Hz of the audio both ways: 8000 to 48000 in steps of 50.
    public var rate = 16_000
    /// BCP 47; nil = the backend's.
    public var language: String?
    /// The application's own notes about the session.
    public var metadata: [String: String] = [:]
    /// The agent as a function. An instance goes before it; both go before the backend's `agentProvider`.
    public var agentCallback: AgentCallback?
    /// The agent as an object that streams and uses tools.
    public var agentInstance: (any AgentInstance)?
    /// What a speech-to-speech model is to be and do; nil = what its provider is configured with. Agents have their own.
    public var instructions: String?
    /// What the agent may have done.
    public var tools: [Tool] = []
    /// Code on the media path of this session.
    public var customProcessors: [any CustomProcessor] = []

    /// A session, by default in-process.
    /// - Parameters:
    ///   - userID: who talks.
    ///   - transport: how the media comes.
    ///   - connectionURL: where it comes from.
    ///   - agentCallback: the agent as a function.
    public init(
        userID: String, transport: Transport = .inproc, connectionURL: String? = nil,
        agentCallback: AgentCallback? = nil
    ) {
        self.userID = userID
        self.transport = transport
        self.connectionURL = connectionURL
        self.agentCallback = agentCallback
    }

    /// A session with an agent that streams.
    /// - Parameters:
    ///   - userID: who talks.
    ///   - agentInstance: the agent.
    public init(userID: String, agentInstance: any AgentInstance) {
        self.userID = userID
        self.agentInstance = agentInstance
    }
}

extension SessionConfig {
    /// The agent that the application brings; nil = none.
    var agent: (any AgentInstance)? { agentInstance ?? agentCallback.map(CallbackAgent.init) }

    /// Checks what needs nobody else: all problems at once.
    /// - Parameter config: with the session's own pipeline type.
    /// - Throws: `invalid_config`, `agent_not_set`.
    func check(for config: Config, hooks: Hooks) throws(VoiceBackendError) {
        try issues(hooks, config).throwIfAny(operation)
        guard config.pipelineType == .sttTTS else { return }
        guard agent != nil || config.agentProvider != nil || transport == .telephony else {
            throw VoiceBackendError(
                operation, .agentNotSet,
                "the session has no agent; set agentCallback or agentInstance, or agent_provider in the configuration")
        }
    }

    private func issues(_ hooks: Hooks, _ config: Config) -> [ConfigIssue] {
        var issues = transportIssues(hooks, config)
        if userID.isEmpty, hooks.auth == nil { issues.append(ConfigIssue("user_id", "it is empty")) }
        if let connectionURL {
            do {
                _ = try ConnectionURL(connectionURL)
            } catch {
                issues.append(ConfigIssue("connection_url", error.message))
            }
        }
        let names = (tools + (agentInstance?.tools ?? [])).map(\.name)
        for name in Set(names).sorted() where names.count(where: { $0 == name }) > 1 {
            issues.append(ConfigIssue("tools", "there are two tools `\(name)`"))
        }
        return issues
    }

    private func transportIssues(_ hooks: Hooks, _ config: Config) -> [ConfigIssue] {
        switch transport {
        case .inproc: []
        case .websocket:
            connectionURL == nil ? [ConfigIssue("connection_url", "transport `websocket` needs one")] : []
        case .webrtc:
            [
                ConfigIssue(
                    "transport",
                    "backend `\(config.provider)` carries inproc, websocket and telephony, not `webrtc`; "
                        + "no installed backend does")
            ]
        case .telephony:
            hooks.telephony == nil
                ? [ConfigIssue("transport", "transport `telephony` needs Hooks.telephony, which routes the call")] : []
        }
    }

    private var operation: String { "createSession" }
}
