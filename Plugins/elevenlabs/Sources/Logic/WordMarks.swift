// SPDX-License-Identifier: Apache-2.0

/// Finds the words of a clause in the alignments that come with its audio.
///
/// The vendor lists the characters as it was given them; where it left some out or put some in, the walk goes on at the
/// next place that agrees.
struct WordMarks {
    /// Where a word begins: in bytes of the clause, and in samples of its audio.
    struct Mark: Hashable {
        var byte: Int
        var sample: Int
    }

    private static let lookAhead = 24

    private let scalars: [(scalar: Unicode.Scalar, byte: Int)]
    private var next = 0
    private var lastSample = 0

    init(_ text: String) {
        var byte = 0
        scalars = text.unicodeScalars.map { scalar in
            defer { byte += UTF8.width(scalar) }
            return (scalar, byte)
        }
    }

    /// The words that begin in a stretch of audio from sample `base` on, `count` samples long.
    mutating func take(_ alignment: Alignment, base: Int, count: Int, sampleRate: Int) -> [Mark] {
        var marks: [Mark] = []
        for (character, start) in zip(alignment.characters, alignment.starts) {
            for scalar in character.unicodeScalars {
                guard let index = find(scalar) else { continue }
                next = index + 1
                guard beginsWord(index) else { continue }
                let offset = min(Int(start * Double(sampleRate) / 1_000), count)
                lastSample = max(lastSample, base + offset)
                marks.append(Mark(byte: scalars[index].byte, sample: lastSample))
            }
        }
        return marks
    }

    private func find(_ scalar: Unicode.Scalar) -> Int? {
        let end = min(scalars.count, next + Self.lookAhead)
        guard next < end, !scalar.properties.isWhitespace else { return nil }
        return (next..<end).first { scalars[$0].scalar == scalar }
    }

    private func beginsWord(_ index: Int) -> Bool {
        index == 0 || scalars[index - 1].scalar.properties.isWhitespace
    }
}
