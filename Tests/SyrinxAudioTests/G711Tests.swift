// SPDX-License-Identifier: Apache-2.0

import SyrinxAudio
import Testing

@Suite("G.711", .tags(.unit)) struct G711Tests {
    /// The ends and the middle of the tables of ITU-T G.711, in 16 bits.
    @Test(arguments: [
        (G711.muLaw, [0x00: -32_124, 0x80: 32_124, 0xff: 0, 0x7f: 0, 0xfe: 8, 0x7e: -8, 0xef: 132, 0x8f: 16_764]),
        (G711.aLaw, [0x2a: -32_256, 0xaa: 32_256, 0xd5: 8, 0x55: -8, 0xd4: 24, 0xc5: 264, 0x95: 2112, 0xb5: 8448]),
    ])
    func `codes stand for the levels of the standard`(law: G711, levels: [UInt8: Int16]) {
        for (code, level) in levels { #expect(law.decode(code) == level, "\(code)") }
    }

    @Test(arguments: [G711.muLaw, .aLaw])
    func `every code survives a round trip`(law: G711) {
        for code in UInt8.min...UInt8.max {
            // µ-law has two codes for zero.
            let isOtherZero = law == .muLaw && code == 0x7f
            #expect(law.encode(law.decode(code)) == (isOtherZero ? 0xff : code))
        }
    }

    /// Where two segments meet the standard decides by the finer one's steps, so "nearest" is not the rule.
    @Test(arguments: [(G711.muLaw, 32_635), (.aLaw, 32_767)])
    func `every sample becomes a level beside it, and none passes another`(law: G711, loudest: Int) {
        let levels = (UInt8.min...UInt8.max).map { Int(law.decode($0)) }.sorted()
        var wrong: [Int16] = []
        var last = Int.min
        var place = 0
        for sample in Int16.min...Int16.max {
            let wanted = min(max(Int(sample), -loudest), loudest)
            let level = Int(law.decode(law.encode(sample)))
            while place + 1 < levels.count, levels[place + 1] <= wanted { place += 1 }
            let beside = levels[max(place - 1, 0)...min(place + 1, levels.count - 1)]
            if !beside.contains(level) || level < last { wrong.append(sample) }
            // Half a step of the segment at most.
            if abs(level - wanted) > max(8, abs(wanted) / 16) { wrong.append(sample) }
            last = level
        }
        #expect(wrong.isEmpty, "\(wrong.count) samples, the first \(wrong.prefix(4))")
    }
}
