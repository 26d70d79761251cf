// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The vendor's responses ("Order of events", 3) as answers of the host.
extension RealtimeMachine {
    mutating func responseCreated(_ response: JSONValue?) {
        guard let id = response?["id"]?.string else { return failProtocol("the server named no response") }
        guard !responses.contains(where: { $0.id == id }) else { return }
        guard responses.count < Self.maximumResponses else { return failProtocol("too many responses are under way") }
        let reply = owner(of: response)
        responses.append(Response(id: id, reply: reply))
        if !answers.ledger.isLive(reply) { send(ClientMessage.cancel(id)) }
    }

    /// By the name that response.create gave it, if the server repeats it; else by what was to come next.
    private mutating func owner(of response: JSONValue?) -> ResponseLedger.Reply {
        let name = response?["metadata"]?[ClientMessage.replyKey]?.string
        if let reply = creating, name == String(reply.number) || (name == nil && awaited.isEmpty) {
            creating = nil
            return reply
        }
        guard awaited.isEmpty else { return awaited.removeFirst() }
        // Nobody's turn, as after idle_timeout_ms: the host is told of it as of any other answer.
        return answers.open()
    }

    mutating func audioDelta(_ event: JSONValue) {
        guard let index = responseIndex(event), let delta = event["delta"]?.string else { return }
        let item = event["item_id"]?.string ?? ""
        if responses[index].item != item {
            responses[index].item = item
            responses[index].decoder = SampleDecoder()
        }
        guard let samples = responses[index].decoder.decode(delta) else {
            return failProtocol("the server sent audio that is not base64")
        }
        let reply = responses[index].reply
        let content = Int(clamping: event["content_index"]?.int ?? 0)
        spoken.add(samples.count, reply: reply, item: item, content: content)
        add(.audio(samples), to: reply)
    }

    mutating func textDelta(_ event: JSONValue) {
        guard let index = responseIndex(event), let delta = event["delta"]?.string, !delta.isEmpty else { return }
        add(.delta(delta), to: responses[index].reply)
    }

    /// The name of a call stands here for servers that leave it out of its end.
    mutating func itemAdded(_ item: JSONValue?) {
        guard item?["type"]?.string == "function_call", let name = item?["name"]?.string,
            let call = item?["call_id"]?.string, callNames.count < Self.maximumCalls
        else { return }
        callNames[call] = name
    }

    mutating func callDone(_ event: JSONValue) {
        guard let index = responseIndex(event), let vendorID = event["call_id"]?.string,
            let name = event["name"]?.string ?? callNames[vendorID]
        else { return }
        callNames[vendorID] = nil
        guard calls.count < Self.maximumCalls else { return failProtocol("the model called too many tools") }
        lastCall += 1
        calls[lastCall] = Call(vendorID: vendorID, reply: responses[index].reply)
        responses[index].callsTools = true
        let arguments = event["arguments"]?.string ?? ""
        // What the model wrote is not always JSON; the tool gets an object in any case.
        let isObject = (try? JSONValue(parsing: arguments))?.object != nil
        add(
            .toolCall(name: name, arguments: isObject ? arguments : "{}", id: lastCall),
            to: responses[index].reply
        )
    }

    mutating func responseDone(_ response: JSONValue?) {
        guard let id = response?["id"]?.string, let index = responses.firstIndex(where: { $0.id == id }) else { return }
        let done = responses.remove(at: index)
        reportUsage(response?["usage"], of: done.reply)
        switch response?["status"]?.string {
        case "failed":
            let details = response?["status_details"]
            finish(done.reply, VendorFailure.error(details?["error"], fallback: "the response failed"))
        case "cancelled":
            // By the vendor, since the caller speaks: what waits of it is not to be played any more.
            answers.cut(done.reply)
            finish(done.reply, nil)
        default:
            if done.callsTools, answers.ledger.isLive(done.reply) { goOn(done.reply) } else { finish(done.reply, nil) }
        }
        sendNextCreate()
    }

    // MARK: Items

    mutating func add(_ item: ResponseLedger.Item, to reply: ResponseLedger.Reply) {
        if answers.add(item, to: reply) == .overflow { cancelAtVendor(reply) }
    }

    mutating func finish(_ reply: ResponseLedger.Reply, _ error: PluginError?) {
        refusals[reply] = nil
        orders[reply] = nil
        creates.removeAll { $0 == reply }
        add(.end(error), to: reply)
    }

    private func responseIndex(_ event: JSONValue) -> Int? {
        guard let id = event["response_id"]?.string else { return nil }
        return responses.firstIndex { $0.id == id }
    }

    private mutating func reportUsage(_ usage: JSONValue?, of reply: ResponseLedger.Reply) {
        guard let usage, usage.object != nil else { return }
        let (input, output) = (usage["input_token_details"], usage["output_token_details"])
        let counts: [(String, JSONValue?)] = [
            ("input_tokens", usage["input_tokens"]), ("output_tokens", usage["output_tokens"]),
            ("total_tokens", usage["total_tokens"]), ("input_text_tokens", input?["text_tokens"]),
            ("input_audio_tokens", input?["audio_tokens"]), ("cached_tokens", input?["cached_tokens"]),
            ("output_text_tokens", output?["text_tokens"]), ("output_audio_tokens", output?["audio_tokens"]),
        ]
        var numbers: [String: Int64] = [:]
        for (name, count) in counts { numbers[name] = count?.int }
        answers.report(usage: numbers, of: reply)
    }
}
