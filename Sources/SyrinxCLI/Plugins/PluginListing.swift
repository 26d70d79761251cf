// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore
package import SyrinxHost

/// What `syrinx plugin list` shows: a line a provider, and a line a refused plugin.
package struct PluginListing {
    private let plugins: [PluginHost.LoadedPlugin]

    package init(_ plugins: [PluginHost.LoadedPlugin]) { self.plugins = plugins }

    package var hasRefusals: Bool { plugins.contains { $0.refusal != nil } }

    package var json: JSONValue { ["plugins": .array(plugins.flatMap(entries))] }

    package var text: String {
        guard !plugins.isEmpty else { return "no plugins" }
        var table = TextTable(["kind", "id", "version", "plugin", "status", "trust", "runs", "folder"])
        for plugin in plugins {
            for provider in plugin.providers.sorted(by: { ($0.kind, $0.id) < ($1.kind, $1.id) }) {
                table.rows.append([
                    provider.kind.name, provider.id, "\(provider.version)", provider.pluginID, "loaded",
                    provider.trust.level.rawValue, provider.origin.mode.rawValue, plugin.folder,
                ])
            }
        }
        let refused = plugins.compactMap { plugin in plugin.refusal.map { Terminal.describe($0) } }
        return (table.rows.isEmpty ? refused : [table.text] + refused).joined(separator: "\n")
    }

    private func entries(_ plugin: PluginHost.LoadedPlugin) -> [JSONValue] {
        guard let refusal = plugin.refusal else { return plugin.providers.map { entry($0, plugin.folder) } }
        return [
            [
                "status": "refused", "folder": .string(plugin.folder),
                "trust": .string(PackageTrust.level(of: refusal).rawValue),
                "plugin": plugin.manifest.map { .string($0.id) } ?? .null,
                "version": plugin.manifest.map { .string("\($0.version)") } ?? .null,
                "code": .string(refusal.code), "reason": .string(refusal.message),
                "fix": refusal.fix.map(JSONValue.string) ?? .null,
            ]
        ]
    }

    private func entry(_ provider: ProviderDescriptor, _ folder: String) -> JSONValue {
        [
            "status": "loaded", "kind": .string(provider.kind.name), "id": .string(provider.id),
            "version": .string("\(provider.version)"), "plugin": .string(provider.pluginID), "folder": .string(folder),
            "trust": .string(provider.trust.level.rawValue), "mode": .string(provider.origin.mode.rawValue),
        ]
    }
}
