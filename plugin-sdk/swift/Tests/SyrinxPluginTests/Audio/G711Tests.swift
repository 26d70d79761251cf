// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

/// Against Python's `audioop` (lin2ulaw, ulaw2lin, lin2alaw, alaw2lin), whose tables are the ITU's: the SHA-256 of the whole
/// range, and values to read.
@Suite("G.711")
struct G711Tests {
    static let everySample = (Int(Int16.min)...Int(Int16.max)).map { Int16($0) }

    @Test(arguments: [
        (G711.muLaw, "3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827"),
        (.aLaw, "e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174"),
    ])
    func `decodes all 256 bytes as the reference does`(code: G711, digest: String) {
        let samples = code.decode((0...255).map { UInt8($0) })
        let bytes = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        #expect(SHA256.hash(bytes).hex == digest)
        #expect((0...255).allSatisfy { code.decode(UInt8($0)) == samples[$0] })
    }

    @Test(arguments: [
        (G711.muLaw, "81d633c9e6972a18c74a58720b96cb8ca0bdd096d4060b646dd708c3b846019a"),
        (.aLaw, "38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b"),
    ])
    func `encodes all 65 536 samples as the reference does`(code: G711, digest: String) {
        let bytes = code.encode(Self.everySample)
        #expect(SHA256.hash(bytes).hex == digest)
        #expect(code.encode(Self.everySample.span) == bytes)
    }

    static let values: [(Int16, UInt8, UInt8)] = [
        (-32_768, 0, 42), (-1_000, 78, 122), (-4, 126, 85), (-1, 126, 85), (0, 255, 213), (3, 255, 213), (4, 254, 213),
        (100, 242, 211), (1_000, 206, 250), (10_000, 156, 182), (32_767, 128, 170),
    ]

    @Test(arguments: values)
    func `has the reference's values`(sample: Int16, muLaw: UInt8, aLaw: UInt8) {
        #expect(G711.muLaw.encode(sample) == muLaw)
        #expect(G711.aLaw.encode(sample) == aLaw)
    }

    @Test(arguments: G711.allCases)
    func `encodes what was decoded as the same byte`(code: G711) {
        for byte in UInt8.min...UInt8.max where !(code == .muLaw && byte == 0x7F) {
            #expect(code.encode(code.decode(byte)) == byte)
        }
        #expect(code.encode(0) == code.silence)
    }

    @Test(arguments: G711.allCases)
    func `errs by less than a step of its size`(code: G711) {
        for sample in Self.everySample {
            let error = abs(Int(code.decode(code.encode(sample))) - Int(sample))
            #expect(error <= max(16, abs(Int(sample)) / 16))
        }
    }
}

extension [UInt8] {
    fileprivate var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
