// SPDX-License-Identifier: Apache-2.0

/// Durations as people write them: `500ms`, `1.5s`, `1m30s`, `2h`, `30d`.
enum DurationText {
    enum Problem: Error, Equatable {
        case noUnit, malformed
    }

    /// The pattern of the published schema.
    static let pattern = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$"

    static func parse(_ text: String) -> Result<Duration, Problem> {
        guard text.utf8.count <= 32 else { return .failure(.malformed) }
        if !text.isEmpty, text.utf8.allSatisfy(isDigit) { return .failure(.noUnit) }
        var rest = Substring(text)
        var total = Duration.zero
        var previous = Duration.seconds(Int64.max)
        while !rest.isEmpty {
            guard let (amount, unit, tail) = takePart(rest), unit < previous else { return .failure(.malformed) }
            total += amount
            (rest, previous) = (tail, unit)
        }
        return text.isEmpty ? .failure(.malformed) : .success(total)
    }

    /// The shortest text that reads back as the duration.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard milliseconds == 0 else { return "\(seconds * 1000 + milliseconds)ms" }
        // A day is written as hours: many limits are a day, and people think of them in hours.
        if seconds > 86_400, seconds % 86_400 == 0 { return "\(seconds / 86_400)d" }
        if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds > 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }

    private static func takePart(_ text: Substring) -> (amount: Duration, unit: Duration, rest: Substring)? {
        let whole = text.prefix { $0.utf8.allSatisfy(isDigit) }
        var rest = text.dropFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            fraction = rest.dropFirst().prefix { $0.utf8.allSatisfy(isDigit) }
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        // Nine digits of the largest unit and of the smallest fraction stay far from the ends of Duration.
        guard whole.count <= 9, fraction.count <= 9, let count = Int64(whole),
            let (unit, tail) = takeUnit(rest), let parts = fraction.isEmpty ? 0 : Int64(fraction)
        else { return nil }
        var scale: Int64 = 1
        for _ in fraction { scale *= 10 }
        return (unit * Int(count) + unit * Int(parts) / Int(scale), unit, tail)
    }

    private static func takeUnit(_ text: Substring) -> (Duration, Substring)? {
        let word = text.prefix { $0.isLetter }
        let units: [Substring: Duration] = [
            "ms": .milliseconds(1), "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600),
            "d": .seconds(86_400),
        ]
        return units[word].map { ($0, text.dropFirst(word.count)) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
