// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the host asks for: answers, results of tools, cancellations, truncations.
extension RealtimeMachine {
    /// A server that says "already active" so often for one answer is not going to give it.
    private static let maximumRefusals = 3
    private static let interrupted = JSONValue.object(["error": .string(SpeechAnswers.interrupted)]).text

    /// An empty text names the answer that the vendor gives by itself; any other is a typed turn, or a line to say.
    mutating func prompt(_ prompt: SpeechPrompt) -> Status {
        guard answers.ledger.openReplies.count < Self.maximumRequests else { return .again }
        configureUnlessDone()
        guard prompt.text.isEmpty else {
            ask(prompt)
            return .ok
        }
        for reply in answers.name(prompt) { cancelAtVendor(reply) }
        return .ok
    }

    private mutating func ask(_ prompt: SpeechPrompt) {
        let reply = answers.ask(prompt)
        if prompt.line == nil {
            let about = ClientMessage.EventID.create(reply)
            send(ClientMessage.message(role: "user", text: prompt.text, eventID: about))
        } else {
            // As instructions of one response, so that the order is nothing that the caller has said.
            orders[reply] = prompt.text
        }
        creates.append(reply)
        sendNextCreate()
    }

    mutating func answerCall(_ id: UInt64, _ text: String) {
        guard let call = calls.removeValue(forKey: id) else { return }
        send(ClientMessage.toolOutput(call: call.vendorID, output: text))
        if answers.ledger.isLive(call.reply) { goOn(call.reply) }
        sendNextCreate()
    }

    /// The host brings no result for a call of an answer that is over; the model would be confused by a call without one.
    private mutating func answerLostCalls() {
        let lost = calls.filter { !answers.ledger.isLive($0.value.reply) }
        for (id, call) in lost.sorted(by: { $0.key < $1.key }) {
            calls[id] = nil
            send(ClientMessage.toolOutput(call: call.vendorID, output: Self.interrupted))
        }
    }

    /// Asks the vendor to go on with an answer once all its calls have results and their response is complete.
    mutating func goOn(_ reply: ResponseLedger.Reply) {
        let isWaiting = calls.values.contains { $0.reply == reply } || responses.contains { $0.reply == reply }
        guard !isWaiting, !creates.contains(reply), creating != reply else { return }
        creates.append(reply)
    }

    /// One at a time, and none while a response is active: the vendor would refuse it ("Order of events", 4).
    mutating func sendNextCreate() {
        answerLostCalls()
        creates.removeAll { !answers.ledger.isLive($0) }
        guard creating == nil, responses.isEmpty, !creates.isEmpty else { return }
        let reply = creates.removeFirst()
        creating = reply
        send(ClientMessage.create(reply, order: orders[reply]))
    }

    /// The server had begun another response first: once more when that is done.
    mutating func createRefused(_ error: PluginError) {
        guard let reply = creating else { return }
        creating = nil
        refusals[reply, default: 0] += 1
        guard refusals[reply, default: 0] < Self.maximumRefusals else { return finish(reply, error) }
        creates.insert(reply, at: 0)
        if responses.isEmpty { sendNextCreate() }
    }

    // MARK: Cancelling

    /// Stops the response at the vendor.
    public mutating func cancel(_ generation: UInt64) {
        guard let reply = answers.cancel(generation) else { return }
        cancelAtVendor(reply)
        sendNextCreate()
    }

    /// A response that has not begun is cancelled as soon as it does.
    mutating func cancelAtVendor(_ reply: ResponseLedger.Reply) {
        creates.removeAll { $0 == reply }
        orders[reply] = nil
        for response in responses where response.reply == reply { send(ClientMessage.cancel(response.id)) }
    }

    /// What the caller did not hear is taken out of the vendor's memory ("Order of events", 4 and 6).
    mutating func truncate(_ generation: UInt64, heard milliseconds: Int) {
        guard let reply = answers.ledger.reply(generation) else { return }
        for cut in spoken.truncate(reply, heard: milliseconds) {
            send(ClientMessage.truncate(item: cut.item, content: cut.content, milliseconds: cut.milliseconds))
        }
    }
}
