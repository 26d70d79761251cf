// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore
package import SyrinxHost

/// What `syrinx plugin inspect` shows of one provider.
package struct PluginCard {
    private let provider: ProviderDescriptor

    package init(_ provider: ProviderDescriptor) { self.provider = provider }

    package var json: JSONValue {
        [
            "kind": .string(provider.kind.name), "id": .string(provider.id), "version": .string("\(provider.version)"),
            "name": .string(provider.name), "vendor": .string(provider.vendor), "license": .string(provider.license),
            "plugin": .string(provider.pluginID), "folder": .string(provider.folder),
            "build_info": .string(provider.buildInfo), "max_sessions": .int(Int64(provider.maxSessions)),
            "config_schema": configSchema, "session_schema": sessionSchema ?? .null,
            "capabilities": provider.capabilities.json, "metrics": .array(provider.metrics.map(JSONValue.string)),
        ]
    }

    package var text: String {
        let facts = [
            ("kind", provider.kind.name), ("id", provider.id), ("version", "\(provider.version)"),
            ("name", provider.name),
            ("vendor", provider.vendor), ("license", provider.license), ("plugin", provider.pluginID),
            ("folder", provider.folder), ("build", provider.buildInfo.isEmpty ? "not told" : provider.buildInfo),
            ("sessions", provider.maxSessions == 0 ? "no limit" : "at most \(provider.maxSessions)"),
            ("metrics", provider.metrics.isEmpty ? "none" : provider.metrics.joined(separator: ", ")),
        ]
        let head = facts.map { name, value in name.padded(to: 10) + value }.joined(separator: "\n")
        return """
            \(head)

            configuration (config, for the provider):
            \(configSchema.prettyText)

            options (for each session):
            \(sessionSchema?.prettyText ?? "takes none")

            capabilities:
            \(provider.capabilities.json.prettyText)
            """
    }

    /// The loader has parsed both texts before.
    private var configSchema: JSONValue { (try? JSONValue(parsing: provider.configSchemaText)) ?? .null }
    private var sessionSchema: JSONValue? { provider.sessionSchemaText.flatMap { try? JSONValue(parsing: $0) } }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
