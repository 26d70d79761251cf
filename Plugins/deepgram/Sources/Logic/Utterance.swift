// SPDX-License-Identifier: Apache-2.0

/// One utterance of the host, and what has been heard of it.
struct Utterance: Sendable {
    /// More words than an utterance has: the vendor repeats itself.
    private static let longest = 65_536

    let id: UInt64
    /// Its first sample in the stream.
    let start: Int64
    /// One behind its last sample, once END_OF_INPUT has come.
    var end: Int64?
    /// Text that will not change, and is not sent as FINAL yet.
    private(set) var settled = ""
    private var settledWords = 0
    private var settledConfidence = 0.0
    /// Text behind it that may still change.
    var interim = ""
    var interimConfidence = 0.0
    private var settledLanguages = HeardLanguages()
    var interimLanguages = HeardLanguages()
    /// The newest PARTIAL, so that none is sent twice.
    var announced = ""
    /// The vendor has said something since it began, if only that there is no word.
    var isAnswered = false

    init(id: UInt64, start: Int64) {
        self.id = id
        self.start = start
    }

    /// All that was heard and not sent as FINAL.
    var text: String { settled.joined(interim) }
    var isEmpty: Bool { settled.isEmpty && interim.isEmpty }

    /// What most of its words are in; nil = the vendor did not say.
    var language: String? {
        var heard = settledLanguages
        if !interim.isEmpty { heard.add(interimLanguages) }
        return heard.dominant
    }

    /// The mean over the words, in 0...1; 1 for no words, since nothing is not in doubt.
    var confidence: Double {
        let words = interim.wordCount
        guard settledWords + words > 0 else { return 1 }
        return (settledConfidence + interimConfidence * Double(words)) / Double(settledWords + words)
    }

    /// A stretch is final; what was interim belongs to it.
    mutating func settle(_ text: String, confidence: Double, languages: HeardLanguages) {
        interim = ""
        let words = text.wordCount
        // Less, not equal: a space may come between.
        guard words > 0, settled.utf8.count + text.utf8.count < Self.longest else { return }
        settled = settled.joined(text.trimmed)
        settledWords += words
        settledConfidence += confidence * Double(words)
        settledLanguages.add(languages)
    }

    /// What was settled is sent as FINAL.
    mutating func clear() {
        settled = ""
        settledWords = 0
        settledConfidence = 0
        settledLanguages = HeardLanguages()
        announced = ""
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }

    var wordCount: Int { split(whereSeparator: \.isWhitespace).count }

    /// Two stretches of a transcript as one; scripts without spaces get none.
    func joined(_ next: String) -> String {
        guard let last, let first = next.first else { return self + next }
        return last.isWhitespace || last.isUnspaced && first.isUnspaced ? self + next : self + " " + next
    }
}

extension Character {
    /// Of a script that writes no spaces: kana, Chinese characters, Thai.
    fileprivate var isUnspaced: Bool {
        guard let scalar = unicodeScalars.first?.value else { return false }
        return (0x3000...0x9FFF).contains(scalar) || (0x0E00...0x0E7F).contains(scalar)
            || (0xFF00...0xFFEF).contains(scalar)
    }
}
