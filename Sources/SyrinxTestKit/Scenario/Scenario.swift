// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore

/// A conversation told as a dialogue, in virtual time: `caller.speaks(.milliseconds(600))`, `stt.final("hello")`,
/// `agent.answers("Hi.")`. Deadlines are met by ticks, exactly when they fall due.
package final class Scenario {
    package private(set) var conversation: Conversation
    package private(set) var now = Instant(nanoseconds: 5_000_000_000)
    /// All that was done, with its instant.
    package private(set) var record: [(at: Instant, action: Action)] = []
    package private(set) var invariants: Invariants
    /// Synthesise whatever is asked for: 15 characters a second, first sound after `synthesisDelay`.
    package var synthesises = true
    package var synthesisDelay = Duration.milliseconds(40)
    /// The synthesiser runs at most so much ahead of what is played. Nil: as much as it is asked for.
    package var synthesisCredit: Duration? {
        didSet { credited = synthesisCredit.map { CreditedSynthesiser(credit: samples(in: $0)) } }
    }
    /// Seconds of audio for a character of text.
    package var secondsPerCharacter = 1.0 / 15
    /// The stages close when told.
    package var closesStages = true
    /// Every utterance is transcribed as this, so long after its end.
    package var transcribes: (text: String, after: Duration)?

    private let options: Options
    private var schedule = VirtualSchedule()
    private var actions: [Action] = []
    private var credited: CreditedSynthesiser?

    package init(started: Bool = true, _ change: (inout Options) -> Void = { _ in }) {
        var options = Options()
        change(&options)
        self.options = options
        conversation = Conversation(options: options)
        invariants = Invariants(options: options)
        if started { give(.start) }
    }

    package var caller: Caller { Caller(scenario: self) }
    package var stt: SpeechToText { SpeechToText(scenario: self) }
    package var agent: Agent { Agent(scenario: self) }
    package var app: Application { Application(scenario: self) }

    /// One input, now.
    package func give(_ input: Input) {
        actions.removeAll(keepingCapacity: true)
        conversation.handle(input, at: now, into: &actions)
        invariants.observe(input, actions[...], at: now)
        for action in actions {
            record.append((now, action))
            react(to: action)
        }
    }

    package func give(_ input: Input, after delay: Duration) { schedule.add(input, at: now + delay) }

    /// Time passes; `frame` gives the caller's audio every 20 ms, nil sends none.
    package func pass(_ duration: Duration, sending frame: Input? = nil) {
        let end = now + duration
        var nextFrame = frame == nil ? Instant.distantFuture : now + .milliseconds(20)
        while true {
            let next = min(schedule.next, conversation.deadline, nextFrame)
            guard next <= end else { break }
            now = max(now, next)
            if schedule.next <= now, let input = schedule.pop() {
                give(input)
            } else if let frame, nextFrame <= now {
                nextFrame = nextFrame + .milliseconds(20)
                give(frame)
            } else {
                give(.tick)
            }
        }
        now = end
    }

    private func react(to action: Action) {
        switch action {
        case .speak(let generation, let clause, let text, _) where synthesises:
            let samples = Int(Double(text.count * options.outputRate) * secondsPerCharacter)
            guard credited == nil else {
                credited?.speak(generation, clause, samples: samples)
                return synthesiseOnCredit()
            }
            give(.speech(generation: generation, clause: clause, samples: samples), after: synthesisDelay)
            give(.speechDone(generation: generation, clause: clause), after: synthesisDelay)
        case .piece(let generation, _, _, let samples):
            credited?.played(generation, samples: samples)
            synthesiseOnCredit()
        case .cancelSpeech(let generation), .abandonSynthesis(let generation, _):
            credited?.cancel(generation)
            synthesiseOnCredit()
        case .endUtterance(let id):
            guard let transcribes else { return }
            give(.final(utterance: id, text: transcribes.text, confidence: 1), after: transcribes.after)
        case .closeStages where closesStages: give(.stagesClosed, after: .milliseconds(50))
        default: break
        }
    }

    private func synthesiseOnCredit() {
        for input in credited?.produce() ?? [] { give(input, after: synthesisDelay) }
    }

    private func samples(in duration: Duration) -> Int { Int(Double(options.outputRate) * (duration / .seconds(1))) }
}
