// SPDX-License-Identifier: Apache-2.0

/// 16-bit mono audio of a WAV file.
package struct WAVAudio: Hashable, Sendable {
    /// Hz.
    package var rate: Int
    package var samples: [Int16]

    package init(rate: Int, samples: [Int16]) {
        self.rate = rate
        self.samples = samples
    }

    package var duration: Duration { .nanoseconds(Int64(samples.count) * 1_000_000_000 / Int64(max(1, rate))) }
}

/// Reads RIFF/WAVE with 16-bit PCM, mono or stereo (mixed down), also as WAVE_FORMAT_EXTENSIBLE. The bytes may be
/// anything: every read is checked, and no size in the file is believed.
package enum WAVReader {
    /// - Throws: ``WAVError``.
    package static func read(_ bytes: [UInt8]) throws(WAVError) -> WAVAudio {
        let bytes = WAVBytes(bytes)
        guard bytes.tag(at: 0) == "RIFF", bytes.tag(at: 8) == "WAVE" else {
            throw WAVError(
                .notRIFF, "the file does not begin with RIFF and WAVE", offset: bytes.tag(at: 0) == "RIFF" ? 8 : 0)
        }
        var format: WAVFormat?
        var position = 12
        while position < bytes.count {
            let chunk = try WAVChunk(bytes, at: position)
            switch chunk.tag {
            case "fmt ": format = try WAVFormat(bytes, chunk)
            case "data":
                guard let format else {
                    throw WAVError(.noFormat, "the audio comes before its format", offset: position)
                }
                return WAVAudio(rate: format.rate, samples: try samples(bytes, chunk, format))
            default: break
            }
            position = chunk.next
        }
        throw WAVError(format == nil ? .noFormat : .noData, "the file ends without audio", offset: bytes.count)
    }

    private static func samples(_ bytes: WAVBytes, _ chunk: WAVChunk, _ format: WAVFormat) throws(WAVError) -> [Int16] {
        let frame = 2 * format.channels
        // A recording that was cut off ends anywhere; a chunk that says so itself is wrong.
        guard chunk.isOpenEnded || chunk.body.count % frame == 0 else {
            throw WAVError(.truncated, "the audio ends inside a sample", offset: chunk.body.upperBound)
        }
        let count = chunk.body.count / frame
        let start = chunk.body.lowerBound
        if format.channels == 1 { return (0..<count).map { bytes.sample(at: start + $0 * 2) } }
        return (0..<count).map { index in
            let left = Int(bytes.sample(at: start + index * 4))
            let right = Int(bytes.sample(at: start + index * 4 + 2))
            return Int16((left + right) / 2)
        }
    }
}

/// One chunk: a tag, and where its body lies.
private struct WAVChunk {
    /// What a recorder writes that does not know the length yet.
    private static let unknownSize = Int(UInt32.max)

    var tag: String
    var body: Range<Int>
    /// The body goes on to the end of the file, whatever its size.
    var isOpenEnded = false

    init(_ bytes: WAVBytes, at position: Int) throws(WAVError) {
        guard let tag = bytes.tag(at: position), let size = bytes.uint32(at: position + 4).map(Int.init) else {
            throw WAVError(.truncated, "the file ends inside a chunk's head", offset: position)
        }
        self.tag = tag
        let start = position + 8
        if tag == "data", size == Self.unknownSize {
            body = start..<bytes.count
            isOpenEnded = true
            return
        }
        guard size <= bytes.count - start else {
            throw WAVError(
                .truncated, "the chunk promises \(size) bytes, \(bytes.count - start) follow", offset: position + 4)
        }
        body = start..<start + size
    }

    /// Chunks begin at even offsets.
    var next: Int { body.upperBound + body.count % 2 }
}

/// The `fmt ` chunk, checked.
private struct WAVFormat {
    private static let pcm = 1
    private static let extensible = 0xFFFE
    private static let rates = 1000...384_000

    var rate: Int
    var channels: Int

    init(_ bytes: WAVBytes, _ chunk: WAVChunk) throws(WAVError) {
        let start = chunk.body.lowerBound
        guard chunk.body.count >= 16, let code = bytes.uint16(at: start), let channels = bytes.uint16(at: start + 2),
            let rate = bytes.uint32(at: start + 4), let align = bytes.uint16(at: start + 12),
            let bits = bytes.uint16(at: start + 14)
        else {
            throw WAVError(
                .invalidFormat, "the format is \(chunk.body.count) bytes, at least 16 are needed", offset: start)
        }
        try Self.checkPCM(Int(code), bytes, chunk)
        guard bits == 16 else {
            throw WAVError(.unsupported, "samples of \(bits) bits; only 16 are read", offset: start + 14)
        }
        guard (1...2).contains(channels) else {
            throw WAVError(.unsupported, "\(channels) channels; only one or two are read", offset: start + 2)
        }
        guard Self.rates.contains(Int(rate)) else {
            throw WAVError(.unsupported, "a rate of \(rate) Hz", offset: start + 4)
        }
        guard align == channels * 2 else {
            throw WAVError(
                .invalidFormat, "blocks of \(align) bytes for \(channels) channels of 16 bits", offset: start + 12)
        }
        self.rate = Int(rate)
        self.channels = Int(channels)
    }

    /// In the extensible form the real code begins a GUID, 24 bytes in.
    private static func checkPCM(_ code: Int, _ bytes: WAVBytes, _ chunk: WAVChunk) throws(WAVError) {
        let start = chunk.body.lowerBound
        guard code == extensible else {
            guard code == pcm else {
                throw WAVError(.unsupported, "format code \(code); only PCM is read", offset: start)
            }
            return
        }
        guard chunk.body.count >= 40, let real = bytes.uint16(at: start + 24) else {
            throw WAVError(.invalidFormat, "an extensible format needs 40 bytes", offset: start)
        }
        guard Int(real) == pcm else {
            throw WAVError(.unsupported, "extensible format code \(real); only PCM is read", offset: start + 24)
        }
    }
}

/// Bytes that answer nil beyond their end.
private struct WAVBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    func tag(at offset: Int) -> String? {
        guard offset >= 0, offset <= bytes.count - 4 else { return nil }
        return String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
    }

    func uint16(at offset: Int) -> UInt16? {
        guard offset >= 0, offset <= bytes.count - 2 else { return nil }
        return UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    func uint32(at offset: Int) -> UInt32? {
        guard let low = uint16(at: offset), let high = uint16(at: offset + 2) else { return nil }
        return UInt32(low) | UInt32(high) << 16
    }

    func sample(at offset: Int) -> Int16 { Int16(bitPattern: uint16(at: offset) ?? 0) }
}
