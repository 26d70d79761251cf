// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyrinxAudio

@Suite(.tags(.unit))
struct WAVTests {
    @Test(arguments: [8000, 16_000, 44_100, 48_000], [0, 1, 160, 12_345])
    func `what is written reads back the same`(rate: Int, count: Int) throws {
        var generator = SplitMix64(seed: UInt64(rate + count))
        let samples = (0..<count).map { _ in Int16.random(in: .min ... .max, using: &generator) }
        #expect(try WAVReader.read(file(rate: rate, samples)) == WAVAudio(rate: rate, samples: samples))
    }

    @Test
    func `a file in pieces equals a file at once`() {
        let samples: [Int16] = [1, -2, 3, -4, .min, .max]
        var encoder = WAVEncoder(rate: 16_000)
        let body = samples.flatMap { encoder.encode([$0]) }
        #expect(encoder.header + body == file(rate: 16_000, samples))
    }

    @Test
    func `a recording that was cut off still reads`() throws {
        var encoder = WAVEncoder(rate: 8000)
        let bytes = encoder.opening + encoder.encode([7, 8, 9]) + [1]
        #expect(try WAVReader.read(bytes).samples == [7, 8, 9])
    }

    @Test
    func `stereo is mixed down`() throws {
        let body = pcm([100, 300, -100, -300, .max, .max, .min, .min])
        #expect(try WAVReader.read(riff(format(channels: 2), body)).samples == [200, -200, .max, .min])
    }

    @Test
    func `the extensible form is PCM too`() throws {
        let bytes = riff(
            format(code: 0xFFFE, extra: little(22, 2) + little(16, 2) + little(4, 4) + little(1, 2) + guidTail),
            pcm([5]))
        #expect(try WAVReader.read(bytes).samples == [5])
    }

    @Test
    func `unknown chunks of odd length are stepped over`() throws {
        let odd = Array("LIST".utf8) + little(3, 4) + [1, 2, 3, 0]
        #expect(try WAVReader.read(riff(odd + format(), pcm([6]))).samples == [6])
    }

    @Test
    func `every refusal names its code and its byte`() {
        expect(.notRIFF, at: 0, [])
        expect(.notRIFF, at: 0, Array("OggS".utf8))
        expect(.notRIFF, at: 8, Array("RIFF1234AVI ".utf8))
        expect(.noFormat, at: 12, Array("RIFF1234WAVE".utf8))
        expect(.noFormat, at: 12, riff([], pcm([1])))
        expect(.noData, at: 36, riff(format(), []))
        expect(.truncated, at: 12, Array("RIFF1234WAVEfmt".utf8))
        expect(.truncated, at: 40, Array(file(rate: 8000, [1, 2]).dropLast()))
        expect(.unsupported, at: 20, riff(format(code: 3), pcm([1])))
        expect(.unsupported, at: 22, riff(format(channels: 6), pcm([1])))
        expect(.unsupported, at: 24, riff(format(rate: 1), pcm([1])))
        expect(.unsupported, at: 34, riff(format(bits: 24), pcm([1])))
        expect(.invalidFormat, at: 32, riff(format(align: 7), pcm([1])))
        expect(.invalidFormat, at: 20, riff(format(code: 0xFFFE), pcm([1])))
    }

    private func expect(
        _ code: WAVError.Code, at offset: Int, _ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: WAVError.self, sourceLocation: sourceLocation) { try WAVReader.read(bytes) }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.offset == offset, sourceLocation: sourceLocation)
    }
}

@Suite(.tags(.fuzz))
struct WAVFuzzTests {
    @Test
    func `five hundred damaged files are read or refused, never trapped on`() {
        let sound = file(rate: 16_000, (0..<200).map { Int16($0) })
        let stereo = riff(format(channels: 2), pcm((0..<200).map { Int16($0) }))
        for seed in 0..<500 {
            var generator = SplitMix64(seed: UInt64(seed))
            var bytes = seed % 2 == 0 ? sound : stereo
            for _ in 0..<Int.random(in: 1...6, using: &generator) { mutate(&bytes, &generator) }
            do {
                let audio = try WAVReader.read(bytes)
                #expect(audio.samples.count <= bytes.count / 2, "seed \(seed)")
            } catch {
                #expect((0...bytes.count + 8).contains(error.offset), "seed \(seed)")
            }
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SplitMix64) {
        guard !bytes.isEmpty else { return bytes.append(0) }
        // Most damage goes where the sizes and codes are.
        let near = Bool.random(using: &generator) ? min(bytes.count, 48) : bytes.count
        let index = Int.random(in: 0..<near, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
        case 1: bytes[index] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &generator) ?? 0
        case 2: bytes.removeSubrange(index...)
        case 3: bytes.remove(at: index)
        default: bytes.insert(contentsOf: bytes.prefix(8), at: index)
        }
    }
}

// MARK: files by hand

private func file(rate: Int, _ samples: [Int16]) -> [UInt8] {
    var encoder = WAVEncoder(rate: rate)
    let body = encoder.encode(samples)
    return encoder.header + body
}

private func riff(_ chunks: [UInt8], _ data: [UInt8]) -> [UInt8] {
    Array("RIFF".utf8) + little(4 + chunks.count + data.count, 4) + Array("WAVE".utf8) + chunks + data
}

private func pcm(_ samples: [Int16]) -> [UInt8] {
    Array("data".utf8) + little(samples.count * 2, 4) + samples.flatMap { little(Int(UInt16(bitPattern: $0)), 2) }
}

private func format(
    code: Int = 1, channels: Int = 1, rate: Int = 16_000, align: Int? = nil, bits: Int = 16, extra: [UInt8] = []
) -> [UInt8] {
    let body = little(code, 2) + little(channels, 2) + little(rate, 4) + little(rate * 2 * channels, 4)
    let rest = little(align ?? 2 * channels, 2) + little(bits, 2) + extra
    return Array("fmt ".utf8) + little(body.count + rest.count, 4) + body + rest
}

private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// KSDATAFORMAT_SUBTYPE_PCM after its first two bytes.
private let guidTail: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
