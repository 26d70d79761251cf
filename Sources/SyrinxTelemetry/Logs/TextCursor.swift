// SPDX-License-Identifier: Apache-2.0

/// A place in bytes, which may be their end.
struct TextCursor {
    let bytes: [UInt8]
    private(set) var place: Int

    init(_ bytes: [UInt8], _ place: Int) {
        self.bytes = bytes
        self.place = min(max(0, place), bytes.count)
    }

    var byte: UInt8? { place < bytes.count ? bytes[place] : nil }

    private var previous: UInt8? { place > 0 ? bytes[place - 1] : nil }
    var followsAlphanumeric: Bool { previous.map(ASCII.isAlphanumeric) ?? false }
    var followsUnderscore: Bool { previous == UInt8(ascii: "_") }

    func moved(by count: Int) -> TextCursor { TextCursor(bytes, place + count) }

    /// Whether a lower-case word stands here, in whatever case.
    func has(_ word: [UInt8], exactly: Bool = false) -> Bool {
        guard bytes.count - place >= word.count else { return false }
        return zip(bytes[place...], word).allSatisfy { exactly ? $0 == $1 : ASCII.lowercased($0) == $1 }
    }

    /// Moves on behind what fits, and tells where that was.
    mutating func take(while fits: (UInt8) -> Bool) -> Range<Int> {
        let start = place
        while let byte, fits(byte) { place += 1 }
        return start..<place
    }
}
