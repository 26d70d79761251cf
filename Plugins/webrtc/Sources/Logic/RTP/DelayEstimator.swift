// SPDX-License-Identifier: Apache-2.0

/// How long packets have to wait so that nearly all of them are there when their turn comes.
///
/// Times are in 1/48000 s. A packet's transit is when it came minus its timestamp: an unknown constant plus its delay. Only
/// the last seconds count, so a drift of the clocks moves the constant and changes nothing else.
struct DelayEstimator {
    /// 5 s of 20 ms packets.
    private static let window = 250
    /// Until so many came, the initial delay holds.
    private static let enough = 25
    private static let refreshEvery = 25
    /// One packet beyond the percentile: the packet has to be there when its turn comes.
    private static let margin: Int64 = 960
    /// How fast what lateness added is forgotten, for each refresh.
    private static let forgetting: Int64 = 120

    private let minimum: Int64
    private let maximum: Int64
    private var transits: [Int64] = []
    private var position = 0
    private var sinceRefresh = 0
    private var extra: Int64 = 0

    /// The wait of the fastest packet.
    private(set) var target: Int64
    /// The transit of the fastest packet.
    private(set) var fastest: Int64 = 0

    init(minimum: Int64, initial: Int64, maximum: Int64) {
        self.minimum = minimum
        self.maximum = max(minimum, maximum)
        target = min(max(initial, minimum), self.maximum)
    }

    mutating func note(transit: Int64) {
        if transits.isEmpty { fastest = transit }
        if transits.count < Self.window {
            transits.append(transit)
        } else {
            transits[position] = transit
            position = (position + 1) % Self.window
        }
        fastest = min(fastest, transit)
        sinceRefresh += 1
        if sinceRefresh >= Self.refreshEvery { refresh() }
    }

    /// A packet came when its turn was over by so much.
    mutating func note(lateBy lateness: Int64) {
        guard lateness > 0 else { return }
        extra = min(extra + min(lateness, 960) / 2, maximum)
        setTarget()
    }

    /// Another stream: what is known is of no use.
    mutating func reset() {
        transits = []
        position = 0
        sinceRefresh = 0
        fastest = 0
    }

    private var percentile: Int64 = 0

    private mutating func refresh() {
        sinceRefresh = 0
        extra = max(0, extra - Self.forgetting)
        let sorted = transits.sorted()
        guard let first = sorted.first else { return }
        fastest = first
        percentile = sorted[min(sorted.count - 1, sorted.count * 95 / 100)] - first
        guard sorted.count >= Self.enough else {
            target = min(max(target, percentile + Self.margin), maximum)
            return
        }
        setTarget()
    }

    private mutating func setTarget() {
        target = min(max(percentile + Self.margin + extra, minimum), maximum)
    }
}
