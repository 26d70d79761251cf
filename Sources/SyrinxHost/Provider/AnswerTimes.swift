// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How long a provider took lately from a request to its first answer, over all of its sessions. Thread-safe; touched
/// once a turn, by sessions that hedge.
package final class AnswerTimes: Sendable {
    /// So many times are kept, and so many must be known before there is a usual one.
    private static let kept = 100
    private static let needed = 20

    private struct Latest {
        var times: [Duration] = []
        var next = 0
    }

    private let latest = Mutex(Latest())

    init() {}

    /// - Parameter time: at least so long, where the answer was not waited for. Left out, those would make the
    ///   provider look quicker than it is.
    package func note(_ time: Duration) {
        latest.withLock { latest in
            guard latest.times.count == Self.kept else { return latest.times.append(time) }
            latest.times[latest.next] = time
            latest.next = (latest.next + 1) % Self.kept
        }
    }

    /// All but 5 % of the latest answers came so soon; nil while too few are known.
    package var usual: Duration? {
        let times = latest.withLock(\.times)
        guard times.count >= Self.needed else { return nil }
        return times.sorted()[(times.count * 95 + 99) / 100 - 1]
    }
}
