// SPDX-License-Identifier: Apache-2.0

/// Turns 16 bit little-endian samples, plain or as base64, into samples; one may be cut between two pieces.
public struct SampleDecoder: Sendable {
    private var odd: UInt8?

    /// Begins a stream.
    public init() {}

    /// Decodes the next piece; nil when the text is base64 in neither alphabet (RFC 4648, 4 and 5).
    public mutating func decode(_ text: String) -> [Int16]? {
        (Base64.decode(text) ?? Base64.decode(Self.standard(text))).map { decode($0) }
    }

    /// Decodes the next piece.
    public mutating func decode(_ piece: [UInt8]) -> [Int16] {
        var bytes = piece
        if let odd { bytes.insert(odd, at: 0) }
        odd = bytes.count.isMultiple(of: 2) ? nil : bytes.removeLast()
        return bytes.withUnsafeBytes { raw in
            (0..<raw.count / 2).map { Int16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) }
        }
    }

    private static func standard(_ urlSafe: String) -> String {
        String(decoding: urlSafe.utf8.map { $0 == 0x2D ? 0x2B : $0 == 0x5F ? 0x2F : $0 }, as: UTF8.self)
    }
}
