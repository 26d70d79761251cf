// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore

/// Speech-to-text, agent, synthesiser and turn stage that are slow, late, repeat themselves, fail or never answer.
struct SimulatedProviders {
    let options: Options
    /// How unreliable this run's world is, 0...1.
    let chaos: Double
    var schedule = VirtualSchedule()
    private var clientTotal = 0
    private var clientEnd = Instant.zero
    let acknowledges: Bool

    init(options: Options, random: inout SplitMix64) {
        self.options = options
        chaos = random.chance(0.3) ? 0 : Double.random(in: 0...0.3, using: &random)
        acknowledges = random.chance(0.4)
    }

    mutating func react(to action: Action, callerText: String, at now: Instant, _ random: inout SplitMix64) {
        switch action {
        case .beginUtterance(let id, _): transcribe(id, callerText, now, &random)
        case .endUtterance(let id): finishUtterance(id, callerText, now, &random)
        case .judgeTurn(let id, _, _):
            answer(
                .turnVerdict(utterance: id, probability: Float.random(in: 0...1, using: &random)),
                20...500,
                now,
                &random
            )
        case .prompt(let generation, _, _): think(generation, now, &random)
        case .runTool(let generation, let call, _, _):
            let failed = random.chance(0.2)
            answer(.toolResult(generation: generation, call: call, text: "42", failed: failed), 20...1500, now, &random)
        case .sendToolResult(let generation, _, _, _): goOn(generation, now + random.milliseconds(50...900), &random)
        case .speak(let generation, let clause, let text, _): synthesise(generation, clause, text, now, &random)
        case .sendFrame: acknowledge(now)
        case .clear: clientEnd = now
        case .closeStages:
            if !random.chance(0.2) { schedule.add(.stagesClosed, at: now + random.milliseconds(0...1500)) }
        default: break
        }
    }

    private mutating func transcribe(_ id: UInt64, _ text: String, _ now: Instant, _ random: inout SplitMix64) {
        let words = text.split(separator: " ")
        for count in words.indices where random.chance(0.6) {
            let soFar = words[...count].joined(separator: " ")
            answer(.partial(utterance: id, text: soFar), 100 * (count + 1)...150 * (count + 2), now, &random)
        }
        if options.turnMode == .stt, options.preemptive.enabled { guessEnds(of: id, words: words.count, now) }
        guard options.turnMode == .stt || random.chance(0.2) else { return }
        answer(.final(utterance: id, text: text, confidence: 0.9), 300...2500, now, &random)
    }

    /// Draws nothing: other seeds' stories stay as they were.
    private mutating func guessEnds(of id: UInt64, words: Int, _ now: Instant) {
        for count in 1...max(words, 1) {
            let at = now + .milliseconds(150 * (count + 1))
            schedule.add(.turnVerdict(utterance: id, probability: (id &+ UInt64(count)) % 4 == 0 ? 0 : 0.5), at: at)
        }
    }

    private mutating func finishUtterance(_ id: UInt64, _ text: String, _ now: Instant, _ random: inout SplitMix64) {
        if random.chance(chaos / 3) {
            return answer(.transcriptionFailed(utterance: id, code: "stt.lost"), 20...900, now, &random)
        }
        answer(.final(utterance: id, text: random.chance(0.1) ? "" : text, confidence: 0.8), 20...900, now, &random)
    }

    private mutating func think(_ generation: UInt64, _ now: Instant, _ random: inout SplitMix64) {
        let start = now + random.milliseconds(30...1200)
        if options.pipeline == .s2s { return speakAlone(generation, start, &random) }
        guard random.chance(0.25) else { return goOn(generation, start, &random) }
        schedule.add(
            .toolCall(generation: generation, call: random.next() % 4, name: "look", arguments: "{}"),
            at: start
        )
    }

