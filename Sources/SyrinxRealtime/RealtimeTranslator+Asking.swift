// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

/// The client has the agent answer.
extension RealtimeTranslator {
    mutating func respond(_ order: ResponseOrder) throws(RealtimeError) {
        if let response {
            // What an agent still says after it has called a tool does not keep it from the result.
            guard openTurn != nil, !calls.isEmpty else {
                throw RealtimeError(
                    code: "conversation_already_has_active_response",
                    message: "the response `\(response.id)` has not ended; cancel it, or wait for response.done")
            }
            finishResponse(.completed)
        }
        if let turn = openTurn, !calls.isEmpty {
            startResponse(.turn(turn), order)
            response?.isWaiting = false
            return giveResults()
        }
        try check(order)
        startResponse(.asked, order)
        askIfReady()
    }

    private func check(_ order: ResponseOrder) throws(RealtimeError) {
        for case .reference(let id) in order.input ?? [] where items[id] == nil {
            throw RealtimeError(
                code: "invalid_item_reference", message: "there is no item `\(id.prefix(64))`",
                param: "response.input")
        }
    }

    /// The words of what the client has committed come a moment later.
    mutating func askIfReady() {
        guard let response, response.origin == .asked, response.isWaiting else { return }
        guard response.order.input != nil || !speeches.contains(where: \.isCommitted) else { return }
        self.response?.isWaiting = false
        var said = lines(of: response.order)
        var words: [String] = []
        while said.last?.role == .user, let line = said.popLast() { words.insert(line.text, at: 0) }
        configure(response.order)
        submit(.history(said))
        isHistoryStale = false
        submit(.respond(text: words.joined(separator: "\n")))
    }

    private func lines(of order: ResponseOrder) -> [HistoryItem] {
        guard let input = order.input else { return items.all.compactMap(\.line) }
        return input.compactMap { entry in
            switch entry {
            case .item(let item): item.line
            case .reference(let id): items[id]?.line
            }
        }
    }

    mutating func cancel(_ id: String?) throws(RealtimeError) {
        guard let response, id == nil || id == response.id else {
            throw RealtimeError(code: "response_cancel_not_active", message: "no such response is active")
        }
        self.response?.isCancelledByClient = true
        // Not asked of the session yet.
        if response.origin == .asked, response.isWaiting { return finishResponse(.cancelled) }
        submit(.interrupt)
    }

    // MARK: tools

    mutating func answerCall(_ callID: String, _ text: String) {
        guard let index = calls.firstIndex(where: { $0.callID == callID && $0.result == nil }) else { return }
        calls[index].result = text
    }

    /// The agent goes on with what the client's tools have told.
    private mutating func giveResults() {
        let done = calls
        calls = []
        for call in done {
            submit(
                .toolResult(
                    generation: call.generation, call: call.number, text: call.result ?? "the tool gave no result",
                    failed: call.result == nil))
        }
    }

    // MARK: what was said before

    /// The session's history becomes what the items say, before the caller's next turn; one in progress ends first.
    mutating func flushHistory() {
        guard isHistoryStale, openTurn == nil else { return }
        isHistoryStale = false
        submit(.history(items.all.compactMap(\.line)))
    }
}

extension RealtimeItem {
    /// As the agent is told it; nil for what was not said.
    var line: HistoryItem? {
        guard let role, status != .inProgress, !text.isEmpty else { return nil }
        return HistoryItem(role: role, text: text, interrupted: status == .incomplete)
    }
}
