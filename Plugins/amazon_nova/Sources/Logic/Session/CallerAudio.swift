// SPDX-License-Identifier: Apache-2.0

/// The caller's audio in the pieces that the vendor wants, without gaps: it measures silence to find the turn's end, and
/// ends a session that gets none (protocol page, "Audio" and "Limits and traps").
struct CallerAudio {
    static let pieceMilliseconds = 32
    /// So long may frames stay away before silence stands in.
    static let patience: Int64 = 200_000_000
    private static let maximumFill: Int64 = 1_000_000_000

    private let sampleRate: Int
    private var rest: [Int16] = []
    /// Up to when there is audio, on the host's clock in nanoseconds.
    private var end: Int64

    init(sampleRate: UInt32, now: Int64) {
        self.sampleRate = Int(sampleRate)
        end = now
    }

    /// Takes samples and returns the pieces that they complete.
    mutating func add(_ samples: [Int16], now: Int64) -> [[Int16]] {
        end = now
        rest += samples
        return takePieces()
    }

    /// Silence for the time that nothing came.
    mutating func fill(now: Int64) -> [[Int16]] {
        let gap = now - end
        guard gap >= Self.patience else { return [] }
        end = now
        let count = Int(min(gap, Self.maximumFill)) / 1_000 * sampleRate / 1_000_000
        rest += [Int16](repeating: 0, count: count)
        return takePieces()
    }

    private mutating func takePieces() -> [[Int16]] {
        let count = sampleRate * Self.pieceMilliseconds / 1_000
        var (pieces, start): ([[Int16]], Int) = ([], 0)
        while rest.count - start >= count {
            pieces.append(Array(rest[start..<start + count]))
            start += count
        }
        rest.removeFirst(start)
        return pieces
    }
}
