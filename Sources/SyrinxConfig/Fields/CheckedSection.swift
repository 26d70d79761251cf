// SPDX-License-Identifier: Apache-2.0

/// A value that has passed the check of its field.
indirect enum CheckedValue: Sendable {
    case text(String)
    case flag(Bool)
    case integer(Int64)
    case number(Double)
    case duration(Duration)
    case texts([String])
    case stage(StageOverlay)
    case stages([StageConfig])
    case options(SessionOptionsConfig)
    case section(CheckedSection)
    case named([String: CheckedSection])
    case values([String: CheckedValue])
}

/// A group of checked values, from which the typed configuration is made.
///
/// Asking for a key that is missing or was refused gives nil; asking for it by the wrong kind too, which a test
/// excludes for all fields.
struct CheckedSection: Sendable {
    var values: [String: CheckedValue] = [:]
    /// What stood in the file, for rules that span several keys.
    var nodes: [String: ConfigNode] = [:]

    func text(_ key: String) -> String? {
        if case .text(let value) = values[key] { value } else { nil }
    }

    func word<Word: RawRepresentable<String>>(_ key: String) -> Word? { text(key).flatMap(Word.init(rawValue:)) }

    func flag(_ key: String) -> Bool? {
        if case .flag(let value) = values[key] { value } else { nil }
    }

    func integer(_ key: String) -> Int? {
        if case .integer(let value) = values[key] { Int(value) } else { nil }
    }

    func number(_ key: String) -> Double? {
        if case .number(let value) = values[key] { value } else { nil }
    }

    func duration(_ key: String) -> Duration? {
        if case .duration(let value) = values[key] { value } else { nil }
    }

    func texts(_ key: String) -> [String]? {
        if case .texts(let value) = values[key] { value } else { nil }
    }

    func stage(_ key: String) -> StageOverlay? {
        if case .stage(let value) = values[key] { value } else { nil }
    }

    func stages(_ key: String) -> [StageConfig]? {
        if case .stages(let value) = values[key] { value } else { nil }
    }

    /// Empty when the group is missing.
    func section(_ key: String) -> CheckedSection {
        if case .section(let value) = values[key] { value } else { CheckedSection() }
    }

    func named(_ key: String) -> [String: CheckedSection] {
        if case .named(let value) = values[key] { value } else { [:] }
    }

    func texts(ofNames key: String) -> [String: String] {
        guard case .values(let values) = values[key] else { return [:] }
        return values.compactMapValues { if case .text(let text) = $0 { text } else { nil } }
    }

    func options(ofNames key: String) -> [String: SessionOptionsConfig] {
        guard case .values(let values) = values[key] else { return [:] }
        return values.compactMapValues { if case .options(let options) = $0 { options } else { nil } }
    }

    func integers(ofNames key: String) -> [String: Int] {
        guard case .values(let values) = values[key] else { return [:] }
        return values.compactMapValues { if case .integer(let number) = $0 { Int(number) } else { nil } }
    }
}