    /// The text of an answer, token by token.
    private mutating func goOn(_ generation: UInt64, _ start: Instant, _ random: inout SplitMix64) {
        var at = start
        if random.chance(0.1) {
            schedule.add(
                .toolCall(generation: generation, call: random.next() % 4, name: "look", arguments: "{}"),
                at: at
            )
            return
        }
        for word in random.pick(Self.answers).split(separator: " ") {
            answer(.delta(generation: generation, text: word + " "), at: at, &random)
            at = at + random.milliseconds(random.chance(0.02) ? 400...1500 : 5...40)
        }
        if random.chance(chaos / 4) {
            answer(.agentFailed(generation: generation, code: "agent.broke"), at: at, &random)
        } else {
            answer(.agentDone(generation: generation, hangUp: random.chance(0.01)), at: at, &random)
        }
    }

    private mutating func speakAlone(_ generation: UInt64, _ start: Instant, _ random: inout SplitMix64) {
        var at = start
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            answer(.speech(generation: generation, clause: 1, samples: options.outputRate / 7), at: at, &random)
            answer(.delta(generation: generation, text: "words "), at: at, &random)
            at = at + random.milliseconds(10...150)
        }
        answer(.speechDone(generation: generation, clause: 1), at: at, &random)
        answer(.agentDone(generation: generation, hangUp: false), at: at, &random)
    }

    private mutating func synthesise(
        _ generation: UInt64,
        _ clause: UInt64,
        _ text: String,
        _ now: Instant,
        _ random: inout SplitMix64
    ) {
        var at = now + random.milliseconds(random.chance(0.05) ? 800...2400 : 30...300)
        var left = text.count * options.outputRate / 15
        var made = 0
        let breaks = random.chance(chaos / 6) ? Int.random(in: 0...left, using: &random) : nil
        while left > 0, breaks.map({ made < $0 }) ?? true {
            let samples = min(left, Int.random(in: 1...options.outputRate / 3, using: &random))
            if random.chance(0.2) {
                let byte = text.utf8.count * made / (made + left)
                schedule.add(
                    .speechMark(generation: generation, clause: clause, byteOffset: byte, sampleOffset: made),
                    at: at
                )
            }
            schedule.add(.speech(generation: generation, clause: clause, samples: samples), at: at)
            left -= samples
            made += samples
            at = at + random.milliseconds(random.chance(0.03) ? 300...900 : 1...120)
        }
        if breaks != nil {
            let retryable = random.chance(0.6)
            answer(
                .speechFailed(generation: generation, clause: clause, code: "tts.broke", retryable: retryable), at: at,
                &random)
        } else {
            answer(.speechDone(generation: generation, clause: clause), at: at, &random)
        }
    }

    private mutating func acknowledge(_ now: Instant) {
        guard acknowledges else { return }
        clientEnd = max(clientEnd, now) + options.playout.frame
        clientTotal += options.outputRate / 50
        schedule.add(.played(samples: clientTotal), at: clientEnd)
    }

    private mutating func answer(
        _ input: Input,
        _ delay: ClosedRange<Int>,
        _ now: Instant,
        _ random: inout SplitMix64
    ) {
        answer(input, at: now + random.milliseconds(delay), &random)
    }

    /// Sometimes never, sometimes twice, sometimes much too late.
    private mutating func answer(_ input: Input, at instant: Instant, _ random: inout SplitMix64) {
        if random.chance(chaos / 4) { return }
        let late = random.chance(chaos / 4) ? random.milliseconds(2000...9000) : .zero
        schedule.add(input, at: instant + late)
        if random.chance(chaos / 4) { schedule.add(input, at: instant + random.milliseconds(0...1500)) }
    }

    private static let answers = [
        "Certainly. Dr. Lee is free at 3.30 p.m. on Friday. Shall I book it?", "Yes!", "", "  ",
        "That would be $3.50, I think. Anything else I can help you with today? I am here all night long, you know.",
        "One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten, eleven, twelve, and so on and so forth until the end",
    ]
}
