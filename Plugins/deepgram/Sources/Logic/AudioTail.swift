// SPDX-License-Identifier: Apache-2.0

/// The end of the caller's audio: what the vendor may have to hear again after a lost connection.
///
/// Positions are samples of everything that was ever put in. Bounded: the oldest samples go first.
struct AudioTail {
    private let limit: Int
    private var samples: [Int16] = []
    /// Samples at the front that are dropped already; moved out now and then.
    private var dropped = 0
    private var base: Int64 = 0

    /// - Parameter limit: How many samples are kept at most.
    init(limit: Int) { self.limit = max(1, limit) }

    /// The oldest sample that is kept.
    var start: Int64 { base + Int64(dropped) }
    /// One behind the newest.
    var end: Int64 { base + Int64(samples.count) }

    /// - Returns: How many old samples had to go that nobody had confirmed.
    @discardableResult
    mutating func append(_ new: Span<Int16>) -> Int {
        for index in new.indices { samples.append(new[index]) }
        return trim()
    }

    @discardableResult
    mutating func appendSilence(_ count: Int) -> Int {
        samples.append(contentsOf: repeatElement(0, count: max(0, count)))
        return trim()
    }

    /// Forgets what lies before a position.
    mutating func drop(before position: Int64) {
        let count = Int(clamping: min(position, end) - base)
        guard count > dropped else { return }
        dropped = count
        if dropped > limit / 4 || dropped == samples.count { compact() }
    }

    /// A copy of at most `count` samples from `position` on, as little-endian bytes.
    func bytes(from position: Int64, atMost count: Int) -> [UInt8] {
        let first = Int(clamping: max(position, start) - base)
        let last = min(samples.count, first + max(0, count))
        guard first < last else { return [] }
        return samples[first..<last].withUnsafeBytes { Array($0) }
    }

    private mutating func trim() -> Int {
        let over = samples.count - dropped - limit
        guard over > 0 else { return 0 }
        dropped += over
        if dropped > limit / 4 { compact() }
        return over
    }

    private mutating func compact() {
        samples.removeFirst(dropped)
        base += Int64(dropped)
        dropped = 0
    }
}
