// SPDX-License-Identifier: Apache-2.0

/// Fills the braces of an answer.
struct AnswerTemplate {
    /// More would not be listened to, and hostile scripts must not fill the memory.
    static let maximumCount = 200

    let values: [String: SlotValue]
    let lastAnswer: String
    let now: WallClock

    /// The text with every `{…}` replaced; unknown ones vanish.
    func render(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}") else {
                rest = rest[open...]
                break
            }
            result += value(of: rest[rest.index(after: open)..<close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private func value(of expression: Substring) -> String {
        switch expression {
        case "now.time": return now.spokenTime
        case "now.date": return now.spokenDate
        case "now.day": return now.spokenDay
        case "last": return lastAnswer
        default: break
        }
        if expression.hasPrefix("count.") { return count(expression.dropFirst("count.".count)) }
        if expression.hasSuffix(".when") {
            let value = values[String(expression.dropLast(".when".count))]
            return value?.when ?? value?.spoken ?? ""
        }
        let parts = expression.split(separator: "|", omittingEmptySubsequences: false)
        guard let value = values[String(parts[0])] else { return "" }
        guard parts.count == 3 else { return value.spoken }
        return "\(value.spoken) \(value.number == 1 ? parts[1] : parts[2])"
    }

    /// `1..10`, `limit..0`: the numbers in words.
    private func count(_ range: Substring) -> String {
        guard let dots = range.firstRange(of: ".."), let from = bound(range[..<dots.lowerBound]),
            let end = bound(range[dots.upperBound...])
        else { return "" }
        let step = from <= end ? 1 : -1
        let numbers = stride(from: from, through: end, by: step).prefix(Self.maximumCount)
        return numbers.map(NumberWords.spoken).joined(separator: ", ")
    }

    private func bound(_ text: Substring) -> Int? {
        Int(text).map { min(max($0, -9_999), 9_999) } ?? values[String(text)]?.number
    }
}
