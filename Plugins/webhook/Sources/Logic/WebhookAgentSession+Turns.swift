// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

// What a turn does next. All of it runs under the session's lock.

extension WebhookAgentSession {
    func go(_ step: WebhookTurn.Step, _ generation: UInt64, _ state: inout State) {
        switch step {
        case .wait: stopTimer(generation, &state)
        case .ask: ask(generation, &state)
        case .done(let hangsUp): finish(generation, hangsUp: hangsUp, &state)
        }
    }

    /// Posts the turn, once it is signed.
    func ask(_ generation: UInt64, _ state: inout State) {
        guard var turn = state.turns[generation] else { return }
        turn.begin()
        let request = WebhookRequest(
            id: "msg_\(session)_\(generation)_\(turn.steps)",
            timestamp: unixTime(),
            body: Array(turn.body.text.utf8)
        )
        state.turns[generation] = turn
        startTimer(generation, &state)
        guard let secret = config.secret, !secret.isEmpty else { return post(request, nil, generation, &state) }
        let cookie = state.nextID()
        state.turns[generation]?.unsigned = (cookie, request)
        let status = host.requestHMAC(key: secret, bytes: request.signed, cookie: cookie)
        if status.isError {
            fail(generation, PluginError(status, "the host does not sign the webhook's request"), &state)
        }
    }

    func receive(_ event: NetworkEvent, _ state: inout State) {
        switch event {
        case .digest(let cookie, let digest): sign(cookie, digest, &state)
        case .head(let id, let status, let headers):
            read(id, &state) { reply, _ throws(PluginError) in try reply.head(status: status, headers: headers) }
        case .data(let id, let bytes):
            read(id, &state) { reply, outputs throws(PluginError) in try reply.data(bytes, &outputs) }
        case .done(let id, let error):
            read(id, &state) { reply, outputs throws(PluginError) in try reply.done(error, &outputs) }
        default: break
        }
    }

    /// No word has come in time.
    func timeOut(_ generation: UInt64, _ state: inout State) {
        guard state.turns[generation] != nil else { return }
        state.turns[generation]?.timer = nil
        fail(
            generation,
            PluginError(.deadlineExceeded, "no answer within \(config.timeout) ms", isRetryable: true),
            &state
        )
    }

    /// Takes a turn out; the caller sends its terminal event.
    func end(_ generation: UInt64, _ state: inout State) -> WebhookTurn? {
        stopTimer(generation, &state)
        return state.turns.removeValue(forKey: generation)
    }

    func tellIfDrained(_ state: inout State) {
        guard state.isDraining, state.turns.isEmpty, !state.isClosed else { return }
        state.isDraining = false
        outbox.send(.drained)
    }

    private func sign(_ cookie: UInt64, _ digest: [UInt8]?, _ state: inout State) {
        guard let (generation, turn) = state.turns.first(where: { $0.value.unsigned?.cookie == cookie }),
            let request = turn.unsigned?.request
        else { return }
        state.turns[generation]?.unsigned = nil
        guard let digest else {
            return fail(generation, PluginError(.notFound, "there is no secret to sign with"), &state)
        }
        post(request, digest, generation, &state)
    }

    private func post(_ request: WebhookRequest, _ digest: [UInt8]?, _ generation: UInt64, _ state: inout State) {
        do {
            let id = try host.startRequest(request.network(config, digest: digest, generation: generation))
            state.turns[generation]?.request = id
        } catch {
            fail(generation, error, &state)
        }
    }

    private func read(
        _ request: NetworkID,
        _ state: inout State,
        _ body: (inout WebhookReply, inout [WebhookReply.Output]) throws(PluginError) -> Void
    ) {
        guard let generation = state.turns.first(where: { $0.value.request == request })?.key,
            var turn = state.turns[generation]
        else { return }
        var outputs: [WebhookReply.Output] = []
        var failure: PluginError?
        do throws(PluginError) {
            try body(&turn.reply, &outputs)
        } catch {
            failure = error
        }
        state.turns[generation] = turn
        do throws(PluginError) {
            for output in outputs { try take(output, generation, &state) }
            if let failure { throw failure }
        } catch {
            fail(generation, error, &state)
        }
    }

    private func take(
        _ output: WebhookReply.Output, _ generation: UInt64, _ state: inout State
    ) throws(PluginError) {
        guard var turn = state.turns[generation] else { return }
        switch output {
        case .text(let text):
            stopTimer(generation, &state)
            turn.timer = nil
            outbox.send(.delta(turn.say(text), generation: generation))
            state.turns[generation] = turn
        case .hangUp: state.turns[generation]?.hangUp()
        case .calls(let calls):
            stopTimer(generation, &state)
            turn.timer = nil
            var last = state.lastID
            let added = try turn.add(calls) {
                last += 1
                return last
            }
            state.lastID = last
            state.turns[generation] = turn
            for (id, call) in added {
                outbox.send(.toolCall(call.name, arguments: call.arguments.text, id: id, generation: generation))
            }
        case .end:
            let step = turn.finishReply()
            state.turns[generation] = turn
            go(step, generation, &state)
        }
    }

    private func finish(_ generation: UInt64, hangsUp: Bool, _ state: inout State) {
        guard end(generation, &state) != nil else { return }
        outbox.send(.done(generation: generation, hangUp: hangsUp))
        tellIfDrained(&state)
    }

    /// A timeout before the first word is answered by the fallback line; everything else fails by its class.
    private func fail(_ generation: UInt64, _ error: PluginError, _ state: inout State) {
        guard var turn = end(generation, &state) else { return }
        if let request = turn.request { host.abortRequest(request) }
        if error.status == .deadlineExceeded, error.vendorCode == 0, !turn.hasBegun,
            let line = config.fallback, !line.isEmpty
        {
            host.log(.warning, "the webhook was too slow; said the fallback line")
            outbox.send(.delta(turn.say(line), generation: generation))
            outbox.send(.done(generation: generation))
        } else {
            outbox.send(.failed(error, generation: generation))
        }
        tellIfDrained(&state)
    }

    private func startTimer(_ generation: UInt64, _ state: inout State) {
        stopTimer(generation, &state)
        state.turns[generation]?.timer = host.startTimer(afterMilliseconds: config.timeout, cookie: generation)
    }

    private func stopTimer(_ generation: UInt64, _ state: inout State) {
        if let timer = state.turns[generation]?.timer { host.cancel(timer) }
        state.turns[generation]?.timer = nil
    }
}
