// SPDX-License-Identifier: Apache-2.0

/// One key of the configuration.
///
/// The tables of fields are the single source of the parser's checks, of the published JSON Schema and of the manual.
struct ConfigField: Sendable {
    let key: String
    let kind: ConfigKind
    /// As the manual prints it; nil when there is none.
    let fallback: String?
    /// One line of the manual.
    let meaning: String

    init(_ key: String, _ kind: ConfigKind, default fallback: String? = nil, _ meaning: String) {
        self.key = key
        self.kind = kind
        self.fallback = fallback
        self.meaning = meaning
    }
}

/// What may stand under a key.
indirect enum ConfigKind: Sendable {
    case text(ConfigText = .any)
    case words([String])
    case flag
    case integer(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    /// A size in bytes, `262144` or `256KiB`.
    case bytes(ClosedRange<Int64>)
    case duration(ClosedRange<Duration>)
    case texts
    case stage
    case stages
    case section(ConfigSection)
    /// A group whose keys are names chosen by the user.
    case named(ConfigSection)
}

/// Texts with a form of their own.
enum ConfigText: Sendable {
    case any
    case address
    case language
    case path
}

/// A group of keys.
struct ConfigSection: Sendable {
    /// Where the manual describes it.
    let anchor: String
    let fields: [ConfigField]

    func field(_ key: String) -> ConfigField? { fields.first { $0.key == key } }
}
