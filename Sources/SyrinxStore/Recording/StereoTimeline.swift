// SPDX-License-Identifier: Apache-2.0

/// Both sides of a call on one sample clock, the caller left and the agent right, for a recording. Pure: positions are
/// samples since the recording's start, and come with the audio.
///
/// **The caller's** audio is taken to end when it arrives. A gap of more than 60 ms is silence; less is the network's
/// jitter, and closed. When frames come in a burst after a gap, the network was to blame: they move back into the
/// silence before them, as far as that is not written yet. What is still a second ahead of its arrival is dropped.
///
/// **The agent's** audio is sent ahead of playing: a frame plays when it is sent, or when the one before has been
/// played. A gap of up to 20 ms is closed. ``clear(at:)`` takes back what has not been played, as the client does at a
/// barge-in.
///
/// What neither side fills is silence. Samples become final a second after their time, and leave by ``take(upTo:)``.
/// Of audio that comes later than that only what is not final yet finds its place; nothing is ever written twice.
package struct StereoTimeline: Sendable {
    /// Hz.
    package let rate: Int
    /// The first position that is not final yet.
    package private(set) var written: Int64 = 0
    /// Samples that were dropped because they came too early or belong to what is final.
    package private(set) var dropped: Int64 = 0

    private var caller: CallerTrack
    private var agent = Track()
    private let agentTolerance: Int64
    private let hold: Int64
    private let maximumLead: Int64

    package init(rate: Int) {
        self.rate = rate
        hold = Int64(rate)
        agentTolerance = Int64(rate) * 20 / 1000
        // The host sends far less ahead; this bounds memory whatever comes.
        maximumLead = Int64(rate) * 60
        caller = CallerTrack(tolerance: Int64(rate) * 60 / 1000, maximumLead: Int64(rate))
    }

    /// The caller's samples that have just come.
    package mutating func caller(_ samples: some RandomAccessCollection<Int16>, at now: Int64) {
        dropped += caller.append(samples, at: now, written: written)
    }

    /// The agent's samples that are being sent.
    package mutating func agent(_ samples: some RandomAccessCollection<Int16>, at now: Int64) {
        let start = max(now - agent.end > agentTolerance ? now : agent.end, written)
        guard start - now <= maximumLead else {
            dropped += Int64(samples.count)
            return
        }
        agent.append(samples, at: start)
    }

    /// Takes back what the agent has not played by now.
    package mutating func clear(at now: Int64) { agent.cut(at: max(now, written)) }

    /// What is final now, interleaved; at most a minute at a time, so to be called until nothing comes.
    package mutating func take(upTo now: Int64) -> [Int16] { write(upTo: now - hold) }

    /// The rest, up to the end of the call, or of the caller's audio; to be called until nothing comes.
    package mutating func finish(at now: Int64) -> [Int16] {
        clear(at: now)
        return write(upTo: max(now, caller.end))
    }

    private mutating func write(upTo end: Int64) -> [Int16] {
        guard end > written else { return [] }
        // A clock that jumps by hours must not ask for gigabytes: silence comes a minute at a time.
        let end = min(end, written + maximumLead)
        var frames = [Int16](repeating: 0, count: Int(end - written) * 2)
        caller.track.take(from: written, to: end) { frames[$0 * 2] = $1 }
        agent.take(from: written, to: end) { frames[$0 * 2 + 1] = $1 }
        written = end
        return frames
    }
}

/// The caller's side: runs of audio without a gap, of which the last may still move back.
private struct CallerTrack {
    var track = Track()
    let tolerance: Int64
    let maximumLead: Int64

    init(tolerance: Int64, maximumLead: Int64) {
        self.tolerance = tolerance
        self.maximumLead = maximumLead
    }

    var end: Int64 { track.end }

    /// - Returns: how many samples were dropped.
    mutating func append(_ samples: some RandomAccessCollection<Int16>, at now: Int64, written: Int64) -> Int64 {
        let count = Int64(samples.count)
        let start = now - count
        let isGap = start - track.end > tolerance || track.end < written
        let place = isGap ? max(start, written, track.end) : track.end
        guard place + count - now <= maximumLead else { return count }
        track.append(samples, at: place)
        let ahead = track.end - now
        if ahead > 0 { track.moveLastRun(backBy: ahead, notBefore: written) }
        return 0
    }
}

/// Runs of samples at positions that only grow.
private struct Track {
    private struct Run {
        var start: Int64
        var samples: [Int16]
        var end: Int64 { start + Int64(samples.count) }
    }

    private var runs: [Run] = []
    private(set) var end: Int64 = 0

    /// - Parameter position: at ``end`` or later.
    mutating func append(_ samples: some RandomAccessCollection<Int16>, at position: Int64) {
        if let last = runs.indices.last, runs[last].end == position {
            runs[last].samples += samples
        } else {
            runs.append(Run(start: position, samples: Array(samples)))
        }
        end = position + Int64(samples.count)
    }

    mutating func cut(at position: Int64) {
        while let last = runs.indices.last, runs[last].end > position {
            if runs[last].start >= position {
                runs.removeLast()
            } else {
                runs[last].samples.removeLast(Int(runs[last].end - position))
            }
        }
        end = min(end, position)
    }

    /// A run of which a part was taken does not move.
    mutating func moveLastRun(backBy samples: Int64, notBefore written: Int64) {
        guard let last = runs.indices.last, !isBegun else { return }
        let floor = max(written, last > 0 ? runs[last - 1].end : 0)
        let moved = min(samples, runs[last].start - floor)
        guard moved > 0 else { return }
        runs[last].start -= moved
        end -= moved
        guard last > 0, runs[last].start == runs[last - 1].end else { return }
        runs[last - 1].samples += runs[last].samples
        runs.removeLast()
    }

    private var isBegun: Bool { runs.count == 1 && takenFromFirst }
    private var takenFromFirst = false

    /// Gives each sample in the range with its offset from the range's start, and forgets it.
    mutating func take(from: Int64, to: Int64, _ body: (Int, Int16) -> Void) {
        while let run = runs.first, run.start < to {
            let count = Int(min(run.end, to) - run.start)
            let offset = Int(run.start - from)
            for index in 0..<count { body(offset + index, run.samples[index]) }
            if run.end <= to {
                runs.removeFirst()
                takenFromFirst = false
            } else {
                runs[0] = Run(start: to, samples: Array(run.samples[count...]))
                takenFromFirst = true
            }
        }
    }
}
