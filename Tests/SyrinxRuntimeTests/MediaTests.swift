// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import Testing

@testable import SyrinxRuntime

@Suite("Audio on its way through a session") struct MediaTests {
    private func bytes(_ samples: [Int16]) -> [UInt8] { samples.withUnsafeBytes { Array($0) } }

    @Test(arguments: [1, 3, 160, 320, 321, 1000])
    func `messages of any length become frames without a gap`(message: Int) {
        let assembler = FrameAssembler(frameSamples: 320)
        let samples = (0..<3200).map { Int16($0) }
        var frames: [[Int16]] = []
        for start in stride(from: 0, to: samples.count, by: message) {
            let part = bytes(Array(samples[start..<min(start + message, samples.count)]))
            part.withUnsafeBytes { bytes in
                assembler.append(bytes) { frames.append(Array(UnsafeBufferPointer(start: $0, count: 320))) }
            }
        }
        #expect(frames.flatMap(\.self) == samples)
    }

    @Test func `the pre-roll holds the latest audio, in order`() {
        let preRoll = PreRoll(samples: 10)
        for start in stride(from: 0, to: 28, by: 4) {
            let frame = (start..<start + 4).map { Int16($0) }
            frame.withUnsafeBufferPointer { frame in frame.baseAddress.map { preRoll.append($0, count: 4) } }
        }
        #expect(preRoll.last(6) == [22, 23, 24, 25, 26, 27])
        #expect(preRoll.last(99) == Array(18...27))
        #expect(preRoll.last(-1).isEmpty)
    }

    @Test func `speech is played once and in order, and what is played is no longer held`() {
        var store = SpeechStore()
        let forgotten = store.expect(1)
        let kept = [
            store.append(Array(0..<10), generation: 1, clause: 1),
            store.append(Array(10..<20), generation: 1, clause: 1),
        ]
        var target = [Int16](repeating: -1, count: 15)
        target.withUnsafeMutableBufferPointer {
            store.copy(generation: 1, clause: 1, offset: 0, count: 15, to: $0)
        }
        let held = store.release(generation: 1, clause: 1)
        #expect(forgotten == 0 && kept == [true, true])
        #expect(target == Array(0..<15))
        #expect(held == 5)
        #expect(store.isEmpty)
    }

    @Test func `audio of a speech that is over, or was never asked for, is not kept`() {
        var store = SpeechStore()
        let early = store.append([1, 2], generation: 1, clause: 1)
        _ = store.expect(1)
        let expected = store.append([1, 2], generation: 1, clause: 1)
        let held = store.end(1)
        let late = store.append([3], generation: 1, clause: 1)
        #expect([early, expected, late] == [false, true, false])
        #expect(held == 2)
        #expect(store.isEmpty)
    }

    @Test func `what is missing of a frame is silence, and a ramp takes half of it`() {
        let builder = FrameBuilder(frameSamples: 8)
        let room = builder.room(for: 4)
        for index in room.indices { room[index] = 1000 }
        #expect(Array(builder.finish(.unity)) == [1000, 1000, 1000, 1000, 0, 0, 0, 0])
        let whole = builder.room(for: 99)
        for index in whole.indices { whole[index] = 1000 }
        #expect(Array(builder.finish(GainRamp(from: 1, to: 0.25))) == [1000, 812, 625, 437, 250, 250, 250, 250])
    }
}
