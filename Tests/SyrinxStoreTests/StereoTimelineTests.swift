// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyrinxStore

/// At 1000 Hz a sample is a millisecond; the tests speak of both as one. Frames are of 20.
@Suite("Both sides of a call on one clock")
struct StereoTimelineTests {
    private static func frame(_ value: Int16, _ count: Int = 20) -> [Int16] { .init(repeating: value, count: count) }

    /// Runs of equal samples: `[(0, 20), (7, 40)]`.
    private static func runs(_ samples: [Int16]) -> [[Int]] {
        samples.reduce(into: []) { runs, sample in
            if let last = runs.last, last[0] == Int(sample) {
                runs[runs.count - 1][1] += 1
            } else {
                runs.append([Int(sample), 1])
            }
        }
    }

    private static func sides(_ timeline: inout StereoTimeline, at end: Int64) -> (caller: [[Int]], agent: [[Int]]) {
        var frames: [Int16] = []
        while case let more = timeline.finish(at: end), !more.isEmpty { frames += more }
        return (
            runs(stride(from: 0, to: frames.count, by: 2).map { frames[$0] }),
            runs(stride(from: 1, to: frames.count, by: 2).map { frames[$0] })
        )
    }

    @Test func `each side has its channel and its time`() {
        var timeline = StereoTimeline(rate: 1000)
        for now in stride(from: Int64(20), through: 200, by: 20) { timeline.caller(Self.frame(1), at: now) }
        timeline.agent(Self.frame(2), at: 100)
        timeline.agent(Self.frame(2), at: 120)
        let (caller, agent) = Self.sides(&timeline, at: 200)
        #expect(caller == [[1, 200]])
        #expect(agent == [[0, 100], [2, 40], [0, 60]])
    }

    @Test func `what is sent ahead plays in its turn`() {
        var timeline = StereoTimeline(rate: 1000)
        for value in 1...5 { timeline.agent(Self.frame(Int16(value)), at: 50) }
        let (_, agent) = Self.sides(&timeline, at: 200)
        #expect(agent == [[0, 50], [1, 20], [2, 20], [3, 20], [4, 20], [5, 20], [0, 50]])
    }

    @Test func `a barge-in takes back what was not played, to the sample`() {
        var timeline = StereoTimeline(rate: 1000)
        for _ in 0..<10 { timeline.agent(Self.frame(2), at: 100) }
        timeline.clear(at: 133)
        timeline.agent(Self.frame(3), at: 180)
        let (_, agent) = Self.sides(&timeline, at: 250)
        #expect(agent == [[0, 100], [2, 33], [0, 47], [3, 20], [0, 50]])
    }

    @Test func `at the end what was not played yet is left out`() {
        var timeline = StereoTimeline(rate: 1000)
        for _ in 0..<10 { timeline.agent(Self.frame(2), at: 0) }
        let (_, agent) = Self.sides(&timeline, at: 70)
        #expect(agent == [[2, 70]])
    }

    @Test func `jitter is closed`() {
        var timeline = StereoTimeline(rate: 1000)
        for (number, now) in [20, 55, 60, 99, 100, 120].enumerated() {
            timeline.caller(Self.frame(Int16(number + 1)), at: Int64(now))
        }
        let (caller, _) = Self.sides(&timeline, at: 120)
        #expect(caller == (1...6).map { [$0, 20] })
    }

    @Test func `a pause is silence`() {
        var timeline = StereoTimeline(rate: 1000)
        timeline.caller(Self.frame(1), at: 20)
        timeline.caller(Self.frame(2), at: 520)
        let (caller, _) = Self.sides(&timeline, at: 600)
        #expect(caller == [[1, 20], [0, 480], [2, 20], [0, 80]])
    }

    @Test func `a burst after a gap is late audio, and finds its place`() {
        var timeline = StereoTimeline(rate: 1000)
        timeline.caller(Self.frame(1), at: 20)
        for value in 2...11 { timeline.caller(Self.frame(Int16(value)), at: 220) }
        timeline.caller(Self.frame(12), at: 240)
        let (caller, _) = Self.sides(&timeline, at: 240)
        #expect(caller == (1...12).map { [$0, 20] })
    }

    @Test func `audio that is later than a second is placed behind what is final`() {
        var timeline = StereoTimeline(rate: 1000)
        timeline.caller(Self.frame(1), at: 20)
        #expect(timeline.take(upTo: 3000).count == 4000)
        for _ in 0..<150 { timeline.caller(Self.frame(2), at: 3020) }
        // 3000 samples came for the 1020 that are open and the second that may be ahead.
        #expect(timeline.dropped > 900 && timeline.written == 2000)
        let (caller, _) = Self.sides(&timeline, at: 3020)
        #expect(caller.count == 1 && caller[0][0] == 2)
    }

    @Test func `a caller who sends faster than time is held to a second`() {
        var timeline = StereoTimeline(rate: 1000)
        for now in 0..<1000 { timeline.caller(Self.frame(1), at: Int64(now)) }
        #expect(timeline.dropped >= 20_000 - 2100)
    }

    @Test func `samples become final a second after their time, once`() {
        var timeline = StereoTimeline(rate: 1000)
        for now in stride(from: Int64(20), through: 1500, by: 20) { timeline.caller(Self.frame(1), at: now) }
        #expect(timeline.take(upTo: 1000).isEmpty)
        #expect(timeline.take(upTo: 1500).count == 1000)
        #expect(timeline.take(upTo: 1500).isEmpty)
        #expect(timeline.take(upTo: 1200).isEmpty)
    }

    @Test func `hours of nothing come a minute at a time`() {
        var timeline = StereoTimeline(rate: 1000)
        var minutes = 0
        while case let frames = timeline.take(upTo: 7_201_000), !frames.isEmpty {
            #expect(frames.count == 120_000)
            minutes += 1
        }
        #expect(minutes == 120)
    }

    /// Whatever comes when: nothing is written twice, the length is the call's, and the agent is never early.
    @Test(arguments: 1...60) func `any order of frames gives one recording of the call's length`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var timeline = StereoTimeline(rate: 1000)
        var now: Int64 = 0
        var frames: [Int16] = []
        var lastCaller: Int16 = 0
        for step in 1...600 {
            now += Int64.random(in: 0...(step % 50 == 0 ? 2500 : 30), using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0...2:
                lastCaller += 1
                timeline.caller(Self.frame(lastCaller, Int.random(in: 0...60, using: &random)), at: now)
            case 3...4:
                timeline.agent(
                    Self.frame(Int16(clamping: now / 1000 + 1), Int.random(in: 0...90, using: &random)), at: now)
            default: timeline.clear(at: now)
            }
            if step % 7 == 0 { frames += timeline.take(upTo: now) }
        }
        while case let more = timeline.finish(at: now), !more.isEmpty { frames += more }
        #expect(frames.count % 2 == 0 && frames.count / 2 >= Int(now) && frames.count / 2 <= Int(now) + 1000)
        var latest: Int16 = 0
        for index in stride(from: 0, to: frames.count, by: 2) where frames[index] != 0 {
            #expect(frames[index] >= latest)
            latest = max(latest, frames[index])
        }
        for index in stride(from: 1, to: frames.count, by: 2) where frames[index] != 0 {
            // Sent in that second, hence not played before it.
            #expect(index / 2 + 20 >= (Int(frames[index]) - 1) * 1000)
        }
    }
}
