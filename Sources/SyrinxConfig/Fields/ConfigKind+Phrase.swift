// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

extension ConfigKind {
    /// What is expected, for errors and for the manual.
    var phrase: String {
        switch self {
        case .text(.any): "a text"
        case .text(.address): "HOST:PORT"
        case .text(.language): "a language tag"
        case .text(.path): "a path"
        case .words(let words): words.map { "`\($0)`" }.joined(separator: words.count == 2 ? " or " : ", ")
        case .flag: "`true` or `false`"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        case .bytes(let range): "a size in bytes from \(range.lowerBound) to \(range.upperBound), or with KiB or MiB"
        case .duration(let range):
            "a duration from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        case .texts: "a list of texts"
        case .stage: "a stage"
        case .stages: "a list of stages"
        case .section: "a group of keys"
        case .named: "a group of names"
        }
    }

    private func plain(_ number: Double) -> String {
        number == number.rounded() ? String(Int64(number)) : String(number)
    }
}
