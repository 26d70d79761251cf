// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
import SyrinxCore

/// A whole call in virtual time, decided by one seed: caller, providers, application and client, checked after every
/// step (promise I6).
package struct Simulation {
    package struct Report: Sendable {
        package var seed: UInt64
        package var options: Options
        package var virtualSeconds: Double
        package var steps = 0
        package var frames = 0
        package var counters = Counters()
        package var violations: [String] = []
        /// Every input with its actions, for replay.
        package var log: [LogEntry] = []

        package var description: String { "seed \(seed): \(violations.joined(separator: "; "))" }
    }

    private var random: SplitMix64
    private let options: Options
    private var conversation: Conversation
    private var invariants: Invariants
    private var caller = SimulatedCaller()
    private var providers: SimulatedProviders
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var nextFrame: Instant
    private var report: Report
    private var actions: [Action] = []
    private var sayID: UInt64 = 0

    /// A call of `length` and its end. The same seed gives the same report.
    package static func run(seed: UInt64, length: Duration = .seconds(30)) -> Report {
        var simulation = Simulation(seed: seed)
        simulation.run(length)
        return simulation.report
    }

    private init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        options = Self.randomOptions(&random)
        conversation = Conversation(options: options)
        invariants = Invariants(options: options)
        providers = SimulatedProviders(options: options, random: &random)
        nextFrame = now
        report = Report(seed: seed, options: options, virtualSeconds: 0)
    }

    private mutating func run(_ length: Duration) {
        let start = now
        if random.chance(0.1) { apply(.say(SayRequest(id: 7, text: "Before the start."))) }
        apply(.start)
        let hasAudio = !random.chance(0.1)
        while now < start + length, !invariants.isClosed { step(hasAudio: hasAudio) }
        if !invariants.isClosed { apply(.close(.userHangup)) }
        let end = now
        while !invariants.isClosed, now < end + .seconds(10) { step(hasAudio: hasAudio) }
        apply(.close(.admin))
        apply(.tick)
        invariants.finish()
        report.virtualSeconds = (now - start) / .seconds(1)
        report.counters = conversation.counters
        report.violations = invariants.violations
    }

    /// The next thing that happens, whichever it is.
    private mutating func step(hasAudio: Bool) {
        let frame = hasAudio ? nextFrame : nextFrame + .milliseconds(180)
        let next = min(providers.schedule.next, frame, conversation.deadline)
        now = max(now, next)
        if providers.schedule.next <= now, let input = providers.schedule.pop() {
            apply(input)
        } else if frame <= now {
            nextFrame = nextFrame + .milliseconds(hasAudio ? 20 : 200)
            if caller.decide(at: now, &random) { somethingElse() }
            if hasAudio, caller.mood != .muted { apply(callerFrame()) }
        } else {
            tick()
        }
    }

    private mutating func callerFrame() -> Input {
        if random.chance(0.001) { return .audio(samples: -5, probability: .nan) }
        return .audio(samples: options.inputRate / 50, probability: caller.probability(&random))
    }

    private mutating func tick() {
        var ticks = 0
        let before = conversation.deadline
        while conversation.deadline <= now, ticks < 8, !invariants.isClosed {
            apply(.tick)
            ticks += 1
        }
        invariants.observeDeadline(before: before, after: conversation.deadline, ticksAtOnce: ticks)
    }

    private mutating func apply(_ input: Input) {
        actions.removeAll(keepingCapacity: true)
        conversation.handle(input, at: now, into: &actions)
        report.steps += 1
        report.log.append(LogEntry(at: now, input: input, actions: actions))
        invariants.observe(input, actions[...], at: now)
        for action in actions {
            if case .sendFrame = action { report.frames += 1 }
            providers.react(to: action, callerText: caller.text, at: now, &random)
        }
    }

    /// Now and then someone else takes a hand: the application, the provider, or a hostile peer.
    private mutating func somethingElse() {
        tellProviderDrivenModes()
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8: say()
        case 8..<11: apply(.interrupt)
        case 11..<16: apply(.callerText(random.pick(["hello", "what about Friday?", "", "cancel it"])))
        case 16..<19: apply(.discardTurn)
        case 19..<(options.turnMode == .manual ? 60 : 22): apply(.commit)
        case 60..<66: hostile()
        case 66..<67: for _ in 0..<40 { say() }
        case 67 where random.chance(0.3): apply(.close(.clientClosed))
        case 68..<71: loseCaller()
        case 71..<73: lead()
        default: break
        }
    }

    /// The application takes the conversation into its own hands.
    private mutating func lead() {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            var adjustment = Adjustment()
            adjustment.speaksAnswers = random.chance(0.7)
            adjustment.interruptsByVoice = random.chance(0.7)
            adjustment.answersTurns = random.chance(0.7)
            apply(.adjust(adjustment))
        case 1: apply(.history([HistoryItem(role: .user, text: "hello"), HistoryItem(role: .assistant, text: "hi")]))
        default: apply(.respond(text: random.pick(["", "what else?"])))
        }
    }

    /// The connection breaks, and is there again within the window.
    private mutating func loseCaller() {
        apply(.callerLost)
        providers.schedule.add(.callerBack, at: now + random.milliseconds(50...5000))
    }

    private mutating func say() {
        sayID += 1
        apply(
            .say(
                SayRequest(
                    id: sayID,
                    text: random.pick(["One moment.", "This call is recorded. Thank you for your patience.", ""]),
                    priority: random.pick([.low, .normal, .high]),
                    interruptible: random.chance(0.7),
                    addToHistory: random.chance(0.8)
                )
            )
        )
    }

    private mutating func tellProviderDrivenModes() {
        guard options.turnMode == .stt || options.turnMode == .s2s else { return }
        if caller.mood == .talking { return apply(.providerSpeechStarted) }
        if random.chance(0.9) { apply(.providerSpeechStopped) }
        if random.chance(0.7) { providers.schedule.add(.providerTurnEnded, at: now + random.milliseconds(50...600)) }
    }

    private mutating func hostile() {
        let id = random.pick([0, 1, 2, conversation.generation, conversation.generation &+ 1, .max])
        apply(
            random.pick([
                .speech(generation: id, clause: id, samples: .min), .speech(generation: id, clause: .max, samples: 480),
                .speechMark(generation: id, clause: 1, byteOffset: .max, sampleOffset: .min),
                .speechDone(generation: id, clause: 0),
                .speechFailed(generation: id, clause: id, code: "tts.broke", retryable: true), .played(samples: -1),
                .played(samples: .max / 2),
                .partial(utterance: id, text: "ghost"), .final(utterance: id, text: "ghost", confidence: .nan),
                .turnVerdict(utterance: id, probability: .nan), .delta(generation: id, text: ""),
                .toolResult(generation: id, call: id, text: "", failed: true),
                .agentDone(generation: id &- 1, hangUp: true),
                .audio(samples: .max, probability: .infinity), .providerTurnEnded, .stagesClosed, .start,
            ])
        )
    }
}
