// SPDX-License-Identifier: Apache-2.0

/// The caller's audio as a connection announces it.
struct DeepgramAudio {
    let rate: Int
    private let encoding: String
    /// Half of a sample, which comes with the next message.
    private var half: UInt8?

    /// Nil for what is not simulated: containers, and packed encodings but G.711.
    init?(_ request: SimulatedRequest) {
        let encoding = request.query("encoding") ?? ""
        guard ["linear16", "mulaw", "alaw"].contains(encoding),
            let rate = request.query("sample_rate").flatMap({ Int($0) }), (8_000...48_000).contains(rate),
            request.query("channels").map({ $0 == "1" }) ?? true
        else { return nil }
        self.encoding = encoding
        self.rate = rate
    }

    mutating func samples(_ bytes: [UInt8]) -> [Int16] {
        switch encoding {
        case "mulaw": return PCM.fromMulaw(bytes)
        case "alaw": return PCM.fromAlaw(bytes)
        default:
            let whole = (half.map { [$0] } ?? []) + bytes
            half = whole.count % 2 == 1 ? whole.last : nil
            return PCM.samples(whole)
        }
    }
}

/// The audio that a client asks for.
struct DeepgramSound {
    let rate: Int
    private let encoding: String

    /// Nil for what is not simulated.
    init?(_ request: SimulatedRequest) {
        encoding = request.query("encoding") ?? "linear16"
        rate = request.query("sample_rate").flatMap { Int($0) } ?? (encoding == "linear16" ? 24_000 : 8_000)
        guard ["linear16", "mulaw", "alaw"].contains(encoding), [8_000, 16_000, 24_000, 32_000, 48_000].contains(rate)
        else { return nil }
    }

    func bytes(_ samples: [Int16]) -> [UInt8] {
        switch encoding {
        case "mulaw": PCM.mulaw(samples)
        case "alaw": PCM.alaw(samples)
        default: PCM.bytes(samples)
        }
    }
}
