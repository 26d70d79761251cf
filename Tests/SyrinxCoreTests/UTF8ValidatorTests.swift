// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite("UTF-8 in pieces")
struct UTF8ValidatorTests {
    /// Around every border of the table of well-formed sequences.
    private static let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xE1, 0xF4, 0xFF]

    private func isValid(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        return bytes.withUnsafeBytes { validator.take($0) } && validator.isComplete
    }

    @Test func `agrees with the standard library on every first byte with all borders behind it`() {
        var wrong: [[UInt8]] = []
        for first in UInt8.min...UInt8.max {
            for second in Self.edges {
                for third in Self.edges {
                    for fourth in Self.edges {
                        let bytes = [first, second, third, fourth]
                        if isValid(bytes) != (String(validating: bytes, as: UTF8.self) != nil) { wrong.append(bytes) }
                    }
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    @Test func `takes every character there is`() {
        for number in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(number) else { continue }
            guard isValid(Array(String(Character(scalar)).utf8)) else {
                Issue.record("U+\(String(number, radix: 16)) was refused")
                return
            }
        }
    }

    @Test(
        arguments: [
            ([0xC0], 0), ([0xC1], 0), ([0xF5], 0), ([0xFF], 0), ([0x80], 0), ([0xE0, 0x9F], 1), ([0xED, 0xA0], 1),
            ([0xF0, 0x8F], 1), ([0xF4, 0x90], 1), ([0xE2, 0x82, 0x41], 2), ([0xF0, 0x9F, 0x98, 0xC0], 3),
            ([0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0xFE], 9), ([0xC3, 0xC3], 1),
        ] as [([UInt8], Int)])
    func `refuses at the first byte that cannot be`(bytes: [UInt8], at: Int) {
        var validator = UTF8Validator()
        let first = bytes.firstIndex { byte in withUnsafeBytes(of: byte) { !validator.take($0) } }
        #expect(first == at)
        #expect(!isValid(bytes))
    }

    @Test func `a character may lie on both sides of a piece`() {
        let bytes = Array("aé€😀 — plain words behind it".utf8)
        for cut in 0...bytes.count {
            var validator = UTF8Validator()
            #expect(bytes[..<cut].withUnsafeBytes { validator.take($0) })
            #expect(validator.isComplete == (String(validating: bytes[..<cut], as: UTF8.self) != nil))
            #expect(bytes[cut...].withUnsafeBytes { validator.take($0) })
            #expect(validator.isComplete)
        }
    }
}
