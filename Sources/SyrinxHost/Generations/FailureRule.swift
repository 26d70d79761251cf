// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Decides when a generation has failed often enough to be taken back. Time is an argument; memory is bounded.
package struct FailureRule: Sendable {
    package struct Limits: Sendable, Equatable {
        /// Sessions that ended longer ago count no more.
        package var window = Duration.seconds(300)
        /// Fewer sessions than this say nothing.
        package var minimumSessions = 10
        /// Share of them with a failed stage, 0 to 1.
        package var failedShare = 0.3
        /// So long a generation is new: one crash takes it back, and so do failing sessions. Later its failures say more
        /// about the world than about the build.
        package var probation = Duration.seconds(3600)
        /// So many crashes within `crashWindow` take back an older one, too.
        package var crashes = 3
        package var crashWindow = Duration.seconds(60)

        package init() {}
    }

    /// Why a generation is to be taken back.
    package enum Verdict: Equatable, Sendable {
        case failingSessions(failed: Int, of: Int)
        case crashed(times: Int)
    }

    private let limits: Limits
    private let begin: Instant
    private var sessions: [(at: Instant, failed: Bool)] = []
    private var crashes: [Instant] = []
    private static let memory = 1000

    /// - Parameter now: when the generation began to serve.
    package init(_ limits: Limits = Limits(), from now: Instant) {
        self.limits = limits
        begin = now
    }

    /// A session that had the generation as a stage has ended.
    package mutating func note(sessionFailed failed: Bool, at now: Instant) -> Verdict? {
        let limits = limits
        sessions.removeAll { now - $0.at > limits.window }
        if sessions.count == Self.memory { sessions.removeFirst() }
        sessions.append((now, failed))
        guard isNew(at: now), failed, sessions.count >= limits.minimumSessions else { return nil }
        let bad = sessions.count { $0.failed }
        guard Double(bad) >= Double(sessions.count) * limits.failedShare else { return nil }
        return .failingSessions(failed: bad, of: sessions.count)
    }

    /// Its helper process died, or the like.
    package mutating func noteCrash(at now: Instant) -> Verdict? {
        let limits = limits
        crashes.removeAll { now - $0 > limits.crashWindow }
        if crashes.count == Self.memory { crashes.removeFirst() }
        crashes.append(now)
        return isNew(at: now) || crashes.count >= limits.crashes ? .crashed(times: crashes.count) : nil
    }

    private func isNew(at now: Instant) -> Bool { now - begin <= limits.probation }
}
