// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What is known of a clause beside its text: which voice speaks it, and as what it is with the vendor.
struct Voicing {
    let route: Route
    /// The vendor's name of it while it is under way.
    fileprivate var context: String?
    fileprivate var marks: WordMarks
}

typealias Clause = SpokenClause<Voicing>

extension SpokenClause where Detail == Voicing {
    init(_ event: borrowing Event, route: Route) {
        self.init(event, detail: Voicing(route: route, marks: WordMarks(event.text)))
    }

    var route: Route { detail.route }
    var isUnderWay: Bool { stage == .sent }
    var context: String? { isUnderWay ? detail.context : nil }
    var hasAudio: Bool { receivedSamples > 0 }
    /// Bytes of audio that came, whether handed over or not.
    var receivedBytes: Int { receivedSamples * 2 }

    /// It is with the vendor, under this name.
    mutating func sent(as context: String) {
        stage = .sent
        detail.context = context
        attempts += 1
    }

    /// Audio of it came: 16 bit little-endian; a sample may be cut in two by messages.
    mutating func append(_ bytes: [UInt8], _ alignment: Alignment?, sampleRate: Int) {
        let samples = decoder.decode(bytes)
        if let alignment {
            let words = detail.marks.take(
                alignment, base: receivedSamples, count: samples.count, sampleRate: sampleRate)
            for word in words { mark(byte: word.byte, sample: word.sample) }
        }
        append(samples)
    }
}

extension ClauseQueue where Detail == Voicing {
    /// The clause that a context speaks; without a name the only one that is under way.
    func index(context: String?) -> Int? {
        if let context { return clauses.firstIndex { $0.context == context } }
        let underWay = clauses.indices.filter { clauses[$0].isUnderWay }
        return underWay.count == 1 ? underWay.first : nil
    }
}
