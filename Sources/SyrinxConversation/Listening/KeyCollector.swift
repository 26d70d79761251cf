// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Keys that a caller presses one by one, until they are a turn: after the terminator, after a pause, or when it is full.
package struct KeyCollector: Sendable, Equatable {
    private let options: KeyOptions
    private var keys = ""
    /// When the pause after the last key is long enough.
    private(set) var deadline = Instant.distantFuture

    package init(options: KeyOptions) { self.options = options }

    /// Whether no key waits for the rest of its input.
    package var isEmpty: Bool { keys.isEmpty }

    /// - Returns: each input that these keys complete.
    package mutating func press(_ pressed: String, at now: Instant) -> [String] {
        var inputs: [String?] = []
        for key in pressed where Self.isKey(key) {
            if String(key) == options.terminator {
                inputs.append(take())
            } else {
                keys.append(key)
                if keys.count >= options.maximum { inputs.append(take()) }
            }
        }
        if !keys.isEmpty { deadline = now + options.pause }
        return inputs.compactMap(\.self)
    }

    /// - Returns: what was pressed, when nothing more came for long enough.
    package mutating func tick(at now: Instant) -> String? { now >= deadline ? take() : nil }

    private mutating func take() -> String? {
        defer { (keys, deadline) = ("", .distantFuture) }
        return keys.isEmpty ? nil : keys
    }

    /// The sixteen keys of RFC 4733.
    package static func isKey(_ key: Character) -> Bool { "0123456789*#ABCD".contains(key) }
}

/// How pressed keys become a turn.
package struct KeyOptions: Sendable, Equatable, Codable {
    /// Ends the input and is no part of it; empty = only a pause does.
    package var terminator = "#"
    /// After the last key.
    package var pause = Duration.seconds(2)
    /// Keys of one input.
    package var maximum = 32

    package init() {}
}
