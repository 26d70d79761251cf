// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The agent `script`: answers from rules, without a model.
public final class ScriptAgentProvider: Provider {
    private let script: CompiledScript
    private let clock: @Sendable () -> WallClock

    /// Reads the script; without intents the demo runs.
    public convenience init(config: Script, host: Host) throws(PluginError) {
        try self.init(config: config, clock: WallClock.now)
    }

    /// The same with a clock of the test's own.
    public init(config: Script, clock: @escaping @Sendable () -> WallClock) throws(PluginError) {
        let isEmpty = config.intents?.isEmpty ?? true
        script = try CompiledScript(isEmpty ? JSON.decode(Script.self, from: Demo.json, label: "demo") : config)
        self.clock = clock
    }

    /// Begins a conversation.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> ScriptAgentSession {
        ScriptAgentSession(script, clock: clock, host: host)
    }
}

/// One conversation with the agent `script`.
public final class ScriptAgentSession: ResettableSession {
    private let script: CompiledScript
    private let clock: @Sendable () -> WallClock
    private let outbox: Outbox
    private var dialogue: Dialogue

    init(_ script: CompiledScript, clock: @escaping @Sendable () -> WallClock, host: SessionHost) {
        self.script = script
        self.clock = clock
        outbox = Outbox(host: host)
        dialogue = Dialogue(script)
    }

    /// Answers prompts at once.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .prompt: answer(event.text, generation: event.generation)
        case .writable: outbox.flush()
        case .drain: outbox.send(.drained)
        default: return .skip
        }
        return .ok
    }

    /// Drops what waits of the answer.
    public func cancel(_ generation: UInt64) {
        outbox.cancel(generation)
    }

    /// Forgets the conversation.
    public func reset() {
        dialogue = Dialogue(script)
    }

    /// Sends nothing more.
    public func close() {
        outbox.close()
    }

    private func answer(_ text: String, generation: UInt64) {
        let reply = dialogue.reply(to: text, at: clock())
        for piece in WordGroups.split(reply.text) {
            outbox.send(.delta(piece, generation: generation))
        }
        outbox.send(.done(generation: generation, hangUp: reply.hangsUp))
    }
}
