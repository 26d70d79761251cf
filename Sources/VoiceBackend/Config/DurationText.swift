// SPDX-License-Identifier: Apache-2.0

/// Durations as people write them: `500ms`, `1.5s`, `1m30s`, `2h`. The larger unit comes first, each once.
enum DurationText {
    private static let units: [(name: String, length: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
    ]

    /// Nil when the text is no duration.
    static func parse(_ text: String) -> Duration? {
        guard !text.isEmpty, text.utf8.count <= 32 else { return nil }
        var rest = Substring(text)
        var total = Duration.zero
        var previous: Duration?
        while !rest.isEmpty {
            guard let (amount, unit) = takePart(&rest), previous.map({ unit < $0 }) ?? true else { return nil }
            total += amount
            previous = unit
        }
        return total
    }

    /// A text that reads back as the duration, to the millisecond.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard milliseconds == 0 else { return "\(seconds * 1000 + milliseconds)ms" }
        if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds > 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }

    private static func takePart(_ rest: inout Substring) -> (amount: Duration, unit: Duration)? {
        let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let word = rest.dropFirst(number.count).prefix(while: \.isLetter)
        // Nine digits before and three after the point are far from the ends of Duration, and exact in a Double.
        guard number.count <= 13, number.first != ".", number.last != ".", let count = Double(number),
            let unit = units.first(where: { $0.name == word })
        else { return nil }
        rest = rest.dropFirst(number.count + word.count)
        return (unit.length * count, unit.length)
    }
}
