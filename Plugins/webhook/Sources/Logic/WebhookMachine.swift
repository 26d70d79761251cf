// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One conversation with the agent `webhook`: its prompts, each with one request after another.
public struct WebhookMachine: AgentMachine {
    /// Prompts under way at the same time.
    private static let maximumTurns = 8

    let config: WebhookConfig
    let host: SessionHost
    let outbox: Outbox
    let unixTime: @Sendable () -> Int64
    let session: String
    private let user: String
    /// By generation.
    var turns: [UInt64: WebhookTurn] = [:]
    /// Numbers tool calls and signatures.
    var lastID: UInt64 = 0

    init(
        _ config: WebhookConfig,
        _ params: SessionParams,
        host: SessionHost,
        outbox: Outbox,
        unixTime: @escaping @Sendable () -> Int64
    ) {
        self.config = config
        self.host = host
        self.outbox = outbox
        self.unixTime = unixTime
        session = params.session
        user = params.user
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
            let extras = try JSONValue(parsing: extras.isEmpty ? "{}" : extras)
            guard extras.object != nil else { throw .invalid("the prompt's extras are no object") }
            turns[generation] = WebhookTurn(
                session: session,
                user: user,
                text: text,
                extras: extras,
                generation: generation
            )
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

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }
}
