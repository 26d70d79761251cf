// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

// What a turn does next.

extension ChatMachine {
    mutating func go(_ step: ChatTurn.Step, _ generation: UInt64) {
        switch step {
        case .wait: break
        case .ask: ask(generation)
        case .call(let calls):
            stopTimer(generation)
            for call in calls {
                outbox.send(.toolCall(call.name, arguments: call.arguments, id: call.id, generation: generation))
            }
        case .done(let lastWords, let hangsUp):
            _ = end(generation)
            if !lastWords.isEmpty { outbox.send(.delta(lastWords, generation: generation)) }
            outbox.send(.done(generation: generation, hangUp: hangsUp))
        }
    }

    mutating func ask(_ generation: UInt64) {
        guard let turn = turns[generation] else { return }
        let request = ChatRequest.make(
            settings,
            messages: turn.messages,
            tools: turn.tools,
            mayCallTools: turn.mayCallTools,
            generation: generation
        )
        do {
            let id = try host.startRequest(request)
            turns[generation]?.begin(id)
            startTimer(settings.timeoutMilliseconds, generation)
        } catch {
            fail(generation, error)
        }
    }

    /// Takes what the server answers.
    public mutating func take(_ event: NetworkEvent) {
        switch event {
        case .head(let id, let status, let headers):
            guard let generation = owner(id) else { return }
            turns[generation]?.reply.head(status: status, headers: headers)
        case .data(let id, let bytes):
            guard let generation = owner(id) else { return }
            read(generation) { reply, outputs throws(PluginError) in try reply.data(bytes, &outputs) }
        case .done(let id, let error):
            guard let generation = owner(id) else { return }
            read(generation) { reply, outputs throws(PluginError) in try reply.done(error, &outputs) }
        default: break
        }
    }

    private mutating func read(
        _ generation: UInt64,
        _ body: (inout ChatReply, inout [ChatReply.Output]) throws(PluginError) -> Void
    ) {
        guard var turn = turns[generation] else { return }
        var outputs: [ChatReply.Output] = []
        var failure: PluginError?
        do throws(PluginError) {
            try body(&turn.reply, &outputs)
        } catch {
            failure = error
        }
        turns[generation] = turn
        if turn.hasBegun, turn.reply.finishReason == nil { stopTimer(generation) }
        do throws(PluginError) {
            for output in outputs { try take(output, generation) }
            if let failure { throw failure }
        } catch {
            fail(generation, error)
        }
    }

    private mutating func take(_ output: ChatReply.Output, _ generation: UInt64) throws(PluginError) {
        switch output {
        case .text(let text):
            guard let piece = try turns[generation]?.say(text), !piece.isEmpty else { return }
            stopTimer(generation)
            outbox.send(.delta(piece, generation: generation))
        // Some servers send them with every chunk.
        case .usage(let usage): turns[generation]?.usage = usage
        case .finished: startTimer(Self.graceMilliseconds, generation)
        case .end: try finishAnswer(generation)
        }
    }

    private mutating func finishAnswer(_ generation: UInt64) throws(PluginError) {
        guard var turn = turns[generation] else { return }
        let rest = try turn.sayRest()
        if !rest.isEmpty { outbox.send(.delta(rest, generation: generation)) }
        var last = lastCall
        let step = try turn.finishAnswer {
            last += 1
            return last
        }
        lastCall = last
        if let usage = turn.usage { outbox.send(.usage(Self.counters(usage), generation: generation)) }
        turns[generation] = turn
        go(step, generation)
    }

    /// Before the first token the model is too slow; after the last one nothing but counters can come.
    mutating func timeOut(_ generation: UInt64) {
        guard let turn = turns[generation], let request = turn.request else { return }
        host.abortRequest(request)
        turns[generation]?.timer = nil
        guard turn.reply.finishReason != nil else {
            let limit = settings.timeoutMilliseconds
            let error = PluginError(.deadlineExceeded, "no answer within \(limit) ms", isRetryable: true)
            return fail(generation, error)
        }
        do {
            try finishAnswer(generation)
        } catch {
            fail(generation, error)
        }
    }

    private mutating func fail(_ generation: UInt64, _ error: PluginError) {
        guard let turn = end(generation) else { return }
        if let request = turn.request { host.abortRequest(request) }
        outbox.send(.failed(error, generation: generation))
    }

    /// Takes a turn out; the caller sends its terminal event.
    mutating func end(_ generation: UInt64) -> ChatTurn? {
        stopTimer(generation)
        guard let turn = turns.removeValue(forKey: generation) else { return nil }
        memory.keep(turn.exchange, userText: turn.userText)
        return turn
    }

    private func owner(_ request: NetworkID) -> UInt64? {
        turns.first { $0.value.request == request }?.key
    }

    private mutating func startTimer(_ milliseconds: UInt32, _ generation: UInt64) {
        stopTimer(generation)
        turns[generation]?.timer = host.startTimer(afterMilliseconds: milliseconds, cookie: generation)
    }

    private mutating func stopTimer(_ generation: UInt64) {
        if let timer = turns[generation]?.timer { host.cancel(timer) }
        turns[generation]?.timer = nil
    }

    private static func counters(_ usage: JSONValue) -> [String: JSONValue] {
        var counters: [String: JSONValue] = [:]
        counters["input_tokens"] = usage["prompt_tokens"]?.int.map(JSONValue.int)
        counters["output_tokens"] = usage["completion_tokens"]?.int.map(JSONValue.int)
        counters["cached_tokens"] = usage["prompt_tokens_details"]?["cached_tokens"]?.int.map(JSONValue.int)
        return counters
    }
}
