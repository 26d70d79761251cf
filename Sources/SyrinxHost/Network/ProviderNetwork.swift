// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What one provider may do on the network.
struct ProviderNetwork: Sendable {
    let rules: EgressRules
    let secrets: ProviderSecrets

    /// What the manifest asks for, and every URL that the operator wrote into the configuration: who may configure a
    /// provider may say where it goes.
    init(
        permissions: PluginPermissions, configuration: JSONValue, secrets: ProviderSecrets, addresses: AddressRules
    ) {
        let texts = permissions.net + Self.urls(in: configuration)
        rules = EgressRules(origins: texts.compactMap(EgressPattern.init), addresses: addresses)
        self.secrets = secrets
    }

    /// A plugin that may reach nothing gets no tables.
    var isGranted: Bool { !rules.origins.isEmpty }

    private static func urls(in value: JSONValue) -> [String] {
        switch value {
        case .string(let text): NetworkURL(text) == nil ? [] : [text]
        case .array(let elements): elements.flatMap(urls)
        case .object(let members): members.values.flatMap(urls)
        default: []
        }
    }
}
