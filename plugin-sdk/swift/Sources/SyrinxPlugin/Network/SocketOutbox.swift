// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// Messages for one socket that wait while the host says ``Status/again``.
///
/// Bounded, and drops nothing silently. Call ``flush()`` on ``NetworkEvent/writable(_:)``. Large messages go out in
/// parts, so that one of them fits through any host's window.
public struct SocketOutbox: Sendable {
    private struct Piece {
        let bytes: [UInt8]
        let flags: UInt32
    }

    /// A quarter of the host's window.
    private static let pieceBytes = Int(SYX_IO_WINDOW) / 4

    private let host: SessionHost
    private let id: NetworkID
    private let limit: Int
    private var waiting: [Piece] = []
    private var first = 0

    /// Makes an empty outbox for a socket.
    ///
    /// - Parameters:
    ///   - host: The session's host.
    ///   - id: The socket.
    ///   - limit: How many pieces (messages of at most 64 KiB, or parts of larger ones) may wait.
    public init(_ host: SessionHost, _ id: NetworkID, limit: Int = 1024) {
        self.host = host
        self.id = id
        self.limit = limit
    }

    /// How many pieces wait.
    public var count: Int { waiting.count - first }

    /// Sends a text message now, or as soon as the host takes it.
    ///
    /// - Returns: ``Status/ok`` when sent or kept; ``Status/again`` when too many wait: it was not taken; else what the
    ///   host answered.
    public mutating func sendText(_ text: String) -> Status {
        var text = text
        return text.withUTF8 { send(UnsafeRawBufferPointer($0), flags: 0) }
    }

    /// Sends a binary message; answers as ``sendText(_:)``.
    public mutating func sendBinary(_ bytes: [UInt8]) -> Status {
        bytes.withUnsafeBytes { send($0, flags: UInt32(SYX_WS_BINARY)) }
    }

    /// Sends what waits, until the host refuses again.
    public mutating func flush() {
        while first < waiting.count, deliver(waiting[first]) != .again { first += 1 }
        if first == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 256 {
            waiting.removeFirst(first)
            first = 0
        }
    }

    private mutating func send(_ bytes: UnsafeRawBufferPointer, flags: UInt32) -> Status {
        let pieces = max(1, (bytes.count + Self.pieceBytes - 1) / Self.pieceBytes)
        if count == 0, pieces == 1 {
            let status = host.sendPiece(id, bytes, flags: flags)
            guard status == .again else { return status }
        }
        guard pieces <= limit - count else { return .again }
        for index in 0..<pieces {
            let start = index * Self.pieceBytes
            let part = bytes[start..<min(start + Self.pieceBytes, bytes.count)]
            waiting.append(Piece(bytes: Array(part), flags: flags | (index + 1 < pieces ? UInt32(SYX_WS_PART) : 0)))
        }
        flush()
        return .ok
    }

    private func deliver(_ piece: Piece) -> Status {
        piece.bytes.withUnsafeBytes { host.sendPiece(id, $0, flags: piece.flags) }
    }
}
