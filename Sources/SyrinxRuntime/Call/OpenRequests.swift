// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

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

    /// A piece of speech that was asked for.
    struct Clause {
        let number: UInt64
        let text: String
        let json: String
        let isLast: Bool

        var request: StageRequest { .speak(clause: number, text: text, json: json, last: isLast) }
    }

    private(set) var utterances: [Utterance] = []
    /// Nil once the agent has begun to answer: what was said cannot be asked for again.
    private(set) var prompt: AgentPrompt?
    private var prompted: Instant?
    /// The generation of the answer that is not complete.
    private(set) var answering: UInt64?
    /// The generation that speech was last asked for, and whether any of it has come.
    private(set) var voice: UInt64?
    private(set) var voiceBegan = false
    /// Its clauses that are not complete.
    private var clauses: Set<UInt64> = []
    /// What was asked of the voice before any of its audio came.
    private(set) var unheard: [Clause] = []
    private var voiceAsked: Instant?
    /// How long the first audio of the newest speech took.
    private(set) var voiceWait: Duration?

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
    mutating func speak(_ generation: UInt64, clause: Clause, at now: Instant) -> Bool {
        if voice != generation { (clauses, unheard) = ([], []) }
        clauses.insert(clause.number)
        if voice != generation || !voiceBegan { unheard.append(clause) }
        guard voice != generation else { return false }
        voice = generation
        voiceBegan = false
        voiceAsked = now
        voiceWait = nil
        return true
    }

    var owesSpeech: Bool { !clauses.isEmpty }

    /// A clause is complete, or will not be.
    mutating func spoke(_ generation: UInt64, clause: UInt64) {
        if voice == generation { clauses.remove(clause) }
    }

    mutating func forgetSpeech(_ generation: UInt64) {
        if voice == generation { (clauses, unheard) = ([], []) }
    }

    mutating func voiceCame(_ generation: UInt64, at now: @autoclosure () -> Instant) {
        guard voice == generation, !voiceBegan else { return }
        voiceBegan = true
        unheard = []
        voiceWait = voiceAsked.map { now() - $0 }
    }

    mutating func ask(_ prompt: AgentPrompt, at now: Instant) {
        self.prompt = prompt
        prompted = now
        answering = prompt.generation
    }

    /// When a stage was asked for what it owes.
    func asked(_ kind: PluginKind) -> Instant? { kind == .agent ? prompted : voiceAsked }

    mutating func answerBegan(_ generation: UInt64) {
        if prompt?.generation == generation { prompt = nil }
    }

    mutating func answerEnded(_ generation: UInt64) {
        answerBegan(generation)
        if answering == generation { answering = nil }
    }
}
