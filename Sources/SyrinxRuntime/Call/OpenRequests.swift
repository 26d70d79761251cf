// SPDX-License-Identifier: Apache-2.0

/// What the stages of a session owe it: kept so that it can be asked for again when a helper process dies.
struct OpenRequests {
    /// An utterance whose text has not come.
    struct Utterance {
        let number: UInt64
        /// In samples since the session began.
        let start: Int64
        /// Nil while the caller is speaking.
        var end: Int64?
    }

    private(set) var utterances: [Utterance] = []
    /// Nil once the agent has begun to answer: what was said cannot be asked for again.
    private(set) var prompt: AgentPrompt?
    /// The generation of the answer that is not complete.
    private(set) var answering: UInt64?
    /// The generation that speech was last asked for, and whether any of it has come.
    private(set) var voice: UInt64?
    private(set) var voiceBegan = false

    mutating func beginUtterance(_ number: UInt64, at start: Int64) {
        // More than one waits only while a recogniser is slow.
        if utterances.count == 4 { utterances.removeFirst() }
        utterances.append(Utterance(number: number, start: start))
    }

    mutating func endUtterance(_ number: UInt64, at end: Int64) {
        guard let index = utterances.firstIndex(where: { $0.number == number }) else { return }
        utterances[index].end = end
    }

    mutating func forgetUtterance(_ number: UInt64) { utterances.removeAll { $0.number == number } }

    /// - Returns: whether this is the first clause of its generation.
    mutating func speak(_ generation: UInt64) -> Bool {
        guard voice != generation else { return false }
        voice = generation
        voiceBegan = false
        return true
    }

    mutating func voiceCame(_ generation: UInt64) {
        if voice == generation { voiceBegan = true }
    }

    mutating func ask(_ prompt: AgentPrompt) {
        self.prompt = prompt
        answering = prompt.generation
    }

    mutating func answerBegan(_ generation: UInt64) {
        if prompt?.generation == generation { prompt = nil }
    }

    mutating func answerEnded(_ generation: UInt64) {
        answerBegan(generation)
        if answering == generation { answering = nil }
    }
}
