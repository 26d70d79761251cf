// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// A script whose patterns were read and checked: what sessions share.
public struct CompiledScript: Sendable {
    struct Intent: Sendable {
        let name: String
        let patterns: [Pattern]
        let say: Lines
        let slots: [Slot]
        let confirm: String?
        let change: String
        let cancelled: String
        let set: [String: SlotValue]
        let ends: Bool
    }

    struct Slot: Sendable {
        let name: String
        let type: SlotType
        let ask: Lines
        let patterns: [Pattern]
    }

    let intents: [Intent]
    let fallback: Lines
    let yes: [Pattern]
    let no: [Pattern]
    let cancel: [Pattern]

    /// Checks a script.
    ///
    /// - Throws: ``PluginError`` with ``Status/invalid`` that names the intent and the pattern at fault.
    public init(_ script: Script) throws(PluginError) {
        guard let intents = script.intents, !intents.isEmpty else {
            throw .invalid("script: 'intents' is empty")
        }
        var compiled: [Intent] = []
        for intent in intents { compiled.append(try Intent(intent)) }
        self.intents = compiled
        fallback = script.fallback.flatMap { $0.all.isEmpty ? nil : $0 } ?? Lines(["Sorry, I did not understand that."])
        yes = try Self.phrases(script.words?.yes ?? Defaults.yes, in: "words.yes")
        no = try Self.phrases(script.words?.no ?? Defaults.no, in: "words.no")
        cancel = try Self.phrases(script.words?.cancel ?? Defaults.cancel, in: "words.cancel")
    }

    static func phrases(_ texts: [String], in place: String) throws(PluginError) -> [Pattern] {
        var patterns: [Pattern] = []
        for text in texts {
            do throws(PluginError) {
                patterns.append(try PatternParser.parse(text))
            } catch {
                throw .invalid("script: \(place): \(error.message)")
            }
        }
        return patterns
    }

    private enum Defaults {
        static let yes = [
            "(oh) [yes|yeah|yep|yup|sure|correct|right|okay|ok|perfect|exactly|please do|of course|sounds good|fine] *",
            "* [that is right|thats right|that is correct|thats correct|thats fine|go ahead] *",
        ]
        static let no = ["[no|nope|nah|wrong|not quite|not really|not correct] *", "* [wrong|not right|not correct] *"]
        static let cancel = ["* [never mind|nevermind|forget it|forget about it] *", "* cancel *", "stop (it|that)"]
    }
}

extension CompiledScript.Intent {
    init(_ intent: Script.Intent) throws(PluginError) {
        let place = "intent '\(intent.name)'"
        guard !intent.match.isEmpty else { throw .invalid("script: \(place): 'match' is empty") }
        guard !intent.say.all.isEmpty else { throw .invalid("script: \(place): 'say' is empty") }
        name = intent.name
        patterns = try CompiledScript.phrases(intent.match, in: place)
        say = intent.say
        var slots: [CompiledScript.Slot] = []
        for slot in intent.slots ?? [] { slots.append(try CompiledScript.Slot(slot, in: place)) }
        self.slots = slots
        confirm = intent.confirm
        change = intent.change ?? "What should I change?"
        cancelled = intent.cancelled ?? "All right, never mind."
        set = (intent.set ?? [:]).mapValues { SlotValue($0, number: Int($0)) }
        ends = intent.end ?? false
    }
}

extension CompiledScript.Slot {
    init(_ slot: Script.Slot, in place: String) throws(PluginError) {
        guard !slot.ask.all.isEmpty else { throw .invalid("script: \(place): slot '\(slot.name)': 'ask' is empty") }
        name = slot.name
        type = slot.type
        ask = slot.ask
        patterns = try CompiledScript.phrases(slot.match ?? [], in: "\(place): slot '\(slot.name)'")
    }

    /// Times before days before numbers: "at seven thirty for two" must not make seven guests.
    var precedence: Int {
        switch type {
        case .time, .clock: 0
        case .day: 1
        case .number: 2
        case .name, .word, .text: 3
        }
    }
}
