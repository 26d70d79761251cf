// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

// What a turn does next. All of it runs under the session's lock.

extension OpenAIChatSession {
    func go(_ step: ChatTurn.Step, _ generation: UInt64, _ state: inout State) {
        switch step {
        case .wait: break
        case .ask: ask(generation, &state)
        case .call(let calls):
            stopTimer(generation, &state)
            for call in calls {
                outbox.send(.toolCall(call.name, arguments: call.arguments, id: call.id, generation: generation))
            }
        case .done(let lastWords, let hangsUp):
            _ = end(generation, &state)
            if !lastWords.isEmpty { outbox.send(.delta(lastWords, generation: generation)) }
            outbox.send(.done(generation: generation, hangUp: hangsUp))
            tellIfDrained(&state)
        }
    }

    func ask(_ generation: UInt64, _ state: inout State) {
        guard let turn = state.turns[generation] else { return }
        let request = ChatRequest.make(
            settings,
            messages: turn.messages,
            tools: turn.tools,
            mayCallTools: turn.mayCallTools,
            generation: generation
        )
        do {
            let id = try host.startRequest(request)
            state.turns[generation]?.begin(id)
            startTimer(settings.timeoutMilliseconds, generation, &state)
        } catch {
            fail(generation, error, &state)
        }
    }

    func receive(_ event: NetworkEvent, _ state: inout State) {
        switch event {
        case .head(let id, let status, let headers):
            guard let generation = owner(id, state) else { return }
            state.turns[generation]?.reply.head(status: status, headers: headers)
        case .data(let id, let bytes):
            guard let generation = owner(id, state) else { return }
            read(generation, &state) { reply, outputs throws(PluginError) in try reply.data(bytes, &outputs) }
        case .done(let id, let error):
            guard let generation = owner(id, state) else { return }
            read(generation, &state) { reply, outputs throws(PluginError) in try reply.done(error, &outputs) }
        default: break
        }
    }

    private func read(
        _ generation: UInt64,
        _ state: inout State,
        _ body: (inout ChatReply, inout [ChatReply.Output]) throws(PluginError) -> Void
    ) {
        guard var turn = state.turns[generation] else { return }
        var outputs: [ChatReply.Output] = []
        var failure: PluginError?
        do throws(PluginError) {
            try body(&turn.reply, &outputs)
        } catch {
            failure = error
        }
        state.turns[generation] = turn
        if turn.hasBegun, turn.reply.finishReason == nil { stopTimer(generation, &state) }
        do throws(PluginError) {
            for output in outputs { try take(output, generation, &state) }
            if let failure { throw failure }
        } catch {
            fail(generation, error, &state)
        }
    }

    private func take(
        _ output: ChatReply.Output, _ generation: UInt64, _ state: inout State
    ) throws(PluginError) {
        switch output {
        case .text(let text):
            guard let piece = try state.turns[generation]?.say(text), !piece.isEmpty else { return }
            stopTimer(generation, &state)
            outbox.send(.delta(piece, generation: generation))
        // Some servers send them with every chunk.
        case .usage(let usage): state.turns[generation]?.usage = usage
        case .finished: startTimer(Self.graceMilliseconds, generation, &state)
        case .end: try finishAnswer(generation, &state)
        }
    }

    private func finishAnswer(_ generation: UInt64, _ state: inout State) throws(PluginError) {
        guard var turn = state.turns[generation] else { return }
        let rest = try turn.sayRest()
        if !rest.isEmpty { outbox.send(.delta(rest, generation: generation)) }
        var last = state.lastCall
        let step = try turn.finishAnswer {
            last += 1
            return last
        }
        state.lastCall = last
        if let usage = turn.usage { outbox.send(.usage(Self.counters(usage), generation: generation)) }
        state.turns[generation] = turn
        go(step, generation, &state)
    }

    /// Before the first token the model is too slow; after the last one nothing but counters can come.
    func timeOut(_ generation: UInt64, _ state: inout State) {
        guard let turn = state.turns[generation], let request = turn.request else { return }
        host.abortRequest(request)
        state.turns[generation]?.timer = nil
        guard turn.reply.finishReason != nil else {
            let limit = settings.timeoutMilliseconds
            let error = PluginError(.deadlineExceeded, "no answer within \(limit) ms", isRetryable: true)
            return fail(generation, error, &state)
        }
        do {
            try finishAnswer(generation, &state)
        } catch {
            fail(generation, error, &state)
        }
    }

    private func fail(_ generation: UInt64, _ error: PluginError, _ state: inout State) {
        guard let turn = end(generation, &state) else { return }
        if let request = turn.request { host.abortRequest(request) }
        outbox.send(.failed(error, generation: generation))
        tellIfDrained(&state)
    }

    /// Takes a turn out; the caller sends its terminal event.
    func end(_ generation: UInt64, _ state: inout State) -> ChatTurn? {
        stopTimer(generation, &state)
        guard let turn = state.turns.removeValue(forKey: generation) else { return nil }
        state.memory.keep(turn.exchange, userText: turn.userText)
        return turn
    }

    private func owner(_ request: NetworkID, _ state: State) -> UInt64? {
        state.turns.first { $0.value.request == request }?.key
    }

    private func startTimer(_ milliseconds: UInt32, _ generation: UInt64, _ state: inout State) {
        stopTimer(generation, &state)
        state.turns[generation]?.timer = host.startTimer(afterMilliseconds: milliseconds, cookie: generation)
    }

    private func stopTimer(_ generation: UInt64, _ state: inout State) {
        if let timer = state.turns[generation]?.timer { host.cancel(timer) }
        state.turns[generation]?.timer = nil
    }

    func tellIfDrained(_ state: inout State) {
        guard state.isDraining, state.turns.isEmpty, !state.isClosed else { return }
        state.isDraining = false
        outbox.send(.drained)
    }

    private static func counters(_ usage: JSONValue) -> [String: JSONValue] {
        var counters: [String: JSONValue] = [:]
        counters["input_tokens"] = usage["prompt_tokens"]?.int.map(JSONValue.int)
        counters["output_tokens"] = usage["completion_tokens"]?.int.map(JSONValue.int)
        counters["cached_tokens"] = usage["prompt_tokens_details"]?["cached_tokens"]?.int.map(JSONValue.int)
        return counters
    }
}
