// SPDX-License-Identifier: Apache-2.0

/// One key of the configuration.
///
/// The tables of fields are the single source of the parser's checks, of the published JSON Schema and of the manual.
struct ConfigField: Sendable {
    let key: String
    let kind: ConfigKind
    /// As the manual prints it; nil when there is none.
    let fallback: String?
    /// A value as it may stand in a file; nil: the default serves, or the kind has one.
    let example: String?
    /// Nil: as its group.
    let effect: ReloadEffect?
    let isRequired: Bool
    /// One line of the manual.
    let meaning: String

    init(
        _ key: String, _ kind: ConfigKind, default fallback: String? = nil, example: String? = nil,
        effect: ReloadEffect? = nil, required isRequired: Bool = false, _ meaning: String
    ) {
        self.key = key
        self.kind = kind
        self.fallback = fallback
        self.example = example
        self.effect = effect
        self.isRequired = isRequired
        self.meaning = meaning
    }
}

/// When a changed key holds after a reload.
package enum ReloadEffect: String, Hashable, Sendable, CaseIterable {
    /// At once.
    case live
    /// For sessions that begin afterwards; live ones keep what they began with.
    case newSessions = "new_sessions"
    /// Only after the next start.
    case restart

    /// As people read it.
    package var phrase: String { self == .newSessions ? "new sessions" : rawValue }
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
    case list(ConfigText)
    case wordList([String], mayBeEmpty: Bool = false)
    case stage
    case stages
    /// What each session of a provider gets, by its `session_schema`.
    case options
    case section(ConfigSection)
    /// A group whose keys are names chosen by the user, each with a group under it.
    case named(ConfigSection, by: ConfigNames = .name)
    /// A group whose keys are names chosen by the user, each with one value.
    case values(ConfigKind, by: ConfigNames)

    static let texts = ConfigKind.list(.any)

    /// Whether what stands here must never be shown.
    var isSecret: Bool {
        switch self {
        case .text(.secret), .text(.hash): true
        case .values(let kind, _): kind.isSecret
        default: false
        }
    }
}

/// Texts with a form of their own.
enum ConfigText: Sendable {
    case any
    case nonempty
    /// Never shown.
    case secret
    /// `sha256:` and 64 hexadecimal digits; never shown.
    case hash
    case address
    /// An address, or `none`.
    case optionalAddress
    case language
    case path
    /// RFC 3339.
    case time
    case url
    case host
    case phoneNumber
    /// Addresses in CIDR notation, or a word for some: `loopback`, `private`.
    case network
    /// One part of a path.
    case pathPart
}

/// A group of keys.
struct ConfigSection: Sendable {
    /// Where the manual describes it.
    let anchor: String
    /// When a change of its keys holds.
    let effect: ReloadEffect
    let fields: [ConfigField]

    init(anchor: String, effect: ReloadEffect = .restart, fields: [ConfigField]) {
        self.anchor = anchor
        self.effect = effect
        self.fields = fields
    }

    func field(_ key: String) -> ConfigField? { fields.first { $0.key == key } }
}
