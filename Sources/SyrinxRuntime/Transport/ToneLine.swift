// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAudio

/// Keys for a far end that can be told them by their sound alone: the tones go where the agent's voice goes, in its
/// place while it speaks. It also knows what of all that was sent is the agent's.
struct ToneLine {
    /// Keys that may wait.
    static let limit = 64

    /// Hz.
    private let rate: Int
    private var tones: [Int16] = []
    private var offset = 0
    /// All samples that were sent, and where tones were put between the agent's: at `position` so many.
    private(set) var sent: Int64 = 0
    private var insertions: [(position: Int64, count: Int64)] = []
    /// Of insertions that were forgotten: what is played now is far behind them.
    private var forgotten: Int64 = 0

    init(rate: Int) { self.rate = rate }

    var isIdle: Bool { offset == tones.count }

    /// - Returns: false when a character is no key, or when too many wait; then nothing was taken.
    mutating func press(_ keys: String) -> Bool {
        let pieces = keys.compactMap { DTMF.samples($0, rate: rate) }
        guard let one = pieces.first, pieces.count == keys.count,
            (tones.count - offset) / one.count + pieces.count <= Self.limit
        else { return false }
        if isIdle { (tones, offset) = ([], 0) }
        tones += pieces.joined()
        return true
    }

    /// What is heard in the place of a frame of the agent's; nil = the frame itself.
    mutating func replace(_ count: Int) -> [Int16]? {
        let frame = take(count)
        sent &+= Int64(count)
        return frame
    }

    /// What is heard while the agent says nothing; nil = nothing more.
    mutating func insert(_ count: Int) -> [Int16]? {
        guard let frame = take(count) else { return nil }
        if let last = insertions.last, last.position &+ last.count == sent {
            insertions[insertions.count - 1].count &+= Int64(count)
        } else {
            if insertions.count == Self.limit { forgotten &+= insertions.removeFirst().count }
            insertions.append((sent, Int64(count)))
        }
        sent &+= Int64(count)
        return frame
    }

    private mutating func take(_ count: Int) -> [Int16]? {
        guard !isIdle, count > 0 else { return nil }
        let piece = tones[offset..<min(offset + count, tones.count)]
        offset += piece.count
        return piece + [Int16](repeating: 0, count: count - piece.count)
    }

    /// So many samples of the agent are among the first `position` that were sent.
    func spoken(before position: Int64) -> Int64 {
        let between = insertions.reduce(forgotten) { sum, insertion in
            sum &+ min(insertion.count, max(0, position &- insertion.position))
        }
        return max(0, position &- between)
    }
}
