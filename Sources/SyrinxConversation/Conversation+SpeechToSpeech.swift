// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// One model that hears, thinks and speaks: it decides turns itself, tells afterwards what it heard, and has to be told
/// how far it was heard.
extension Conversation {
    // MARK: what the caller said

    mutating func hearProviderPartial(_ text: String) {
        let text = text.trimmed
        guard !text.isEmpty, text.utf8.count <= options.limits.turnTextBytes else { return }
        emit(.partialTranscript(text: text))
        if let owner = spoken.owner(at: now) {
            spoken.setPartial(text, of: owner)
        } else {
            spoken.partial = text
        }
    }

    mutating func hearProviderFinal(_ text: String, _ confidence: Float) {
        let text = text.trimmed
        guard text.utf8.count <= options.limits.turnTextBytes else { return }
        consecutiveFailures = 0
        if !text.isEmpty {
            finalAt = now
            emit(.finalTranscript(text: text, confidence: confidence, backchannel: false))
        }
        guard let owner = spoken.owner(at: now) else {
            spoken.partial = ""
            guard let openUtterance else { return }
            return transcript.addFinal(openUtterance, text, at: clock.position(at: now))
        }
        guard let entry = spoken.add(text, to: owner) else { return }
        if turn?.number == owner {
            turn?.userText = entry.words
            turn?.timeline.finalTranscript = now
        } else {
            rewrite(entry)
        }
    }

    /// Words of a turn that is over.
    private mutating func rewrite(_ entry: SpokenTurns.Entry) {
        guard !entry.words.isEmpty else { return }
        guard entry.isInHistory else {
            spoken.remembered(entry.turn)
            return remember(HistoryItem(role: .user, text: entry.words), at: entry.place, turn: entry.turn)
        }
        guard history.indices.contains(entry.place) else { return }
        history[entry.place].text = entry.words
        historyVersion += 1
    }

    // MARK: what the caller heard

    /// After a response was cut off: the provider is to forget what was not heard.
    mutating func tellHeard(_ generation: UInt64, samples: Int, text: String) {
        guard options.pipeline == .s2s else { return }
        let milliseconds = samples &* 1000 / max(1, options.outputRate)
        emit(.truncate(generation: generation, played: .milliseconds(milliseconds), heard: text))
    }

    /// The provider will answer a turn that is not to be answered: its answer gets a name, and is called off.
    mutating func refuseAnswer() {
        guard options.turnMode == .s2s else { return }
        let generation = nextGeneration()
        emit(.prompt(generation: generation, text: "", speculative: false))
        emit(.cancelAgent(generation: generation))
        tellHeard(generation, samples: 0, text: "")
    }

    // MARK: when it may be exchanged

    /// Nothing is being said, answered or written down.
    package var isQuiet: Bool {
        !isResponding && !hasOpenSpeech && endpointing.demand == nil && !isAwaitingWords
    }

    /// The caller has said something that is no turn yet.
    package var hasOpenSpeech: Bool {
        userState == .speaking || (options.pipeline == .s2s && spoken.isSpeechNew)
    }

    /// The provider has answered a turn, and not yet told what the caller said.
    package var isAwaitingWords: Bool { spoken.isWaiting(at: now) }

    /// Something of a response has come.
    package func hasAnswered(_ generation: UInt64) -> Bool {
        if turn?.generation == generation, turn?.agentText.isEmpty == false { return true }
        let speeches = queue.waiting + [queue.current].compactMap(\.self)
        return speeches.contains { $0.generation == generation && $0.clauses.all.contains { $0.arrived > 0 } }
    }

    /// The agent has had something done for a response. It would be done twice if another were asked for the same.
    package func hasCalledTool(_ generation: UInt64) -> Bool {
        turn?.generation == generation && turn?.toolSteps != 0
    }

    /// What the caller said in the turn that a response answers, as far as it is known.
    package func words(of generation: UInt64) -> String {
        turn?.generation == generation ? turn?.userText ?? "" : ""
    }

    /// The history with what is being said just now.
    package var historySoFar: [HistoryItem] {
        guard let turn else { return history }
        var items = history
        let user = turn.userText.isEmpty ? spoken[turn.number]?.text ?? "" : turn.userText
        if !user.isEmpty { items.insert(HistoryItem(role: .user, text: user), at: min(turn.historyIndex, items.count)) }
        if !turn.agentText.isEmpty { items.append(HistoryItem(role: .assistant, text: turn.agentText)) }
        return items
    }

    /// How often the history has changed.
    package var historyChanges: Int { historyVersion }
}
