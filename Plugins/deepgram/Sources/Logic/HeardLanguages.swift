// SPDX-License-Identifier: Apache-2.0

/// How many words were heard in which language, as the vendor tags them: word by word, or the whole stretch.
struct HeardLanguages: Sendable, Equatable {
    /// A vendor that names more of them in one utterance is guessing.
    private static let most = 8

    private var counts: [(tag: String, words: Int)] = []

    static func == (one: HeardLanguages, other: HeardLanguages) -> Bool {
        one.counts.elementsEqual(other.counts) { $0 == $1 }
    }

    /// The one that most words are of; the first of equals, nil = the vendor told none.
    var dominant: String? {
        counts.reduce(nil as (tag: String, words: Int)?) { best, next in
            best.map { $0.words >= next.words } ?? false ? best : next
        }?.tag
    }

    mutating func add(_ tag: String, words: Int) {
        guard (2...35).contains(tag.utf8.count), words > 0 else { return }
        if let index = counts.firstIndex(where: { $0.tag == tag }) {
            counts[index].words += words
        } else if counts.count < Self.most {
            counts.append((tag, words))
        }
    }

    mutating func add(_ other: HeardLanguages) {
        for (tag, words) in other.counts { add(tag, words: words) }
    }
}
