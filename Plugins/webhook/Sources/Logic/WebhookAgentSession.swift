// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One conversation with the agent `webhook`.
///
/// Several prompts may be under way, each with one request after another until it has its terminal event (R7).
public final class WebhookAgentSession: Session {
    struct State {
        /// By generation.
        var turns: [UInt64: WebhookTurn] = [:]
        /// Numbers tool calls and signatures.
        var lastID: UInt64 = 0
        var isDraining = false
        var isClosed = false

        mutating func nextID() -> UInt64 {
            lastID += 1
            return lastID
        }
    }

    /// Prompts under way at the same time.
    private static let maximumTurns = 8

    let config: WebhookConfig
    let host: SessionHost
    let outbox: Outbox
    let unixTime: @Sendable () -> Int64
    let session: String
    private let user: String
    private var inbox = NetworkInbox()
    // `cancel` comes from any thread, hence the lock; the host never calls back while it is held (R3).
    let state = Mutex(State())

    init(_ config: WebhookConfig, _ params: SessionParams, host: SessionHost, unixTime: @escaping @Sendable () -> Int64)
    {
        self.config = config
        self.host = host
        self.unixTime = unixTime
        session = params.session
        user = params.user
        outbox = Outbox(host: host)
    }

    /// Takes prompts, results of tools, and what comes over the network.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        if let network = inbox.read(event) {
            state.withLock { receive(network, &$0) }
            return .ok
        }
        switch event.type {
        case .prompt: return try prompt(event)
        case .toolResult:
            let (generation, id, text, failed) = (event.generation, event.id, event.text, event.integer < 0)
            return state.withLock { state in
                guard let step = state.turns[generation]?.take(result: text, failed: failed, of: id) else {
                    return .skip
                }
                go(step, generation, &state)
                return .ok
            }
        case .timer:
            let generation = event.id
            state.withLock { timeOut(generation, &$0) }
        case .writable: outbox.flush()
        case .drain:
            state.withLock { state in
                state.isDraining = true
                tellIfDrained(&state)
            }
        default: return .skip
        }
        return .ok
    }

    /// Ends the request and whatever waits of the answer.
    public func cancel(_ generation: UInt64) {
        outbox.cancel(generation)
        state.withLock { state in
            guard let turn = end(generation, &state) else { return }
            if let request = turn.request { host.abortRequest(request) }
            outbox.send(.cancelled(generation: generation))
        }
    }

    /// Sends nothing more; the host ends the requests.
    public func close() {
        outbox.close()
        state.withLock { state in
            state.turns = [:]
            state.isClosed = true
        }
    }

    private func prompt(_ event: borrowing Event) throws(PluginError) -> Status {
        let (text, json, generation) = (event.text, event.json, event.generation)
        let count = state.withLock { $0.turns[generation] == nil ? $0.turns.count : .max }
        guard count < Self.maximumTurns else { throw .unavailable("too many answers are under way") }
        let extras = try JSONValue(parsing: json.isEmpty ? "{}" : json)
        guard extras.object != nil else { throw .invalid("the prompt's extras are no object") }
        let turn = WebhookTurn(session: session, user: user, text: text, extras: extras, generation: generation)
        state.withLock { state in
            state.turns[generation] = turn
            ask(generation, &state)
        }
        return .ok
    }
}
