// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One conversation with the agent `openai_chat`: its prompts, each with one HTTP request after another.
public struct ChatMachine: AgentMachine {
    /// Prompts under way at the same time.
    private static let maximumTurns = 8
    /// How long counters are waited for once the model has stopped, in milliseconds.
    static let graceMilliseconds: UInt32 = 250

    let settings: ChatSettings
    let host: SessionHost
    let outbox: Outbox
    /// By generation.
    var turns: [UInt64: ChatTurn] = [:]
    var memory = ToolMemory()
    var lastCall: UInt64 = 0

    init(_ settings: ChatSettings, host: SessionHost, outbox: Outbox) {
        self.settings = settings
        self.host = host
        self.outbox = outbox
    }

    /// Whether no prompt is under way.
    public var isIdle: Bool { turns.isEmpty }

    /// Takes prompts, results of tools and timers.
    public mutating func take(_ request: AgentRequest) throws(PluginError) -> Status {
        switch request {
        case .prompt(let generation, let text, let extras):
            guard turns[generation] == nil, turns.count < Self.maximumTurns else {
                throw .unavailable("too many answers are under way")
            }
            let prompt = try ChatPrompt(text: text, json: extras, settings: settings, memory: memory)
            let steps = settings.maximumSteps
            turns[generation] = ChatTurn(prompt, userText: text, maximumSteps: steps, generation: generation)
            ask(generation)
        case .toolResult(let generation, let call, let text, let failed):
            guard let step = turns[generation]?.take(result: text, failed: failed, of: call) else { return .skip }
            go(step, generation)
        case .timer(let generation): timeOut(generation)
        }
        return .ok
    }

    /// Ends the request.
    public mutating func cancel(_ generation: UInt64) {
        guard let turn = end(generation) else { return }
        if let request = turn.request { host.abortRequest(request) }
        outbox.send(.cancelled(generation: generation))
    }
}
