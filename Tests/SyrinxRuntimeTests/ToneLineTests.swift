// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyrinxRuntime

@Suite("Tones in the place of the agent's voice")
struct ToneLineTests {
    /// Frames of 20 ms at 8 kHz; a key is nine of them.
    private func frames(of line: inout ToneLine) -> Int {
        var count = 0
        while line.insert(160) != nil { count += 1 }
        return count
    }

    @Test func `keys last as long as their tones and pauses`() {
        var line = ToneLine(rate: 8_000)
        #expect(line.insert(160) == nil)
        #expect(line.replace(160) == nil)
        #expect(line.press("12") == true)
        #expect(frames(of: &line) == 18)
        #expect(line.press("3") == true)
        #expect(frames(of: &line) == 9)
    }

    @Test func `what is no key takes nothing, and 64 wait at most`() {
        var line = ToneLine(rate: 8_000)
        #expect(["12x", "", String(repeating: "1", count: 65)].map { line.press($0) } == [false, false, false])
        #expect(line.isIdle)
        #expect([String(repeating: "1", count: 64), "1"].map { line.press($0) } == [true, false])
        for _ in 0..<9 { _ = line.insert(160) }
        #expect(["1", "1"].map { line.press($0) } == [true, false])
    }

    /// What was played is told in all samples that were sent; the heard words are counted in the agent's.
    @Test func `tones between the agent's words are none of them, tones in their place are`() {
        var line = ToneLine(rate: 8_000)
        _ = line.replace(1_600)
        #expect(line.press("1") == true)
        for _ in 0..<4 { _ = line.insert(160) }
        #expect(line.replace(800) != nil)
        #expect(line.replace(160) == nil, "the tone is over")
        #expect(line.sent == 1_600 + 640 + 960)
        let spoken = [0, 1_600, 1_700, 2_240, 2_300, 3_200].map { line.spoken(before: $0) }
        #expect(spoken == [0, 1_600, 1_600, 1_600, 1_660, 2_560])
    }

    @Test func `a long call forgets where its first tones were, and not how many`() {
        var line = ToneLine(rate: 8_000)
        for _ in 0..<200 {
            #expect(line.press("1") == true)
            _ = frames(of: &line)
            _ = line.replace(160)
        }
        #expect(line.spoken(before: line.sent) == 200 * 160)
    }
}
