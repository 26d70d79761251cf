// SPDX-License-Identifier: Apache-2.0

package import SyrinxABI
package import SyrinxCore

/// One provider of a loaded module: a checked Swift copy of `syx_plugin_desc`, with the table to call it through.
package struct ProviderDescriptor: Sendable {
    package var kind: PluginKind
    package var id: String
    package var version: SemanticVersion
    package var name: String
    package var vendor: String
    package var license: String
    package var flags: UInt32
    /// 0 = no limit.
    package var maxSessions: Int
    package var configSchema: JSONSchema
    /// Nil = takes no options per session.
    package var sessionSchema: JSONSchema?
    package var configSchemaText: String
    package var sessionSchemaText: String?
    package var capabilities: Capabilities
    /// Names of the metrics that it declared, by index.
    package var metrics: [String]
    package var table: PluginTable
    package var origin: ModuleOrigin
    package var trust = PackageTrust(.unsigned)
    /// What its manifest asks for; everything else is denied.
    package var permissions = PluginPermissions.none
    /// The plugin (folder) that it came from.
    package var pluginID: String
    package var folder: String
    package var buildInfo: String
    /// Which load of the plugin it belongs to; the registry numbers them from 1.
    package var generation = 0

    /// Whether the library behind it has one state for its process.
    package var hasGlobalState: Bool { flags & UInt32(SYX_PF_GLOBAL_STATE) != 0 }

    package var reference: String { "\(id)@\(version)" }
}

/// A provider's functions, in immortal memory of its module.
package struct PluginTable: @unchecked Sendable {
    package let pointer: UnsafePointer<syx_plugin_vt>

    package init(_ pointer: UnsafePointer<syx_plugin_vt>) { self.pointer = pointer }

    /// An immortal copy, of a table that is not.
    init(copying table: UnsafePointer<syx_plugin_vt>) {
        let copy = UnsafeMutablePointer<syx_plugin_vt>.allocate(capacity: 1)
        copy.initialize(to: table.pointee)
        pointer = UnsafePointer(copy)
    }

    /// Whether the plugin's table is long enough to hold a field that ends at `end` bytes.
    func has<Field>(_ path: KeyPath<syx_plugin_vt, Field>) -> Bool {
        guard let offset = MemoryLayout<syx_plugin_vt>.offset(of: path) else { return false }
        return Int(pointer.pointee.struct_size) >= offset + MemoryLayout<Field>.size
    }

    /// An optional function; nil when it is absent or behind the end of an older table.
    func optional<Function>(_ path: KeyPath<syx_plugin_vt, Function?>) -> Function? {
        has(path) ? pointer.pointee[keyPath: path] : nil
    }
}

/// `caps_json` of a descriptor, as far as the host reads it.
package struct Capabilities: Sendable {
    package var json: JSONValue
    /// Sample rates in Hz that its 16-bit mono audio may have, in its own order of preference; empty = any.
    package var rates: [Int]
    /// The same for what it says, where that differs from what it hears.
    package var outputRates: [Int]
    package var streaming: Bool
    package var languages: [String]
    /// Whether caller audio is wanted only inside utterances ("utterance") or all the time ("continuous").
    package var wantsUtterancesOnly: Bool
    /// Of a turn detector: whether it wants the caller's audio beside the text.
    package var wantsAudio: Bool
    /// Of a VAD: how long it goes on saying "speech" after speech has ended.
    package var hangover: Duration

    package init(_ json: JSONValue) {
        self.json = json
        let formats = json["formats"]?.array ?? []
        let rates = { (other: String) in
            formats.filter { ($0["format"]?.string ?? "s16") == "s16" && $0["direction"]?.string != other }
                .flatMap { $0["rates"]?.array ?? [] }.compactMap { $0.int.map(Int.init) }
        }
        self.rates = rates("out")
        outputRates = rates("in")
        streaming = json["streaming"]?.bool ?? true
        languages = (json["languages"]?.array ?? []).compactMap(\.string)
        wantsUtterancesOnly = json["audio"]?.string == "utterance"
        wantsAudio = wantsUtterancesOnly || json["audio"]?.string == "continuous"
        hangover = .milliseconds(max(0, min(json["hangover_ms"]?.int ?? 0, 1000)))
    }

    /// By the primary subtag of BCP 47: who speaks `en` speaks `en-GB`.
    package func speaks(_ language: String) -> Bool {
        let primary = { (tag: String) in tag.split(separator: "-").first.map { $0.lowercased() } }
        return languages.isEmpty || languages.contains { $0 == "*" || primary($0) == primary(language) }
    }

    /// The rate to use with this provider when the session would like `rate`: the same if possible, else the lowest
    /// supported one above it (nothing lost), else the highest.
    package func rate(preferring rate: Int) -> Int { Self.choose(rate, rates) }

    /// The same for what it says.
    package func outputRate(preferring rate: Int) -> Int { Self.choose(rate, outputRates) }

    private static func choose(_ rate: Int, _ rates: [Int]) -> Int {
        if rates.isEmpty || rates.contains(rate) { return rate }
        return rates.filter { $0 > rate }.min() ?? rates.max() ?? rate
    }
}

/// Where a descriptor's module runs.
package enum ModuleOrigin: Sendable {
    case inProcess(RawDescriptor)
    /// In helpers; `index` in the module's table.
    case isolated(IsolatedModule, index: Int)

    package var mode: LoadMode {
        switch self {
        case .inProcess: .inProcess
        case .isolated: .isolated
        }
    }
}

/// A plugin's own descriptor, in immortal memory of its module.
package struct RawDescriptor: @unchecked Sendable {
    let pointer: UnsafePointer<syx_plugin_desc>
}
