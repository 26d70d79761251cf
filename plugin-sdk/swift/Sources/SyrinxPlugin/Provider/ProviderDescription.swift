// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// A counter or a histogram that a provider feeds.
public struct Metric: Hashable, Sendable {
    /// What it does with the values.
    public enum Kind: String, Sendable {
        /// Adds them up.
        case counter
        /// Counts them by size.
        case histogram
    }

    /// The name, with its unit: `syrinx_<noun>_<unit>`.
    public let name: String
    /// What it does with the values.
    public let kind: Kind
    /// One sentence.
    public let help: String

    /// Declares a metric.
    ///
    /// The texts must not contain quotes, backslashes or control characters.
    public init(_ name: String, _ kind: Kind, help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    var json: String { #"{"name":"\#(name)","type":"\#(kind.rawValue)","help":"\#(help)"}"# }
}

/// One provider that a module offers: its name, its schemas, and the type that implements it.
public struct ProviderDescription: Sendable {
    /// Properties that the host has to know before it loads or unloads anything.
    public struct Traits: OptionSet, Hashable, Sendable {
        /// The `SYX_PF_` bits.
        public let rawValue: UInt32

        /// Wraps `SYX_PF_` bits.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// The library behind it has one state per process.
        public static let globalState = Traits(rawValue: UInt32(SYX_PF_GLOBAL_STATE))
        /// `process` keeps the media path's rules.
        public static let realtimeProcess = Traits(rawValue: UInt32(SYX_PF_RT_PROCESS))
        /// Safe to feed with input of people nobody knows.
        public static let untrustedInput = Traits(rawValue: UInt32(SYX_PF_UNTRUSTED_OK))
    }

    /// What it does.
    public let kind: PluginKind
    /// Its id: `[a-z][a-z0-9_-]*`, at most 64 bytes.
    public let id: String
    /// A semantic version.
    public let version: String
    /// What people call it.
    public let name: String
    /// Who made it.
    public let vendor: String
    /// An SPDX license id.
    public let license: String
    /// JSON Schema (2020-12) of the provider's configuration.
    public let configSchema: String
    /// JSON Schema of a session's options; nil = takes none.
    public let sessionSchema: String?
    /// What it can do, as a JSON object: formats, streaming, languages, voices.
    public let capabilities: String
    /// What it counts; the place in this list is the index for ``Host/metric(_:_:)``.
    public let metrics: [Metric]
    /// What the host has to know of it.
    public let traits: Traits
    /// The most sessions at one time; 0 = no limit.
    public let maximumSessions: UInt32

    let factory: ProviderFactory

    /// Describes the provider that `type` implements.
    public init<P: Provider>(
        _ type: P.Type,
        kind: PluginKind,
        id: String,
        version: String,
        name: String,
        vendor: String,
        license: String = "Apache-2.0",
        configSchema: String = emptySchema,
        sessionSchema: String? = nil,
        capabilities: String = "{}",
        metrics: [Metric] = [],
        traits: Traits = [],
        maximumSessions: UInt32 = 0
    ) {
        self.kind = kind
        self.id = id
        self.version = version
        self.name = name
        self.vendor = vendor
        self.license = license
        self.configSchema = configSchema
        self.sessionSchema = sessionSchema
        self.capabilities = capabilities
        self.metrics = metrics
        self.traits = traits
        self.maximumSessions = maximumSessions
        factory = ProviderFactory(type)
    }

    /// The schema of an object without keys.
    public static let emptySchema = schema([])

    /// The schema of an object with these keys and no others, each written `"key":{…}`.
    ///
    /// - Parameters:
    ///   - properties: The keys with their schemas.
    ///   - required: The names of those that may not be left out.
    public static func schema(_ properties: [String], required: [String] = []) -> String {
        let names = required.map { "\"\($0)\"" }.joined(separator: ",")
        let needs = required.isEmpty ? "" : #""required":[\#(names)],"#
        let members = properties.joined(separator: ",")
        return #"{"type":"object","additionalProperties":false,\#(needs)"properties":{\#(members)}}"#
    }

    /// What is wrong with the description, if anything.
    var flaw: String? {
        let bytes = Array(id.utf8)
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isValid =
            bytes.first.map(letters.contains) == true && bytes.count <= 64
            && bytes.allSatisfy {
                letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
        return isValid ? nil : "'\(id)' is not a provider id"
    }
}
