// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The items of a Realtime session, in their order.
struct RealtimeConversation {
    struct Entry {
        var id: String
        var json: JSONValue
        /// What the model takes it for: a transcript that no event has told yet counts, too.
        var text = ""
        /// How much audio an assistant's item has.
        var milliseconds = 0
    }

    private(set) var entries: [Entry] = []

    subscript(id: String) -> Entry? {
        get { entries.first { $0.id == id } }
        set {
            guard let index = entries.firstIndex(where: { $0.id == id }), let newValue else { return }
            entries[index] = newValue
        }
    }

    var lastID: String? { entries.last?.id }

    /// After `previous`; "root" is the beginning, nil the end. Answers the id before it; nil = there is no such item.
    mutating func insert(_ entry: Entry, after previous: String? = nil) -> (previous: String?, isPlaced: Bool) {
        guard let previous else {
            let last = lastID
            entries.append(entry)
            return (last, true)
        }
        if previous == "root" {
            entries.insert(entry, at: 0)
            return (nil, true)
        }
        guard let index = entries.firstIndex(where: { $0.id == previous }) else { return (nil, false) }
        entries.insert(entry, at: index + 1)
        return (previous, true)
    }

    mutating func remove(_ id: String) -> Bool {
        let count = entries.count
        entries.removeAll { $0.id == id }
        return entries.count < count
    }

    func hasCall(_ callID: String) -> Bool {
        entries.contains { $0.json["type"]?.string == "function_call" && $0.json["call_id"]?.string == callID }
    }

    /// What there is to answer: results of tools at the end, else the last thing the user said.
    func answer(
        _ mind: SimulatedMind, tools: [SimulatedTool], choice: JSONValue?, extra: [JSONValue]
    ) -> SimulatedMind.Answer {
        let all = entries + extra.map { Entry(id: "", json: $0, text: OpenAIPrompt.text(of: $0)) }
        let results = all.reversed().prefix { $0.json["type"]?.string == "function_call_output" }.reversed()
        if !results.isEmpty { return mind.answer(toolResults: results.map { $0.json["output"]?.string ?? "" }) }
        let prompt = all.last { $0.json["role"]?.string == "user" }?.text ?? ""
        return OpenAIPrompt.answer(
            prompt, tools, choice: choice?.string, named: choice?["name"]?.string, mind)
    }
}
