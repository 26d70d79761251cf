// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What is remembered of a generation, long after it serves nobody.
package struct GenerationRecord: Sendable {
    /// What became of it last.
    package enum Phase: String, Sendable {
        case testing, canary, serving
        case selfTestFailed = "self_test_failed"
        case rolledBack = "rolled_back"
        case removed
    }

    package var number: Int
    package var plugin: String
    package var version: SemanticVersion
    package var hash: String
    package var folder: String
    /// What it is, may do, and where it runs: the same bytes with another manifest are another build.
    var manifest: PluginManifest
    var mode: LoadMode
    package var phase: Phase
    /// Why it is where it is.
    package var reason = ""
    package var selfTest = "not tested"
    package var sessionsEnded = 0
    package var sessionsFailed = 0

    var since: Instant
    var rule: FailureRule
    /// Sessions that ended since it is on trial.
    var trialSessions = 0
    var isDraining = false
    var isRetired = false
    var wasCalledFailing = false

    /// It may get new sessions.
    var isLive: Bool { phase == .serving || phase == .canary }
}
