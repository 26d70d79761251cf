// SPDX-License-Identifier: Apache-2.0

/// Replaces `${secret:NAME}` in the providers of each tenant by the tenant's secrets, and refuses it elsewhere.
struct TenantSecrets {
    let source: SourceText
    let references: ReferenceExpander
    private(set) var issues: [ConfigIssue] = []

    init(source: SourceText, references: ReferenceExpander) {
        self.source = source
        self.references = references
    }

    mutating func resolve(_ root: ConfigNode) -> ConfigNode {
        replacingValues(of: root) { this, key, value in
            guard key == "tenants" else { return this.replacing(value, by: nil) }
            return this.replacingValues(of: value) { this, _, tenant in
                let secrets = Self.secrets(of: tenant)
                return this.replacingValues(of: tenant) { this, key, value in
                    this.replacing(value, by: key == "providers" ? secrets : nil)
                }
            }
        }
    }

    private static func secrets(of tenant: ConfigNode) -> [String: String] {
        guard case .mapping(let entries) = tenant.content,
            case .mapping(let secrets) = entries.first(where: { $0.key == "secrets" })?.value.content
        else { return [:] }
        return secrets.reduce(into: [:]) { result, entry in
            if case .scalar(let scalar) = entry.value.content { result[entry.key] = scalar.text }
        }
    }

    /// `secrets` is nil where there are none to be had.
    private mutating func replacing(_ node: ConfigNode, by secrets: [String: String]?) -> ConfigNode {
        var result = node
        switch node.content {
        case .scalar(let scalar):
            if scalar.isPending { result.content = .scalar(replacing(scalar, at: node.place, by: secrets)) }
        case .list(let elements):
            var replaced: [ConfigNode] = []
            for element in elements { replaced.append(replacing(element, by: secrets)) }
            result.content = .list(replaced)
        case .mapping: result = replacingValues(of: node) { $0.replacing($2, by: secrets) }
        }
        return result
    }

    private mutating func replacing(
        _ scalar: ConfigScalar, at place: SourcePlace, by secrets: [String: String]?
    ) -> ConfigScalar {
        var references = references
        references.secrets = secrets
        let expanded = references.expand(scalar.source)
        var result = scalar
        result.text = expanded.text
        result.isPending = false
        if secrets == nil {
            result.isFaulty = true
            let message = "`${secret:…}` stands only in the providers of a tenant"
            let fix = "write `${env:NAME}` or `${file:PATH}`"
            issues.report(source.issue(at: place, message, fix: fix, docs: "docs/CONFIG.md#references"))
        } else if let fault = expanded.fault, !scalar.isFaulty {
            result.isFaulty = true
            issues.report(source.issue(at: place, fault.message, fix: fault.fix, docs: "docs/CONFIG.md#references"))
        }
        return result
    }

    private mutating func replacingValues(
        of node: ConfigNode, _ replace: (inout Self, String, ConfigNode) -> ConfigNode
    ) -> ConfigNode {
        guard case .mapping(var entries) = node.content else { return replacing(node, by: nil) }
        for index in entries.indices { entries[index].value = replace(&self, entries[index].key, entries[index].value) }
        var result = node
        result.content = .mapping(entries)
        return result
    }
}
