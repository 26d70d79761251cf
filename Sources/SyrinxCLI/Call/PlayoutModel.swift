// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What the caller's loudspeaker would do: audio that arrives waits behind what still plays, `audio.clear` drops what
/// has not been played, and where nothing plays there is silence. Positions count samples since the call began.
package struct PlayoutModel: Sendable {
    /// More than the server may ever be ahead; a server that sends on and on must not fill the memory.
    private static let longestQueue = 60

    private let rate: Int
    private let began: Instant
    /// Played and waiting samples; the first is at `taken`.
    private var queue: [Int16] = []
    private var taken = 0
    /// Where the loudspeaker is.
    private var position = 0

    package init(rate: Int, began: Instant) {
        self.rate = rate
        self.began = began
    }

    /// - Returns: the instant at which the first of these samples is heard.
    @discardableResult
    package mutating func arrive(_ samples: [Int16], at now: Instant) -> Instant {
        advance(to: now)
        let start = max(end, position)
        let room = max(0, Self.longestQueue * rate - queue.count)
        queue += samples.prefix(room)
        return began + .nanoseconds(Int64(start) * 1_000_000_000 / Int64(rate))
    }

    /// Drops what has not been played (`audio.clear`).
    /// - Returns: how many samples.
    @discardableResult
    package mutating func clear(at now: Instant) -> Int {
        advance(to: now)
        let dropped = max(0, end - position)
        queue.removeLast(dropped)
        return dropped
    }

    /// Everything that was heard since the last call, silence included.
    package mutating func take(at now: Instant) -> [Int16] {
        advance(to: now)
        let count = position - taken
        let played = Array(queue.prefix(count))
        queue.removeFirst(count)
        taken = position
        return played
    }

    /// Whether everything that arrived has been played.
    package func isSilent(at now: Instant) -> Bool { end <= max(position, samples(until: now)) }

    private var end: Int { taken + queue.count }

    private func samples(until now: Instant) -> Int {
        max(0, Int((now - began).nanoseconds / 1000 * Int64(rate) / 1_000_000))
    }

    private mutating func advance(to now: Instant) {
        position = max(position, samples(until: now))
        guard end < position else { return }
        queue.append(contentsOf: repeatElement(0, count: position - end))
    }
}
