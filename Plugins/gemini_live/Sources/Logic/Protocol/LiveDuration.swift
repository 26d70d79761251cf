// SPDX-License-Identifier: Apache-2.0

/// Protobuf's JSON of a duration: "10s", "9.5s".
enum LiveDuration {
    /// Milliseconds, 0 to a day; nil for anything else.
    static func milliseconds(_ text: String) -> UInt32? {
        guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds.isFinite else { return nil }
        return UInt32(min(max(0, seconds * 1_000), 86_400_000))
    }
}
