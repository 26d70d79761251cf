// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The caller speaks while the agent does: first the agent is ducked, then paused, then the interruption is
/// either confirmed or found false. This machine decides; `Conversation+Interruption` carries it out.
package struct BargeIn: Sendable, Equatable {
    package enum Phase: Sendable, Equatable {
        case none
        case ducked
        case paused
    }

    package enum Decision: Sendable, Equatable {
        case none, duck, unduck, pause, confirm, resume
    }

    /// What is known about the caller's speech at the moment.
    package struct Evidence {
        package var voiced: Duration
        package var words: Int
        /// The text so far is backchannel only.
        package var isBackchannel: Bool
        /// The agent's speech has just begun or is about to end.
        package var isNearBoundary: Bool

        package init(voiced: Duration, words: Int, isBackchannel: Bool, isNearBoundary: Bool) {
            self.voiced = voiced
            self.words = words
            self.isBackchannel = isBackchannel
            self.isNearBoundary = isNearBoundary
        }
    }

    private let options: InterruptionOptions
    package private(set) var phase = Phase.none
    /// When the pause is found false, unless words come.
    package private(set) var deadline = Instant.distantFuture

    package init(options: InterruptionOptions) { self.options = options }

    package var isPaused: Bool { phase == .paused }
    package var isIdle: Bool { phase == .none }

    /// T0 and T1.
    package mutating func hear(_ evidence: Evidence) -> Decision {
        if phase == .paused {
            // A second candidate while paused restarts only the timer.
            deadline = .distantFuture
            return .none
        }
        if evidence.voiced >= options.minDuration, evidence.words >= options.minWords, !isExcused(evidence) {
            guard options.pauseAndResume else { return .confirm }
            phase = .paused
            return .pause
        }
        guard phase == .none, options.duck, evidence.voiced >= options.candidateAfter else { return .none }
        phase = .ducked
        return .duck
    }

    /// The caller fell silent; a pause waits for words a while longer.
    package mutating func speechEnded(at now: Instant) -> Decision {
        switch phase {
        case .none:
            return .none
        case .ducked:
            phase = .none
            return .unduck
        case .paused:
            // Noises too short to be a candidate do not prolong the wait.
            deadline = min(deadline, now + options.falseInterruptionTimeout)
            return .none
        }
    }

    /// Words that count have been heard.
    package mutating func heardWords(_ words: Int, isFinal: Bool, isCommand: Bool) -> Decision {
        guard isCommand || (isFinal && words >= max(options.minWords, 1)) else { return .none }
        return .confirm
    }

    /// The speech turned out to be a backchannel, or nothing.
    package mutating func reject() -> Decision {
        defer { reset() }
        switch phase {
        case .none: return .none
        case .ducked: return .unduck
        case .paused: return .resume
        }
    }

    /// Words have come but are not final: the decision about the turn resolves the pause.
    package mutating func waitForWords() { deadline = .distantFuture }

    package mutating func reset() {
        phase = .none
        deadline = .distantFuture
    }

    /// Near the edges of the agent's speech backchannels never pause; without pause and resume they never cut.
    private func isExcused(_ evidence: Evidence) -> Bool {
        evidence.isBackchannel && (evidence.isNearBoundary || !options.pauseAndResume)
    }
}
