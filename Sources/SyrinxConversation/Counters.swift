// SPDX-License-Identifier: Apache-2.0

/// What went wrong without harm; the runtime exports them as metrics.
package struct Counters: Sendable, Equatable, Codable {
    /// Answers to what is no longer asked: cancelled generations, taken utterances, unknown ids.
    package var stale = 0
    /// Inputs that make no sense in the session's state.
    package var ignored = 0
    package var underruns = 0
    package var turns = 0
    package var interruptions = 0
    package var falseInterruptions = 0
    package var failures = 0

    package init() {}
}
