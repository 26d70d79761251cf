// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// Loads plugins from folders, into this process or into helpers, and opens their providers. Thread-safe.
package final class PluginHost: Sendable {
    /// A folder that holds a plugin, and what became of it.
    package struct LoadedPlugin: Sendable {
        package var folder: String
        package var manifest: PluginManifest?
        package var providers: [ProviderDescriptor]
        package var refusal: SyrinxError?
    }

    package let registry = PluginRegistry()
    package let environment: any HostEnvironment
    private let loaded = Mutex<[LoadedPlugin]>([])
    private let instances = Mutex<[InstanceKey: ProviderInstance]>([:])
    /// Opening may load models for seconds; one at a time keeps memory and order predictable.
    private let opening = Mutex(())

    private struct InstanceKey: Hashable {
        var kind: PluginKind
        var reference: String
        var tenant: String
        var configuration: String
    }

    private let isolation: IsolationSettings
    private let modeOf: @Sendable (PluginManifest) -> LoadMode

    /// - Parameter modeOf: where a plugin's code runs.
    package init(
        environment: any HostEnvironment, isolation: IsolationSettings = IsolationSettings(),
        modeOf: @escaping @Sendable (PluginManifest) -> LoadMode = { _ in .inProcess }
    ) {
        self.environment = environment
        self.isolation = isolation
        self.modeOf = modeOf
    }

    /// Loads every plugin of a folder. A plugin that is refused does not stop the others.
    /// - Throws: `plugin.folder.missing`.
    @discardableResult
    package func load(folder: String) throws(SyrinxError) -> [LoadedPlugin] {
        let plugins = try PluginFolder.scan(folder).map(load)
        loaded.withLock { $0.append(contentsOf: plugins) }
        return plugins
    }

    private func load(_ found: PluginFolder.Found) -> LoadedPlugin {
        var plugin = LoadedPlugin(folder: found.path, providers: [])
        do {
            let manifest = try found.manifest.get()
            plugin.manifest = manifest
            let descriptors = try descriptors(of: manifest, folder: found.path)
            try registry.add(descriptors)
            plugin.providers = descriptors
        } catch {
            plugin.refusal = error
        }
        return plugin
    }

    private func descriptors(of manifest: PluginManifest, folder: String) throws(SyrinxError) -> [ProviderDescriptor] {
        switch modeOf(manifest) {
        case .inProcess: return try ModuleLoader.load(manifest, folder: folder)
        case .isolated: return try ModuleLoader.load(manifest, folder: folder, in: isolatedModule(manifest, folder))
        }
    }

    private func isolatedModule(_ manifest: PluginManifest, _ folder: String) -> IsolatedModule {
        let environment = environment
        return IsolatedModule(
            id: manifest.id, path: "\(folder)/\(manifest.entry)", folder: folder, settings: isolation,
            now: { environment.now() },
            onDeath: { death in
                environment.log(
                    plugin: "\(manifest.id)@\(manifest.version)", level: 4,
                    message: "a helper process ended: \(death.description)", fields: "")
            })
    }

    /// The modules that run in helpers.
    package var isolatedModules: [IsolatedModule] {
        var modules: [ObjectIdentifier: IsolatedModule] = [:]
        for case .isolated(let module, _) in registry.all.map(\.origin) { modules[ObjectIdentifier(module)] = module }
        return Array(modules.values)
    }

    /// Every plugin folder seen so far, in the order of loading.
    package var plugins: [LoadedPlugin] { loaded.withLock { $0 } }

    /// The opened provider for a configuration, made on first use. Blocks while models load.
    /// - Throws: `plugin.not_found`, `plugin.config_invalid`, `provider.*`.
    package func provider(
        _ kind: PluginKind, _ reference: ProviderReference, configuration: JSONValue, tenant: String = "default"
    ) throws(SyrinxError) -> ProviderInstance {
        let descriptor = try registry.find(kind, reference)
        let complete = try Self.checked(configuration, descriptor.configSchema, descriptor, "config")
        let key = InstanceKey(
            kind: kind, reference: descriptor.reference, tenant: tenant, configuration: complete.text)
        return try Result { () throws(SyrinxError) in
            try opening.withLock { _ throws(SyrinxError) in
                if let known = instances.withLock({ $0[key] }) { return known }
                let opened = try ProviderInstance.open(
                    descriptor, configuration: complete, tenant: tenant, environment: environment)
                instances.withLock { $0[key] = opened }
                return opened
            }
        }.get()
    }

    /// A session's options, checked and completed.
    /// - Throws: `plugin.config_invalid`.
    package func sessionOptions(
        _ options: JSONValue, for descriptor: ProviderDescriptor
    ) throws(SyrinxError) -> JSONValue {
        guard let schema = descriptor.sessionSchema else {
            guard options.object?.isEmpty ?? (options == .null) else {
                throw SyrinxError(
                    "plugin.config_invalid", "takes no options per session",
                    place: "\(descriptor.kind.name) \(descriptor.reference):options")
            }
            return .object([:])
        }
        return try Self.checked(options, schema, descriptor, "options")
    }

    package var openProviders: [ProviderInstance] { instances.withLock { Array($0.values) } }

    /// Closes all providers that no session uses. One that is still in use stays open: its plugin may be working.
    /// - Returns: whether all are closed.
    @discardableResult
    package func close() -> Bool {
        let open = instances.withLock { Array($0) }
        for (key, provider) in open where provider.close() {
            instances.withLock { _ = $0.removeValue(forKey: key) }
        }
        return instances.withLock(\.isEmpty)
    }

    /// Waits a moment for the last sessions' tasks.
    package func close(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        while !close(), ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
    }

    private static func checked(
        _ value: JSONValue, _ schema: JSONSchema, _ descriptor: ProviderDescriptor, _ what: String
    ) throws(SyrinxError) -> JSONValue {
        let complete = schema.fillingDefaults(value == .null ? .object([:]) : value)
        let issues = schema.validate(complete)
        guard let first = issues.first else { return complete }
        let rest = issues.count > 1 ? " (and \(issues.count - 1) more)" : ""
        throw SyrinxError(
            "plugin.config_invalid", first.message + rest,
            fix: first.fix ?? "`syrinx plugin inspect \(descriptor.id)` shows the schema",
            place:
                "\(descriptor.kind.name) \(descriptor.reference):\(what)\(String(describing: first.path).dropFirst())")
    }
}
