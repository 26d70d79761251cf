// SPDX-License-Identifier: Apache-2.0

/// Times of day as people say them.
enum TimeWords {
    /// A time that was read; `isExact` when it cannot be a mere number.
    struct Reading {
        var value: SlotValue
        var length: Int
        var isExact: Bool
    }

    private struct Clock {
        var hour: Int
        var minute: Int
        var length: Int
        var isExact: Bool
    }

    /// Reads a time at the start of `words`.
    static func read(_ words: ArraySlice<String>) -> Reading? {
        if let first = words.first, ["noon", "midday", "midnight"].contains(first) {
            return Reading(value: SlotValue(first), length: 1, isExact: true)
        }
        guard let clock = relative(words) ?? digits(words) ?? hourAndMinute(words) else { return nil }
        let period = partOfDay(words.dropFirst(clock.length))
        let spoken = [spoken(hour: clock.hour, minute: clock.minute), period?.spoken].compactMap { $0 }
        return Reading(
            value: SlotValue(spoken.joined(separator: " ")),
            length: clock.length + (period?.length ?? 0),
            isExact: clock.isExact || period != nil
        )
    }

    /// "seven o'clock", "seven thirty", "seven oh five".
    static func spoken(hour: Int, minute: Int) -> String {
        let hourWord = NumberWords.spoken(hour)
        switch minute {
        case 0: return hour > 12 || hour == 0 ? "\(hourWord) hundred" : "\(hourWord) o'clock"
        case 1..<10: return "\(hourWord) oh \(NumberWords.spoken(minute))"
        default: return "\(hourWord) \(NumberWords.spoken(minute))"
        }
    }

    /// "half past seven", "quarter to eight", "ten past six".
    private static func relative(_ words: ArraySlice<String>) -> Clock? {
        let skipped = words.first == "a" ? 1 : 0
        let rest = words.dropFirst(skipped)
        let minutes: (number: Int, length: Int)? =
            switch rest.first {
            case "half": (30, 1)
            case "quarter": (15, 1)
            default: NumberWords.belowHundred(rest)
            }
        guard let minutes, (1..<60).contains(minutes.number) else { return nil }
        let tail = rest.dropFirst(minutes.length)
        guard let direction = tail.first, ["past", "after", "to", "before", "till"].contains(direction),
            let (hour, length) = hour(tail.dropFirst())
        else { return nil }
        let isPast = direction == "past" || direction == "after"
        return Clock(
            hour: isPast ? hour : (hour + 22) % 12 + 1,
            minute: isPast ? minutes.number : 60 - minutes.number,
            length: skipped + minutes.length + 1 + length,
            isExact: true
        )
    }

    /// "19:30", "7pm", "7".
    private static func digits(_ words: ArraySlice<String>) -> Clock? {
        guard let first = words.first, first.first?.isNumber == true, first.utf8.count <= 7 else { return nil }
        let parts = first.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]) {
            guard (0..<24).contains(hour), (0..<60).contains(minute) else { return nil }
            return Clock(hour: hour, minute: minute, length: 1, isExact: true)
        }
        guard let hour = Int(first), (0..<25).contains(hour) else { return nil }
        let isClock = words.dropFirst().first == "oclock"
        return Clock(hour: hour % 24, minute: 0, length: isClock ? 2 : 1, isExact: isClock)
    }

    /// "seven", "seven thirty", "seven oh five", "seven o'clock".
    private static func hourAndMinute(_ words: ArraySlice<String>) -> Clock? {
        guard let (hour, length) = hour(words) else { return nil }
        let rest = words.dropFirst(length)
        if rest.first == "oclock" { return Clock(hour: hour, minute: 0, length: length + 1, isExact: true) }
        if rest.starts(with: ["o", "clock"]) { return Clock(hour: hour, minute: 0, length: length + 2, isExact: true) }
        if let zero = rest.first, zero == "oh" || zero == "o",
            let (minute, count) = NumberWords.belowHundred(rest.dropFirst()), (1..<10).contains(minute)
        {
            return Clock(hour: hour, minute: minute, length: length + 1 + count, isExact: true)
        }
        if let (minute, count) = NumberWords.belowHundred(rest), (10..<60).contains(minute) {
            return Clock(hour: hour, minute: minute, length: length + count, isExact: true)
        }
        return Clock(hour: hour, minute: 0, length: length, isExact: false)
    }

    private static func hour(_ words: ArraySlice<String>) -> (number: Int, length: Int)? {
        if let first = words.first, let number = Int(first), (0..<24).contains(number) { return (number, 1) }
        guard let found = NumberWords.belowHundred(words), (1..<24).contains(found.number) else { return nil }
        return found
    }

    private static func partOfDay(_ words: ArraySlice<String>) -> (spoken: String, length: Int)? {
        switch words.first {
        case "am": return ("in the morning", 1)
        case "pm": return ("pm", 1)
        case "a" where words.starts(with: ["a", "m"]): return ("in the morning", 2)
        case "p" where words.starts(with: ["p", "m"]): return ("pm", 2)
        case "at" where words.starts(with: ["at", "night"]): return ("at night", 2)
        case "in" where words.starts(with: ["in", "the"]):
            guard let part = words.dropFirst(2).first, ["morning", "afternoon", "evening"].contains(part) else {
                return nil
            }
            return ("in the \(part)", 3)
        default: return nil
        }
    }
}
