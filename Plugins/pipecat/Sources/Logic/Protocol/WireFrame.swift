// SPDX-License-Identifier: Apache-2.0

/// One binary message of the socket: Pipecat's `Frame`, of which this side needs four kinds and skips the fifth.
enum WireFrame: Hashable {
    /// Interleaved 16 bit little-endian samples.
    case audio(ArraySlice<UInt8>, rate: UInt64, channels: UInt64)
    case text(String)
    case transcription(String)
    /// JSON, as a rule of RTVI.
    case message(String)
    /// What waits to be played is not to be.
    case interruption
    /// Of a kind that this side does not know, or of none.
    case unknown

    private enum Kind {
        static let text: UInt64 = 1
        static let audio: UInt64 = 2
        static let transcription: UInt64 = 3
        static let message: UInt64 = 4
        static let interruption: UInt64 = 5
    }

    /// Reads a message; nil when it is no protobuf.
    init?(_ bytes: [UInt8]) {
        var reader = ProtoReader(bytes[...])
        self = .unknown
        // The last member of a oneof counts.
        while !reader.isAtEnd {
            guard let (kind, value) = reader.field() else { return nil }
            guard case .bytes(let body) = value, (Kind.text...Kind.interruption).contains(kind) else { continue }
            guard let frame = Self.read(kind, body) else { return nil }
            self = frame
        }
    }

    private static func read(_ kind: UInt64, _ body: ArraySlice<UInt8>) -> WireFrame? {
        var reader = ProtoReader(body)
        var bytes: [UInt64: ArraySlice<UInt8>] = [:]
        var numbers: [UInt64: UInt64] = [:]
        while !reader.isAtEnd {
            guard let (field, value) = reader.field() else { return nil }
            // No message has more than six fields.
            guard field <= 6 else { continue }
            switch value {
            case .bytes(let value): bytes[field] = value
            case .number(let value): numbers[field] = value
            case .other: break
            }
        }
        func string(_ field: UInt64) -> String { String(decoding: bytes[field] ?? [], as: UTF8.self) }
        return switch kind {
        case Kind.text: .text(string(3))
        case Kind.audio: .audio(bytes[3] ?? [], rate: numbers[4] ?? 0, channels: numbers[5] ?? 0)
        case Kind.transcription: .transcription(string(3))
        case Kind.message: .message(string(1))
        default: .interruption
        }
    }

    // MARK: What is sent

    static func bytes(audio samples: [Int16], rate: UInt32) -> [UInt8] {
        var body = ProtoWriter()
        samples.withUnsafeBytes { body.write(3, bytes: $0) }
        body.write(4, number: UInt64(rate))
        body.write(5, number: 1)
        return frame(Kind.audio, body)
    }

    static func bytes(message json: String) -> [UInt8] {
        var body = ProtoWriter()
        body.write(1, bytes: json.utf8)
        return frame(Kind.message, body)
    }

    static let interruptionBytes = frame(Kind.interruption, ProtoWriter())

    private static func frame(_ kind: UInt64, _ body: ProtoWriter) -> [UInt8] {
        var frame = ProtoWriter()
        frame.write(kind, bytes: body.bytes)
        return frame.bytes
    }
}
