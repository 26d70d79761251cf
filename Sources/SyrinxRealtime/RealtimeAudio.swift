// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAudio
internal import SyrinxCore

/// How the client's audio is written.
enum AudioFormat: String, Sendable {
    /// 16-bit little-endian mono, 24 kHz.
    case pcm = "audio/pcm"
    /// G.711, 8 kHz.
    case pcmu = "audio/pcmu"
    case pcma = "audio/pcma"

    var json: JSONValue {
        self == .pcm ? ["type": "audio/pcm", "rate": 24_000] : ["type": .string(rawValue)]
    }

    var law: G711? {
        switch self {
        case .pcm: nil
        case .pcmu: .muLaw
        case .pcma: .aLaw
        }
    }
}

/// The client's audio in one direction, and the session's, which is at 24 kHz always. One thread at a time.
struct AudioCodec {
    let format: AudioFormat
    private let resampler: Resampler?

    enum Direction {
        case fromClient, toClient
    }

    init(_ format: AudioFormat, _ direction: Direction) {
        self.format = format
        let rate = RealtimeTranslator.rate
        guard format.law != nil else {
            resampler = nil
            return
        }
        resampler = direction == .fromClient ? Resampler(from: 8000, to: rate) : Resampler(from: rate, to: 8000)
    }

    /// - Returns: nil when the bytes are not whole samples.
    func samples(of bytes: [UInt8]) -> [Int16]? {
        guard let law = format.law else {
            guard bytes.count % 2 == 0 else { return nil }
            return stride(from: 0, to: bytes.count, by: 2).map {
                Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
            }
        }
        return resampled(bytes.map(law.decode))
    }

    func bytes(of samples: [Int16]) -> [UInt8] {
        if let law = format.law { return resampled(samples).map(law.encode) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for sample in samples {
            bytes.append(UInt8(truncatingIfNeeded: sample))
            bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        return bytes
    }

    private func resampled(_ samples: [Int16]) -> [Int16] {
        guard let resampler else { return samples }
        var output: [Int16] = []
        samples.withUnsafeBufferPointer { resampler.convert($0, into: &output) }
        return output
    }
}
