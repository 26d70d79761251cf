// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

/// One conversation with the agent `openai_chat`.
///
/// Several prompts may be under way: the host asks ahead while an older answer still comes. Each is one HTTP request
/// after another until it has its terminal event (R7).
public final class OpenAIChatSession: Session {
    struct State {
        /// By generation.
        var turns: [UInt64: ChatTurn] = [:]
        var memory = ToolMemory()
        var lastCall: UInt64 = 0
        var isDraining = false
        var isClosed = false
    }

    /// Prompts under way at the same time.
    private static let maximumTurns = 8
    /// How long counters are waited for once the model has stopped, in milliseconds.
    static let graceMilliseconds: UInt32 = 250

    let settings: ChatSettings
    let host: SessionHost
    let outbox: Outbox
    private var inbox = NetworkInbox()
    // `cancel` comes from any thread, hence the lock; the host never calls back while it is held (R3).
    let state = Mutex(State())

    init(_ settings: ChatSettings, host: SessionHost) {
        self.settings = settings
        self.host = host
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
        let (memory, count) = state.withLock { ($0.memory, $0.turns[generation] == nil ? $0.turns.count : .max) }
        guard count < Self.maximumTurns else { throw .unavailable("too many answers are under way") }
        let prompt = try ChatPrompt(text: text, json: json, settings: settings, memory: memory)
        let turn = ChatTurn(prompt, userText: text, maximumSteps: settings.maximumSteps, generation: generation)
        state.withLock { state in
            state.turns[generation] = turn
            ask(generation, &state)
        }
        return .ok
    }
}
