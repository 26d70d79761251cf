// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import Testing

@testable internal import SyrinxSimulators

/// Each kind of malformed message is what it promises to be.
@Suite struct MalformationTests {
    private static let message = Array(
        #"{"type":"Results","event":"x","start":1.5,"n":[1,2],"final":true,"text":"héllo","none":null}"#.utf8)

    private func applied(_ kind: Malformation) -> [UInt8] { kind.applied(to: Self.message) }

    private func isJSON(_ bytes: [UInt8]) -> Bool { (try? JSONValue(parsing: bytes)) != nil }

    @Test(arguments: Malformation.allCases)
    func `each kind changes the message, and traps on none`(kind: Malformation) {
        #expect(applied(kind) != Self.message)
        // Audio and other bytes do not trap either.
        for bytes in [[], [0], [0xFF, 0xFE, 0xFD], [UInt8](repeating: 7, count: 1000)] { _ = kind.applied(to: bytes) }
    }

    @Test
    func `half is the first half`() {
        #expect(Self.message.starts(with: applied(.half)))
        #expect(applied(.half).count % 2 == 1)
        #expect(!isJSON(applied(.half)))
    }

    @Test
    func `invalid UTF-8 is none`() { #expect(String(validating: applied(.invalidUTF8), as: UTF8.self) == nil) }

    @Test
    func `wrong types keep the keys that name the type`() throws {
        let value = try JSONValue(parsing: applied(.wrongTypes))
        #expect(value["type"] == "Results" && value["event"] == "x")
        #expect(value["start"]?.string != nil && value["text"]?.int != nil)
        #expect(value["n"]?.object != nil && value["final"]?.array != nil && value["none"]?.bool != nil)
    }

    @Test
    func `huge numbers are still JSON`() {
        let text = String(decoding: applied(.hugeNumbers), as: UTF8.self)
        #expect(text.contains("123456789012345678901234567890"))
        #expect(text.contains("\"text\":\"héllo\"") && !text.contains("1.5"))
        #expect(isJSON(applied(.hugeNumbers)))
    }

    @Test
    func `the others are what they are called`() {
        #expect(applied(.empty).isEmpty)
        #expect(!isJSON(applied(.notJSON)))
        #expect(!isJSON(applied(.deep)) && applied(.deep).count == 10_000)
        #expect(applied(.oversized).count > 4 << 20)
    }
}
