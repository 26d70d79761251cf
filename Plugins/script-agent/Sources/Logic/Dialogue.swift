// SPDX-License-Identifier: Apache-2.0

/// The state of one conversation: text in, text out; no clock and no host.
public struct Dialogue: Sendable {
    /// What the agent answers.
    public struct Reply: Hashable, Sendable {
        /// What to say.
        public var text: String
        /// Ends the call afterwards.
        public var hangsUp = false
    }

    private let script: CompiledScript
    private var form: Form?
    /// The form that was completed last: "no, for four people" reopens it.
    private var completed: Form?
    private var values: [String: SlotValue] = [:]
    private var lastAnswer = ""
    private var turns: [String: Int] = [:]
    private var now = WallClock(month: 1, day: 1, weekday: 0, hour: 0, minute: 0)

    /// Begins a conversation.
    public init(_ script: CompiledScript) {
        self.script = script
    }

    /// Answers one turn.
    ///
    /// - Parameters:
    ///   - text: What the caller said, as a recogniser writes it.
    ///   - now: The time of day, for answers that tell it.
    /// - Returns: The answer.
    public mutating func reply(to text: String, at now: WallClock) -> Reply {
        self.now = now
        let utterance = Utterance(text)
        let reply =
            answerToForm(utterance) ?? answerToIntent(utterance) ?? answerToBareValue(utterance)
            ?? answerToCorrection(utterance) ?? fallback()
        lastAnswer = reply.text
        return reply
    }

    // MARK: Inside a form

    private mutating func answerToForm(_ utterance: Utterance) -> Reply? {
        guard var form else { return nil }
        if matches(script.cancel, utterance) {
            self.form = nil
            return Reply(text: render(form.intent.cancelled))
        }
        if form.fill(from: utterance) { return advance(form) }
        guard form.stage == .confirming else { return nil }
        if matches(script.yes, utterance) { return complete(form) }
        guard matches(script.no, utterance) else { return nil }
        form.stage = .changing
        return ask(form.intent.change, in: form)
    }

    /// After the intents had their chance: "count to ten" is no party of ten.
    private mutating func answerToBareValue(_ utterance: Utterance) -> Reply? {
        guard var form, form.fillAsked(from: utterance) else { return nil }
        return advance(form)
    }

    /// "No, for four people" after the end reopens what was completed.
    private mutating func answerToCorrection(_ utterance: Utterance) -> Reply? {
        guard form == nil, var form = completed, form.fill(from: utterance) else { return nil }
        return advance(form)
    }

    private mutating func advance(_ form: Form) -> Reply {
        var form = form
        values.merge(form.values) { $1 }
        if let slot = form.nextSlot {
            form.stage = .asking(slot.name)
            return ask(next(slot.ask, key: "\(form.intent.name).\(slot.name)"), in: form)
        }
        guard let confirm = form.intent.confirm else { return complete(form) }
        form.stage = .confirming
        return ask(confirm, in: form)
    }

    private mutating func ask(_ question: String, in form: Form) -> Reply {
        var form = form
        form.question = render(question)
        self.form = form
        return Reply(text: form.question)
    }

    private mutating func complete(_ form: Form) -> Reply {
        self.form = nil
        completed = form
        return Reply(text: render(next(form.intent.say, key: form.intent.name)), hangsUp: form.intent.ends)
    }

    // MARK: Outside of forms

    private mutating func answerToIntent(_ utterance: Utterance) -> Reply? {
        for intent in script.intents {
            for pattern in intent.patterns {
                guard let match = pattern.matchWhole(utterance.words) else { continue }
                return perform(intent, match, utterance)
            }
        }
        return nil
    }

    private mutating func perform(
        _ intent: CompiledScript.Intent,
        _ match: Pattern.Match,
        _ utterance: Utterance
    ) -> Reply {
        values.merge(intent.set) { $1 }
        guard intent.slots.isEmpty else {
            var form = Form(intent)
            let names = Set(intent.slots.map(\.name))
            form.values = match.values.filter { names.contains($0.key) }
            _ = form.fill(from: utterance)
            return advance(form)
        }
        values.merge(match.values) { $1 }
        let text = render(next(intent.say, key: intent.name))
        return intent.ends ? Reply(text: text, hangsUp: true) : Reply(text: withOpenQuestion(text))
    }

    private mutating func fallback() -> Reply {
        Reply(text: withOpenQuestion(render(next(script.fallback, key: ""))))
    }

    /// A question that waits is asked again, unless the answer ends with it.
    private func withOpenQuestion(_ text: String) -> String {
        guard let form, !text.hasSuffix(form.question) else { return text }
        return "\(text) \(form.question)"
    }

    private func matches(_ patterns: [Pattern], _ utterance: Utterance) -> Bool {
        patterns.contains { $0.matchWhole(utterance.words) != nil }
    }

    /// The lines of one place take turns.
    private mutating func next(_ lines: Lines, key: String) -> String {
        guard !lines.all.isEmpty else { return "" }
        defer { turns[key, default: 0] += 1 }
        return lines.all[turns[key, default: 0] % lines.all.count]
    }

    private func render(_ text: String) -> String {
        AnswerTemplate(values: values, lastAnswer: lastAnswer, now: now).render(text)
    }
}
