// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
package import SyrinxCore
internal import SyrinxHost

/// The application's code behind a tool. Runs off the event loop.
package typealias ToolHandler = @Sendable (_ arguments: JSONValue) async throws -> String

extension CallSession {
    /// Actions that go to a stage.
    func performOnStages(_ action: Action) {
        if let speaker = stages.speaker, perform(action, on: speaker) { return }
        switch action {
        case .beginUtterance(let number, let padding):
            renewRecogniserIfFree(isBeginning: true)
            beginUtterance(number, padding: padding)
        case .endUtterance(let number):
            endUtterance(number)
            ask(stages.stt, .endOfInput, generation: number)
            watch(.stt, number)
        case .cancelUtterance(let number):
            if utterance == number { utterance = 0 }
            requests.forgetUtterance(number)
            stages.stt?.cancel(number)
        case .judgeTurn(let number, let text, let silence):
            stages.turn?.send(.transcript(text: text, silence: silence.milliseconds / 1000), generation: number)
        case .prompt(let generation, let text, _):
            leaveIfGone(.agent)
            let prompt = AgentPrompt(
                generation: generation, text: text, history: historyWindow.newest(of: conversation.history),
                language: stages.language, tools: toolDescriptions, instructions: brief.instructions)
            requests.ask(prompt, at: now())
            watch(.agent, generation)
            considerHedge(.agent, generation)
            if let refusal = stages.agent?.prompt(prompt), !agentIsRecovering {
                fail(.agent, generation, 0, refusal, retryable: false)
            }
        case .cancelAgent(let generation):
            requests.answerEnded(generation)
            dropHedge(.agent, of: generation)
            stages.agent?.cancel(generation)
        case .runTool(let generation, let call, let name, let arguments):
            usage.toolCalls += 1
            runTool(generation: generation, call: call, name: name, arguments: arguments)
        case .sendToolResult(let generation, let call, let text, let failed):
            let refusal = stages.agent?.toolResult(generation: generation, call: call, text: text, failed: failed)
            if let refusal, !agentIsRecovering {
                blame(.agent)
                submit(.agentFailed(generation: generation, code: refusal))
            }
        case .speak(let generation, let clause, let text, let last):
            leaveIfGone(.tts)
            giveBack(speech.expect(generation), of: generation)
            let extras: JSONValue = ["language": .string(stages.language)]
            let wanted = OpenRequests.Clause(number: clause, text: text, json: extras.text, isLast: last)
            hedge(wanted, of: generation)
            if requests.speak(generation, clause: wanted, at: now()) {
                renewVoice()
                watch(.tts, generation)
                considerHedge(.tts, generation)
            }
            usage.spokenCharacters += text.count
            ask(stages.tts, wanted.request, generation: generation, clause: clause)
        case .abandonSynthesis(let generation, _):
            speech.abandon(generation)
            requests.forgetSpeech(generation)
            dropHedge(.tts, of: generation)
            stages.tts?.cancel(generation)
        case .openPipeline(let pipeline): open(pipeline)
        case .useLanguage(let language): use(language: language)
        case .closeStages: closeStages()
        default: break
        }
    }

    /// A request that is refused fails at once (R7): no event will follow for it.
    private func ask(_ stage: StageSession?, _ request: StageRequest, generation: UInt64, clause: UInt64 = 0) {
        guard let stage else { return }
        let status = stage.send(request, generation: generation)
        guard status < 0, !isRecovering(stage) else { return }
        // Asked again at once, it would refuse again.
        let code = ProviderErrorClass(status: status).code
        fail(stage.provider.descriptor.kind, generation, clause, code, retryable: false)
    }

    private var agentIsRecovering: Bool { stages.agentStage.map(isRecovering) ?? false }

    func runTool(generation: UInt64, call: UInt64, name: String, arguments: String) {
        if runLanguageTool(generation: generation, call: call, name: name, arguments: arguments) { return }
        guard let tool = tools[name] else {
            let order = ToolOrder(generation: generation, call: call, name: name, arguments: arguments)
            if transport?.runTool(order) == true { return }
            return submit(
                .toolResult(generation: generation, call: call, text: "there is no tool `\(name)`", failed: true))
        }
        let executor = executor
        let session = LoopBound(self)
        Task {
            let result: (String, Bool)
            do {
                result = (try await tool(try JSONValue(parsing: arguments.isEmpty ? "{}" : arguments)), false)
            } catch {
                result = (String(describing: error), true)
            }
            executor.execute {
                session.value.submit(.toolResult(generation: generation, call: call, text: result.0, failed: result.1))
            }
        }
    }

