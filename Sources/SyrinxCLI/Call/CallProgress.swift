// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Where a call stands, as the session's events tell.
struct CallProgress: Sendable {
    private(set) var lastActivity: Instant
    var readyAt: Instant?
    var hasGreeted = false
    var quietSince: Instant?
    /// The end of the current line's speech, once it was sent.
    var spokenAt: Instant?
    var closeReason: String?
    /// Speeches that were queued or began, and have not finished.
    var openSpeeches: Set<Int64> = []
    var isUserSpeaking = false
    /// Speech was noticed after the last turn was decided, and no turn has come of it.
    var isInDoubt = false
    /// The turns that generations of speech belong to.
    var turnOfGeneration: [Int64: Int64] = [:]
    /// A turn whose first sound comes next.
    var awaitedTurn: Int64?

    init(at now: Instant) { lastActivity = now }

    var isAgentSpeaking: Bool { !openSpeeches.isEmpty }

    mutating func touch(at now: Instant) { lastActivity = max(lastActivity, now) }

    mutating func begin() {
        quietSince = nil
        spokenAt = nil
        isInDoubt = false
    }

    /// Whether there is no greeting to wait for any more.
    func isGreeted(_ options: CallScript.Options, at now: Instant) -> Bool {
        guard let readyAt else { return false }
        return hasGreeted || now - readyAt >= options.greetingWait
    }
}
