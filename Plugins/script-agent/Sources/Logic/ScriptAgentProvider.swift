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
    ) throws(PluginError) -> ImmediateSession<ScriptAgent> {
        ImmediateSession(ScriptAgent(script, clock: clock), host: host)
    }
}

/// The agent `script`, in one conversation.
public struct ScriptAgent: ImmediateResponder {
    private let script: CompiledScript
    private let clock: @Sendable () -> WallClock
    private var dialogue: Dialogue

    init(_ script: CompiledScript, clock: @escaping @Sendable () -> WallClock) {
        self.script = script
        self.clock = clock
        dialogue = Dialogue(script)
    }

    /// Answers prompts at once.
    public mutating func handle(_ event: borrowing Event, _ outbox: Outbox) throws(PluginError) -> Status {
        guard event.type == .prompt else { return .skip }
        let reply = dialogue.reply(to: event.text, at: clock())
        for piece in WordGroups.split(reply.text) {
            outbox.send(.delta(piece, generation: event.generation))
        }
        outbox.send(.done(generation: event.generation, hangUp: reply.hangsUp))
        return .ok
    }

    /// Forgets the conversation.
    public mutating func reset() {
        dialogue = Dialogue(script)
    }
}
