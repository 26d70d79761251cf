// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The caller's half of a call, without socket and clock: says one line after the other, each when the answer to the
/// one before has been heard, and keeps the microphone open in between.
package struct CallScript: Sendable {
    package struct Options: Sendable {
        /// Hz of both directions.
        package var rate = 16_000
        /// A line is given up when nothing has happened for so long.
        package var timeout = Duration.seconds(20)
        /// A greeting that has not begun by then does not come.
        package var greetingWait = Duration.milliseconds(700)
        /// The caller's pause before the next line.
        package var pause = Duration.milliseconds(400)
        /// The pause when speech was noticed that no turn was made of; its transcript may be under way.
        package var doubtfulPause = Duration.seconds(3)

        package init() {}
    }

    enum Phase: Equatable {
        /// Until the agent has greeted, and before each line.
        case listening
        case speaking(sent: Int)
        case answering
        case over
    }

    package let options: Options
    let lines: [CallerLine]
    var phase = Phase.listening
    /// The line that is said or answered, or comes next.
    package internal(set) var line = 0
    package internal(set) var session: String?
    package internal(set) var turns: [CallTurn] = []
    /// Why lines have no answer, by line.
    package internal(set) var failures: [Int: String] = [:]
    var playout: PlayoutModel
    var progress: CallProgress

    package init(lines: [CallerLine], options: Options, at now: Instant) {
        self.lines = lines
        self.options = options
        playout = PlayoutModel(rate: options.rate, began: now)
        progress = CallProgress(at: now)
    }

    package var lineCount: Int { lines.count }
    package var isOver: Bool { phase == .over }

    /// What is due every 20 ms.
    package struct Step: Sendable, Equatable {
        /// The next frame of the microphone; nil when the call is over.
        package var frame: [Int16]?
        /// What was heard since the last step.
        package var played: [Int16]
    }

    package mutating func step(at now: Instant) -> Step {
        let played = playout.take(at: now)
        moveOn(at: now)
        guard phase != .over else { return Step(frame: nil, played: played) }
        return Step(frame: frame(at: now), played: played)
    }

    /// The connection is gone.
    package mutating func disconnected() {
        guard phase != .over else { return }
        let why = progress.closeReason.map { "the session ended (\($0))" } ?? "the connection ended"
        for missing in line..<lines.count where failures[missing] == nil && !isAnswered(missing) {
            failures[missing] = missing == line && phase != .listening ? why : "\(why) before it was said"
        }
        phase = .over
    }

    package func isAnswered(_ line: Int) -> Bool { turns.last { $0.line == line }?.outcome == "answered" }

    // MARK: the microphone

    private mutating func frame(at now: Instant) -> [Int16] {
        let count = options.rate / 50
        guard case .speaking(let sent) = phase else { return [Int16](repeating: 0, count: count) }
        var frame = Array(lines[line].samples.dropFirst(sent).prefix(count))
        frame.append(contentsOf: repeatElement(0, count: count - frame.count))
        noteEndOfSpeech(sent: sent, frame: count, at: now)
        let isLast = sent + count >= lines[line].samples.count
        phase = isLast ? .answering : .speaking(sent: sent + count)
        progress.touch(at: now)
        return frame
    }

    /// A microphone delivers a frame when its last sample has sounded: speech that ends inside it ended a little earlier.
    private mutating func noteEndOfSpeech(sent: Int, frame: Int, at now: Instant) {
        let end = lines[line].speechSamples
        guard end > sent, end <= sent + frame else { return }
        let early = Int64(sent + frame - end) * 1_000_000_000 / Int64(options.rate)
        progress.spokenAt = now - .nanoseconds(early)
    }

    // MARK: the order of things

    private mutating func moveOn(at now: Instant) {
        switch phase {
        case .listening where progress.isGreeted(options, at: now) && isQuiet(at: now): begin()
        case .answering where isQuiet(at: now): finishLine(at: now)
        case .listening, .answering:
            guard now - progress.lastActivity >= options.timeout else { return }
            giveUp(at: now)
        case .speaking, .over: break
        }
    }

    private mutating func begin() {
        guard line < lines.count else { return phase = .over }
        progress.begin()
        phase = .speaking(sent: 0)
    }

    private mutating func finishLine(at now: Instant) {
        guard !isAnswered(line) else { return next(at: now) }
        guard let turn = turns.last(where: { $0.line == line }) else { return }
        failures[line] = "its turn \(turn.outcome ?? "did not end")" + (turn.failure.map { " (\($0))" } ?? "")
        next(at: now)
    }

    private mutating func giveUp(at now: Instant) {
        let seconds = options.timeout.nanoseconds / 1_000_000_000
        if phase == .answering {
            let what = turns.contains { $0.line == line } ? "its turn did not end" : "no turn came of it"
            failures[line] = "\(what) within \(seconds) s"
            return next(at: now)
        }
        // The agent never falls silent, or the session never begins.
        for missing in line..<lines.count { failures[missing] = "the agent left no pause within \(seconds) s" }
        phase = .over
    }

    private mutating func next(at now: Instant) {
        line += 1
        progress.touch(at: now)
        phase = line < lines.count ? .listening : .over
    }

    /// Whether the caller may speak: the agent is silent, all turns have ended, for as long as a polite pause.
    private mutating func isQuiet(at now: Instant) -> Bool {
        let isBusy =
            progress.isAgentSpeaking || !playout.isSilent(at: now) || progress.isUserSpeaking
            || turns.contains { $0.outcome == nil } || (phase == .answering && !turns.contains { $0.line == line })
        guard !isBusy else {
            progress.quietSince = nil
            return false
        }
        let since = progress.quietSince ?? now
        progress.quietSince = since
        return now - since >= (progress.isInDoubt ? options.doubtfulPause : options.pause)
    }
}
