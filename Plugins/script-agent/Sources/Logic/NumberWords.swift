// SPDX-License-Identifier: Apache-2.0

/// Numbers as people say them.
enum NumberWords {
    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

    private static let values: [String: Int] = {
        var values = Dictionary(uniqueKeysWithValues: zip(small, 0...))
        for (index, word) in tens.enumerated() { values[word] = (index + 2) * 10 }
        values["fourty"] = 40
        return values
    }()

    /// What a small recogniser writes for a lone number.
    private static let homophones = ["won": 1, "to": 2, "too": 2, "tree": 3, "for": 4, "fore": 4, "ate": 8]

    /// Reads a number at the start of `words`, with how many words it took.
    static func read(_ words: ArraySlice<String>) -> (value: SlotValue, length: Int)? {
        if words.starts(with: ["a", "couple"]) {
            return value(2, words.starts(with: ["a", "couple", "of"]) ? 3 : 2)
        }
        if words.starts(with: ["a", "dozen"]) { return value(12, 2) }
        guard let (number, length) = cardinal(words) else { return nil }
        return value(number, length)
    }

    /// Reads the answer to "how many?", where also "to" is a number.
    static func readAnswer(_ words: [String]) -> SlotValue? {
        let filled = words.filter { !$0.isEmpty }
        for start in words.indices {
            if let (value, _) = read(words[start...]) { return value }
        }
        if filled.contains("me") || filled.contains("myself") || filled.contains("alone") {
            return SlotValue("one", number: 1)
        }
        guard filled.count <= 2, let number = filled.lazy.compactMap({ homophones[$0] }).last else { return nil }
        return SlotValue(spoken(number), number: number)
    }

    /// A number from 0 to 9999 in words.
    static func spoken(_ number: Int) -> String {
        switch number {
        case 0..<20: return small[number]
        case 20..<100:
            let ten = tens[number / 10 - 2]
            return number % 10 == 0 ? ten : "\(ten) \(small[number % 10])"
        case 100..<1_000: return joined(number, 100, "hundred")
        case 1_000..<10_000: return joined(number, 1_000, "thousand")
        default: return String(number)
        }
    }

    private static func joined(_ number: Int, _ unit: Int, _ name: String) -> String {
        let head = "\(spoken(number / unit)) \(name)"
        return number % unit == 0 ? head : "\(head) \(spoken(number % unit))"
    }

    private static func value(_ number: Int, _ length: Int) -> (value: SlotValue, length: Int) {
        (SlotValue(spoken(number), number: number), length)
    }

    /// Reads "twenty five", "one hundred and five" and "12"; never above 9999, so it cannot overflow.
    private static func cardinal(_ words: ArraySlice<String>) -> (number: Int, length: Int)? {
        guard let first = words.first else { return nil }
        if first.utf8.count <= 4, let digits = Int(first), digits >= 0 { return (digits, 1) }
        guard var (number, length) = belowHundred(words) ?? (first == "a" ? (1, 1) : nil) else { return nil }
        let rest = words.dropFirst(length)
        guard rest.first == "hundred", (1..<100).contains(number) else { return first == "a" ? nil : (number, length) }
        number *= 100
        length += 1
        let tail = words.dropFirst(length)
        let skipped = tail.first == "and" ? 1 : 0
        if let (more, count) = belowHundred(tail.dropFirst(skipped)) {
            return (number + more, length + skipped + count)
        }
        return (number, length)
    }

    static func belowHundred(_ words: ArraySlice<String>) -> (number: Int, length: Int)? {
        guard let first = words.first, let number = values[first] else { return nil }
        guard number >= 20, let next = words.dropFirst().first, let unit = values[next], (1..<10).contains(unit) else {
            return (number, 1)
        }
        return (number + unit, 2)
    }
}
