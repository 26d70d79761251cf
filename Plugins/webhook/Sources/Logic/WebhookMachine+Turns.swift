// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

// What a turn does next.

extension WebhookMachine {
    mutating func go(_ step: WebhookTurn.Step, _ generation: UInt64) {
        switch step {
        case .wait: stopTimer(generation)
        case .ask: ask(generation)
        case .done(let hangsUp): finish(generation, hangsUp: hangsUp)
        }
    }

    /// Posts the turn, once it is signed.
    mutating func ask(_ generation: UInt64) {
        guard var turn = turns[generation] else { return }
        turn.begin()
        let request = WebhookRequest(
            id: "msg_\(session)_\(generation)_\(turn.steps)",
            timestamp: unixTime(),
            body: Array(turn.body.text.utf8)
        )
        turns[generation] = turn
        startTimer(generation)
        guard let secret = config.secret, !secret.isEmpty else { return post(request, nil, generation) }
        let cookie = nextID()
        turns[generation]?.unsigned = (cookie, request)
        let status = host.requestHMAC(key: secret, bytes: request.signed, cookie: cookie)
        if status.isError {
            fail(generation, PluginError(status, "the host does not sign the webhook's request"))
        }
    }

    /// Takes what the endpoint answers.
    public mutating func take(_ event: NetworkEvent) {
        switch event {
        case .digest(let cookie, let digest): sign(cookie, digest)
        case .head(let id, let status, let headers):
            read(id) { reply, _ throws(PluginError) in try reply.head(status: status, headers: headers) }
        case .data(let id, let bytes):
            read(id) { reply, outputs throws(PluginError) in try reply.data(bytes, &outputs) }
        case .done(let id, let error):
            read(id) { reply, outputs throws(PluginError) in try reply.done(error, &outputs) }
        default: break
        }
    }

    /// No word has come in time.
    mutating func timeOut(_ generation: UInt64) {
        guard turns[generation] != nil else { return }
        turns[generation]?.timer = nil
        fail(
            generation,
            PluginError(.deadlineExceeded, "no answer within \(config.timeout) ms", isRetryable: true)
        )
    }

    /// Takes a turn out; the caller sends its terminal event.
    mutating func end(_ generation: UInt64) -> WebhookTurn? {
        stopTimer(generation)
        return turns.removeValue(forKey: generation)
    }

    private mutating func sign(_ cookie: UInt64, _ digest: [UInt8]?) {
        guard let (generation, turn) = turns.first(where: { $0.value.unsigned?.cookie == cookie }),
            let request = turn.unsigned?.request
        else { return }
        turns[generation]?.unsigned = nil
        guard let digest else {
            return fail(generation, PluginError(.notFound, "there is no secret to sign with"))
        }
        post(request, digest, generation)
    }

    private mutating func post(_ request: WebhookRequest, _ digest: [UInt8]?, _ generation: UInt64) {
        do {
            let id = try host.startRequest(request.network(config, digest: digest, generation: generation))
            turns[generation]?.request = id
        } catch {
            fail(generation, error)
        }
    }

    private mutating func read(
        _ request: NetworkID,
        _ body: (inout WebhookReply, inout [WebhookReply.Output]) throws(PluginError) -> Void
    ) {
        guard let generation = turns.first(where: { $0.value.request == request })?.key,
            var turn = turns[generation]
        else { return }
        var outputs: [WebhookReply.Output] = []
        var failure: PluginError?
        do throws(PluginError) {
            try body(&turn.reply, &outputs)
        } catch {
            failure = error
        }
        turns[generation] = turn
        do throws(PluginError) {
            for output in outputs { try take(output, generation) }
            if let failure { throw failure }
        } catch {
            fail(generation, error)
        }
    }

    private mutating func take(_ output: WebhookReply.Output, _ generation: UInt64) throws(PluginError) {
        guard var turn = turns[generation] else { return }
        switch output {
        case .text(let text):
            stopTimer(generation)
            turn.timer = nil
            outbox.send(.delta(turn.say(text), generation: generation))
            turns[generation] = turn
        case .hangUp: turns[generation]?.hangUp()
        case .calls(let calls):
            stopTimer(generation)
            turn.timer = nil
            var last = lastID
            let added = try turn.add(calls) {
                last += 1
                return last
            }
            lastID = last
            turns[generation] = turn
            for (id, call) in added {
                outbox.send(.toolCall(call.name, arguments: call.arguments.text, id: id, generation: generation))
            }
        case .end:
            let step = turn.finishReply()
            turns[generation] = turn
            go(step, generation)
        }
    }

    private mutating func finish(_ generation: UInt64, hangsUp: Bool) {
        guard end(generation) != nil else { return }
        outbox.send(.done(generation: generation, hangUp: hangsUp))
    }

    /// A timeout before the first word is answered by the fallback line; everything else fails by its class.
    private mutating func fail(_ generation: UInt64, _ error: PluginError) {
        guard var turn = end(generation) else { return }
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
    }

    private mutating func startTimer(_ generation: UInt64) {
        stopTimer(generation)
        turns[generation]?.timer = host.startTimer(afterMilliseconds: config.timeout, cookie: generation)
    }

    private mutating func stopTimer(_ generation: UInt64) {
        if let timer = turns[generation]?.timer { host.cancel(timer) }
        turns[generation]?.timer = nil
    }
}
