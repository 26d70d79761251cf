// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// Watches a conversation from outside and writes down every broken promise. What it checks holds for any inputs.
package struct Invariants: Sendable {
    private struct ClauseKey: Hashable {
        var generation: UInt64
        var clause: UInt64
    }

    private let options: Options
    private let frameSamples: Int
    package private(set) var violations: [String] = []

    private var ended: Set<UInt64> = []
    /// The speech to which a second attempt at synthesis belongs, and the attempts that were given up.
    private var speeches: [UInt64: UInt64] = [:]
    private var abandoned: Set<UInt64> = []
    private var arrived: [ClauseKey: Int] = [:]
    private var played: [ClauseKey: Int] = [:]
    private var unreleased: Set<ClauseKey> = []
    private var lastClause: [UInt64: UInt64] = [:]
    private var newestSpeech: UInt64?
    private var frameFill = 0
    private var shortFrameOf: UInt64?
    /// When the client will have played everything it got.
    private var clientEnd = Instant.zero

    private var openTurns: Set<Int> = []
    private var endedTurns: Set<Int> = []
    private var waitingSpeeches = 0
    private var closeStagesAt: Instant?
    private var closedCount = 0
    private var openUtterances: Set<UInt64> = []

    package init(options: Options) {
        self.options = options
        frameSamples = options.outputRate / 50
    }

    package var isClosed: Bool { closedCount > 0 }

    package mutating func observe(_ input: Input, _ actions: ArraySlice<Action>, at now: Instant) {
        if case .speech(let generation, let clause, let samples) = input, samples > 0 {
            arrived[ClauseKey(generation: generation, clause: clause), default: 0] &+= min(samples, 1 << 32)
        }
        for action in actions { observe(action, at: now) }
    }

    /// A tick at the deadline must change something, or the runtime would spin.
    package mutating func observeDeadline(before: Instant, after: Instant, ticksAtOnce: Int) {
        if ticksAtOnce >= 8 { violate("deadline spins at \(before) -> \(after)") }
    }

    package mutating func finish() {
        if closedCount != 1 { violate("closed \(closedCount) times") }
        if !openTurns.isEmpty { violate("turns without outcome: \(openTurns)") }
        if !unreleased.isEmpty { violate("audio not released: \(unreleased.count) clauses") }
        if !openUtterances.isEmpty { violate("utterances left open: \(openUtterances)") }
    }

    private mutating func observe(_ action: Action, at now: Instant) {
        if closeStagesAt != nil { checkAfterClose(action) }
        switch action {
        case .beginUtterance(let id, let padding):
            if padding < 0 || !openUtterances.isEmpty { violate("utterance \(id) begins inside another") }
            openUtterances.insert(id)
        case .endUtterance(let id): if openUtterances.remove(id) == nil { violate("utterance \(id) was not open") }
        case .cancelUtterance(let id): openUtterances.remove(id)
        case .speak(let generation, let clause, let text, _):
            if ended.contains(speech(generation)) { violate("speaks for ended generation \(generation)") }
            if abandoned.contains(generation) { violate("speaks as abandoned generation \(generation)") }
            if text.isEmpty || text.count > options.chunking.maximum { violate("clause of \(text.count) characters") }
            newestSpeech = generation
            unreleased.insert(ClauseKey(generation: generation, clause: clause))
        case .piece(let generation, let clause, let offset, let samples):
            piece(ClauseKey(generation: generation, clause: clause), offset, samples)
        case .sendFrame(let generation, let gain): frame(generation, gain, at: now)
        case .releaseAudio(let generation, let clause, _):
            unreleased.remove(ClauseKey(generation: generation, clause: clause))
        case .clear(let generation):
            ended.insert(generation)
            clientEnd = now
        case .cancelSpeech(let generation): ended.insert(generation)
        case .abandonSynthesis(let generation, let again):
            if !abandoned.insert(generation).inserted { violate("generation \(generation) abandoned twice") }
            speeches[again] = speech(generation)
        case .event(let event): observe(event)
        case .closeStages: closeStagesAt = now
        case .closed: closed(at: now)
        case .judgeTurn, .prompt, .cancelAgent, .runTool, .sendToolResult, .truncate, .openPipeline, .useLanguage: break
        }
    }

    private mutating func observe(_ event: SessionEvent) {
        switch event {
        case .turnCommitted(let turn, _, _, _, _):
            if !openTurns.isEmpty { violate("turn \(turn) begins inside \(openTurns)") }
            openTurns.insert(turn)
        case .turnEnded(let report):
            if openTurns.remove(report.turn) == nil { violate("turn \(report.turn) ends twice") }
            if report.failure == "speech.timeout" { checkStarved() }
        case .speechQueued:
            waitingSpeeches += 1
            // One plays, one is the answer of the turn in progress.
            if waitingSpeeches > options.limits.queuedSpeeches + 2 { violate("\(waitingSpeeches) speeches wait") }
        case .speechFinished(_, let generation, _, _):
            waitingSpeeches = max(waitingSpeeches - 1, 0)
            ended.insert(generation)
            if unreleased.contains(where: { speech($0.generation) == generation }) {
                violate("generation \(generation) keeps audio")
            }
        default: break
        }
    }

    private func speech(_ generation: UInt64) -> UInt64 { speeches[generation] ?? generation }

    private mutating func piece(_ key: ClauseKey, _ offset: Int, _ samples: Int) {
        if ended.contains(key.generation) || ended.contains(speech(key.generation)) {
            violate("audio of ended generation \(key.generation)")
        }
        if offset != played[key, default: 0] { violate("clause \(key.clause) goes on at \(offset), not in order") }
        if samples <= 0 { violate("empty piece") }
        if key.clause < lastClause[key.generation, default: 0] { violate("clause \(key.clause) after a later one") }
        played[key, default: 0] += samples
        if played[key, default: 0] > arrived[key, default: 0] { violate("plays audio that is not there") }
        lastClause[key.generation] = key.clause
        frameFill += samples
    }

    private mutating func frame(_ generation: UInt64, _ gain: GainRamp, at now: Instant) {
        if ended.contains(generation) { violate("frame of ended generation \(generation)") }
        if frameFill <= 0 || frameFill > frameSamples { violate("frame of \(frameFill) samples") }
        if shortFrameOf == generation { violate("generation \(generation) goes on after a short frame") }
        if !((0...1).contains(gain.from) && (0...1).contains(gain.to)) { violate("gain \(gain)") }
        if frameFill < frameSamples { shortFrameOf = generation }
        frameFill = 0
        clientEnd = max(clientEnd, now) + options.playout.frame
        if clientEnd - now > options.playout.lead + options.playout.frame { violate("lead of \(clientEnd - now)") }
    }

    /// The synthesiser is given up only when there was nothing of it left to play.
    private mutating func checkStarved() {
        guard let newestSpeech else { return }
        let clause = lastClause[newestSpeech, default: 1]
        let key = ClauseKey(generation: newestSpeech, clause: clause)
        let left = arrived[key, default: 0] - played[key, default: 0]
        if left >= frameSamples { violate("a timeout while \(left) samples wait to be played") }
    }

    private mutating func checkAfterClose(_ action: Action) {
        switch action {
        case .closed, .event(.closed): break
        default: violate("\(action) after close")
        }
    }

    private mutating func closed(at now: Instant) {
        closedCount += 1
        guard let closeStagesAt else { return violate("closed before closeStages") }
        if now - closeStagesAt > options.timeouts.close { violate("close took \(now - closeStagesAt)") }
    }

    private mutating func violate(_ promise: String) {
        if violations.count < 20 { violations.append(promise) }
    }
}