    private func closeStages() {
        dropIncoming()
        let session = LoopBound(self)
        let executor = executor
        // Closing may finish at once; the answer still comes as an input of its own.
        stages.close { executor.execute { session.value.submit(.stagesClosed) } }
    }

    /// A plugin's event, as an input of the conversation.
    func receive(_ event: StageEvent, from kind: PluginKind) {
        let generation = event.generation
        switch event.kind {
        case .audio(let clause, let samples):
            let converted = stages.convertSpeech(samples, generation: generation)
            guard speech.append(converted, generation: generation, clause: clause) else {
                return giveBack(converted.count, of: generation)
            }
            answered(kind, generation)
            requests.voiceCame(generation, at: now())
            submit(.speech(generation: generation, clause: clause, samples: converted.count))
        case .partial(let text): submit(.partial(utterance: generation, text: text))
        case .final(let text, let confidence):
            requests.forgetUtterance(generation)
            succeeded(.stt)
            noteLanguage(event, words: text)
            renewRecogniserIfFree()
            submit(.final(utterance: generation, text: text, confidence: confidence))
        case .speechStarted: submit(.providerSpeechStarted)
        case .speechStopped: submit(.providerSpeechStopped)
        case .turnEnd(let probability):
            if kind == .stt, probability >= 1 { return submit(.providerTurnEnded) }
            // Less is a recogniser's guess that the turn may end here: good for nothing where others decide.
            guard kind != .stt || conversation.options.turnMode == .stt else { return }
            submit(.turnVerdict(utterance: generation, probability: probability))
        case .delta(let text):
            answered(kind, generation)
            requests.answerBegan(generation)
            submit(.delta(generation: generation, text: text))
        case .toolCall(let id, let name, let arguments):
            answered(kind, generation)
            requests.answerBegan(generation)
            submit(.toolCall(generation: generation, call: id, name: name, arguments: arguments))
        case .mark(let clause, let bytes, let samples):
            submit(
                .speechMark(
                    generation: generation, clause: clause, byteOffset: bytes, sampleOffset: stages.scaleSpeech(samples)
                ))
        case .done(let clause, let hangUp):
            answered(kind, generation)
            if kind == .agent { requests.answerEnded(generation) } else { requests.spoke(generation, clause: clause) }
            succeeded(kind)
            submit(
                kind == .agent
                    ? .agentDone(generation: generation, hangUp: hangUp)
                    : .speechDone(generation: generation, clause: clause))
        case .failed(let clause, let code, let message, let retryable):
            if generation == 0, let stage = stages.lost(kind), isRecovering(stage) { return }
            onWarning("\(kind.name) failed: \(code) \(message)")
            // Generation 0 is nobody's request: the stage is ill, and its next requests will fail one by one.
            fail(kind, generation, clause, code, retryable: retryable, retryAfter: event.retryAfter)
        // What a plugin gives up by itself has failed.
        case .cancelled(let clause): fail(kind, generation, clause, "provider.cancelled", retryable: true)
        case .state(let state, _): noteConnection(kind, state)
        case .usage(let json): note(usage: json)
        case .ready, .drained, .peer, .httpReply, .command, .keys, .other: break
        }
    }

    private func fail(
        _ kind: PluginKind, _ generation: UInt64, _ clause: UInt64, _ code: String, retryable: Bool,
        retryAfter: Duration? = nil
    ) {
        // What the host has called off cannot fail any more: a plugin answers CANCELLED, or tells of what it broke off.
        if stages.session(kind)?.isCancelled(generation) == true { return }
        blame(kind)
        if takeOver(kind, generation, code: code, retryable: retryable, retryAfter: retryAfter) { return }
        switch kind {
        case .stt:
            requests.forgetUtterance(generation)
            submit(.transcriptionFailed(utterance: generation, code: code))
        case .agent:
            requests.answerEnded(generation)
            submit(.agentFailed(generation: generation, code: code))
        case .tts:
            requests.spoke(generation, clause: clause)
            submit(.speechFailed(generation: generation, clause: clause, code: code, retryable: retryable))
        default: break
        }
    }
}
