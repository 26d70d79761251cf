// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxConfig
package import SyrinxHost

/// A configuration file as the source of a server's policy.
package final class ConfigurationFile: PolicySource {
    private let path: String
    private let environment: [String: String]
    /// What the server runs by.
    private let holding: Mutex<Configuration>

    private let onRead: @Sendable (Configuration) -> Void

    /// - Parameter onRead: told each configuration that was read, before anything of it is used.
    package init(
        path: String, environment: [String: String], holding configuration: Configuration,
        onRead: @escaping @Sendable (Configuration) -> Void = { _ in }
    ) {
        self.onRead = onRead
        self.path = path
        self.environment = environment
        holding = Mutex(configuration)
    }

    package func load(_ registry: PluginRegistry) throws(PolicyRefusal) -> PolicyUpdate {
        let configuration: Configuration
        do {
            configuration = try Configuration.load(path: path, environment: environment)
        } catch {
            throw PolicyRefusal(error.issues.map(PolicyRefusal.Issue.init))
        }
        onRead(configuration)
        let issues = ConfigurationCheck.issues(configuration, registry: registry)
        guard !issues.contains(where: { $0.severity == .error }) else {
            throw PolicyRefusal(issues.map(PolicyRefusal.Issue.init))
        }
        return PolicyUpdate(policy: try ServerPolicy(configuration), changes: changes(to: configuration)) { [self] in
            holding.withLock { $0 = configuration }
        }
    }

    private func changes(to configuration: Configuration) -> [PolicyUpdate.Change] {
        ConfigDiff(from: holding.withLock { $0 }, to: configuration).changes.map { change in
            PolicyUpdate.Change(
                key: change.path, old: change.oldText, new: change.newText,
                effect: PolicyUpdate.Change.Effect(rawValue: change.effect.rawValue) ?? .restart)
        }
    }
}

extension PolicyRefusal.Issue {
    fileprivate init(_ issue: ConfigIssue) {
        self.init(issue.message, fix: issue.fix, place: "\(issue.file):\(issue.line):\(issue.column)")
    }
}
