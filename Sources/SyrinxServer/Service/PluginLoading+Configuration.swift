// SPDX-License-Identifier: Apache-2.0

package import SyrinxConfig
package import SyrinxCore
package import SyrinxHost

extension PluginLoading {
    /// What a configuration file says of plugins: reads its keys and lock.
    /// - Throws: `plugin.trust.*`, `plugin.store.unusable`, `plugin.package.*`, `plugin.quarantine.unreadable`.
    package init(_ plugins: PluginsConfig) throws(SyrinxError) {
        var verifier = PackageVerifier(keys: try TrustKeyring(paths: plugins.trustedKeys))
        if let lock = plugins.lock { verifier.lock = try PluginLock(contentsOf: lock) }
        if let state = plugins.state {
            verifier.store = try ContentStore(root: "\(state)/plugins")
            let quarantine = Quarantine(state: state)
            try LoadSentinel.sweep(quarantine)
            verifier.quarantine = quarantine
        }
        self.init(
            verifier: verifier, isolation: Isolation(plugins.isolation.of),
            settings: IsolationSettings(plugins.isolation))
    }
}

extension PluginLoading.Isolation {
    fileprivate init(_ which: PluginsConfig.Isolation.Which) {
        self =
            switch which {
            case .untrusted: .untrusted
            case .all: .always
            case .none: .never
            }
    }
}

extension IsolationSettings {
    fileprivate init(_ config: PluginsConfig.Isolation) {
        self.init(
            grouping: Grouping(rawValue: config.grouping.rawValue) ?? .tenant, sessionsPerHelper: config.sessions,
            keepsSpare: config.spare, memory: config.memoryMB, workers: config.workers)
    }
}
