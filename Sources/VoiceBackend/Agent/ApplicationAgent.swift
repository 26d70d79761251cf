// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// The application's agent as a stage of a session. Each answer is a task; what it produces comes back as inputs of the
/// conversation, one at a time, so that an agent cannot run ahead of the session.
///
/// Threads: all state belongs to the session's event loop, which is what `@unchecked` stands for.
final class ApplicationAgent: AgentLink, @unchecked Sendable {
    private struct Answer {
        var task: Task<Void, Never>
        var calls: [UInt64: OneShot<ToolOutcome>] = [:]
    }

    private struct ToolOutcome {
        var text: String
        var hasFailed: Bool
    }

    private let loop: any EventLoop
    private let sessionID: String
    private let userID: String
    private let warn: (_ code: VoiceBackendError.Code, _ message: String) -> Void
    private weak var call: CallSession?
    private var instance: any AgentInstance
    private var tools: [Tool]
    private var answers: [UInt64: Answer] = [:]
    private var nextCall: UInt64 = 0

    init(
        _ instance: any AgentInstance, tools: [Tool], loop: any EventLoop, session: ProcessorContext,
        warn: @escaping (_ code: VoiceBackendError.Code, _ message: String) -> Void
    ) {
        self.instance = instance
        self.tools = tools
        self.loop = loop
        sessionID = session.sessionID
        userID = session.userID
        self.warn = warn
    }

    func attach(_ call: CallSession) { self.call = call }

    /// From the next turn on.
    func replace(_ instance: any AgentInstance, tools: [Tool]) {
        self.instance = instance
        self.tools = tools
    }

    // MARK: AgentLink

    func prompt(_ prompt: AgentPrompt) -> String? {
        let turn = turn(prompt)
        let instance = instance
        let generation = prompt.generation
        let task = Task { await self.answer(turn, by: instance, generation) }
        answers[generation] = Answer(task: task)
        return nil
    }

    func cancel(_ generation: UInt64) { end(generation) }

    func toolResult(generation: UInt64, call: UInt64, text: String, failed: Bool) -> String? {
        answers[generation]?.calls.removeValue(forKey: call)?.resolve(ToolOutcome(text: text, hasFailed: failed))
        return nil
    }

    /// Does not wait for code that ignores its cancellation.
    func close(_ done: @escaping @Sendable () -> Void) {
        for generation in Array(answers.keys) { end(generation) }
        done()
    }

    // MARK: answering

    private func answer(_ turn: AgentTurn, by instance: any AgentInstance, _ generation: UInt64) async {
        do {
            for try await text in instance.respond(to: turn) {
                guard await submit(.delta(generation: generation, text: text), of: generation) else { return }
            }
            _ = await submit(.agentDone(generation: generation, hangUp: false), of: generation, isLast: true)
        } catch {
            guard !Task.isCancelled else { return }
            await fail(generation, error)
        }
    }

    private func fail(_ generation: UInt64, _ error: any Error) async {
        await onLoop {
            guard self.settle(generation) != nil else { return }
            self.warn(.agentError, "the agent failed: \(error)")
            self.call?.submit(.agentFailed(generation: generation, code: "agent.error"))
        }
    }

    /// - Returns: false when the answer is not wanted any more.
    private func submit(_ input: Input, of generation: UInt64, isLast: Bool = false) async -> Bool {
        await onLoop {
            guard self.answers[generation] != nil else { return false }
            if isLast { _ = self.settle(generation) }
            self.call?.submit(input)
            return true
        } ?? false
    }

    private func end(_ generation: UInt64) { settle(generation)?.task.cancel() }

    /// The answer is over; tools that are still awaited answer nobody.
    private func settle(_ generation: UInt64) -> Answer? {
        guard let answer = answers.removeValue(forKey: generation) else { return nil }
        for call in answer.calls.values { call.resolve(ToolOutcome(text: "the turn is over", hasFailed: true)) }
        return answer
    }

    // MARK: tools

    private func runTool(
        _ name: String, _ arguments: ConfigValue, _ generation: UInt64
    ) async throws(VoiceBackendError) -> String {
        let outcome = OneShot<ToolOutcome>()
        let isWanted = await onLoop { self.beginCall(name, arguments, generation, outcome) } ?? false
        guard isWanted, let result = await outcome.wait() else {
            throw VoiceBackendError("callTool", .contextCanceled, "the turn is over")
        }
        guard !result.hasFailed else { throw VoiceBackendError("callTool", .agentError, "\(name): \(result.text)") }
        return result.text
    }

    private func beginCall(
        _ name: String, _ arguments: ConfigValue, _ generation: UInt64, _ outcome: OneShot<ToolOutcome>
    ) -> Bool {
        guard answers[generation] != nil else { return false }
        nextCall += 1
        answers[generation]?.calls[nextCall] = outcome
        call?.submit(.toolCall(generation: generation, call: nextCall, name: name, arguments: arguments.json.text))
        return true
    }

    // MARK: helpers

    private func turn(_ prompt: AgentPrompt) -> AgentTurn {
        let generation = prompt.generation
        return AgentTurn(
            text: prompt.text, history: prompt.history.map(AgentTurn.Message.init), language: prompt.language,
            sessionID: sessionID, userID: userID, tools: tools,
            runTool: { name, arguments async throws(VoiceBackendError) in
                try await self.runTool(name, arguments, generation)
            })
    }

    @discardableResult
    private func onLoop<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result? {
        try? await loop.submit(body).get()
    }
}

extension AgentTurn.Message {
    fileprivate init(_ item: HistoryItem) {
        self.init(
            role: Role(rawValue: item.role.rawValue) ?? .assistant, text: item.text,
            wasInterrupted: item.interrupted)
    }
}
