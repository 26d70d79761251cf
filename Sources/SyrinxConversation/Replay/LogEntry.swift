// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// First line of an event log.
package struct LogHeader: Sendable, Equatable, Codable {
    package static let currentVersion = 1

    package var version = Self.currentVersion
    package var options: Options

    package init(options: Options) { self.options = options }
}

/// One input with its instant, and all that was done because of it.
package struct LogEntry: Sendable, Equatable, Codable {
    package var at: Instant
    package var input: Input
    package var actions: [Action]
    /// Identical `.audio` inputs that caused nothing: the later ones, as nanoseconds after the one before.
    package var repeats: [Int64]?

    package init(at: Instant, input: Input, actions: [Action], repeats: [Int64]? = nil) {
        self.at = at
        self.input = input
        self.actions = actions
        self.repeats = repeats
    }
}
