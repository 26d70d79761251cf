// SPDX-License-Identifier: Apache-2.0

internal import Glibc
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
    let pool = ProviderPool()
    let watching = Mutex<(any GenerationObserver)?>(nil)

    private let loading: PluginLoading

    /// - Parameter loading: whom to believe, and where plugins' code runs.
    package init(environment: any HostEnvironment, loading: PluginLoading = .trusting) {
        self.environment = environment
        self.loading = loading
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
            plugin.providers = try registry.add(try providers(of: package(at: found.path)))
        } catch {
            plugin.refusal = error
        }
        return plugin
    }

    /// Checks a plugin's folder and decides where it is to run. No code of it runs.
    /// - Throws: as `PackageVerifier.verify`.
    func package(at folder: String) throws(SyrinxError) -> PluginPackage { try loading.package(at: folder) }

    /// Loads a package's module, here or in a helper.
    /// - Throws: `plugin.load.*`, `plugin.abi.*`, `plugin.descriptor.*`, `plugin.probe.*`, `plugin.isolation.*`.
    func providers(of package: PluginPackage) throws(SyrinxError) -> [ProviderDescriptor] {
        var providers = try package.mode == .isolated ? loadApart(package) : loadTrusted(package)
        for index in providers.indices {
            providers[index].trust = package.trust
            providers[index].permissions = package.manifest.permissions
        }
        return providers
    }

    private func loadApart(_ package: PluginPackage) throws(SyrinxError) -> [ProviderDescriptor] {
        guard !package.manifest.permissions.sockets || package.trust.mayRunInProcess else {
            throw SyrinxError(
                "plugin.isolation.sockets",
                "`\(package.manifest.id)` needs sockets of its own, which only a trusted plugin's helper has",
                fix: "`syrinx plugin lock --core` on its folder, or a key with \"trust\": \"inproc\"",
                place: "\(package.folder)/plugin.json:$.permissions.sockets")
        }
        let module = IsolatedModule(package, settings: loading.settings, host: self)
        return gathered(try ModuleLoader.load(package.manifest, folder: package.folder, in: module), package)
    }

    /// In this process, if its library minds nothing: one with a single state for all its users is apart from the rest
    /// of the server, and is started again when it has broken down.
    private func loadTrusted(_ package: PluginPackage) throws(SyrinxError) -> [ProviderDescriptor] {
        guard let tried = try probe(package), loading.isolation == .untrusted, tried.contains(where: \.hasGlobalState)
        else { return try loadHere(package) }
        environment.log(
            plugin: "\(package.manifest.id)@\(package.manifest.version)", level: 2,
            message: "runs in a helper of its own: its library has one state for the process it is in; "
                + "plugins.isolation.of: none keeps it in the server's",
            fields: "")
        return gathered(tried, package)
    }

    private func gathered(_ providers: [ProviderDescriptor], _ package: PluginPackage) -> [ProviderDescriptor] {
        guard providers.contains(where: \.hasGlobalState) else { return providers }
        let module = IsolatedModule(package, settings: loading.settings.gathered, host: self)
        var providers = providers
        for index in providers.indices { providers[index].origin = .isolated(module, index: index) }
        return providers
    }

    /// Loads the module in a helper, which then ends.
    /// - Returns: nil when there is no helper program.
    /// - Throws: `plugin.probe.*`, and what the helper found wrong with the module.
    private func probe(_ package: PluginPackage) throws(SyrinxError) -> [ProviderDescriptor]? {
        guard loading.probes, access(loading.settings.program, X_OK) == 0 else { return nil }
        do {
            let module = IsolatedModule(package, settings: loading.settings, host: self)
            return try ModuleLoader.load(package.manifest, folder: package.folder, in: module)
        } catch {
            // Not what took too long: a busy machine does that to any.
            let isDeadly = ["plugin.probe.crashed", "plugin.probe.exited"].contains(error.code)
            if isDeadly, let quarantine = loading.verifier.quarantine, let hash = ContentHash("sha256:" + package.hash)
            {
                try quarantine.add(hash, plugin: package.manifest.id, reason: error.message)
            }
            throw error
        }
    }

    /// Leaves a sign while the loader is at work: a host that dies there does not try the same code again.
    private func loadHere(_ package: PluginPackage) throws(SyrinxError) -> [ProviderDescriptor] {
        let (manifest, folder, path) = (package.manifest, package.folder, package.loadPath)
        guard let quarantine = loading.verifier.quarantine, let hash = ContentHash("sha256:" + package.hash) else {
            return try ModuleLoader.load(manifest, folder: folder, from: path)
        }
        let sentinel = try LoadSentinel(hash, plugin: manifest.id, quarantine: quarantine)
        let providers = try ModuleLoader.load(manifest, folder: folder, from: path)
        sentinel.finish()
        return providers
    }

    /// A helper process of a plugin has died by itself.
    func helperDied(_ module: IsolatedModule, _ death: HelperDeath) {
        environment.log(
            plugin: module.name, level: 4, message: "a helper process ended: \(death.description)", fields: "")
        if let reason = module.quarantine { keepOut(module, reason) }
        for descriptor in registry.all {
            guard case .isolated(let own, _) = descriptor.origin, own === module else { continue }
            return noteFailure(generation: descriptor.generation, reason: death.description)
        }
    }

    /// Remembers beyond this process that a build is not to be loaded.
    private func keepOut(_ module: IsolatedModule, _ reason: String) {
        guard let quarantine = loading.verifier.quarantine, let hash = ContentHash("sha256:" + module.hash) else {
            return
        }
        let isAdded = environment.runBlocking { try? quarantine.add(hash, plugin: module.name, reason: reason) }
        if !isAdded { environment.log(plugin: module.name, level: 4, message: "quarantine not written", fields: "") }
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
        try lease(registry.find(kind, reference), configuration: configuration, tenant: tenant).provider
    }

    /// The same of a descriptor that is known already; the provider stays open at least as long as the lease.
    /// - Parameter hidden: where secrets stand in the configuration: no message shows them.
    /// - Throws: `plugin.config_invalid`, `provider.*`.
    package func lease(
        _ descriptor: ProviderDescriptor, configuration: JSONValue, tenant: String = "default",
        hiding hidden: Set<JSONPath> = []
    ) throws(SyrinxError) -> ProviderLease {
        let complete = try Self.checked(
            configuration, descriptor.configSchema, descriptor, "config", hiding: hidden)
        let key = ProviderPool.Key(descriptor, configuration: complete, tenant: tenant)
        return try pool.lease(key) { () throws(SyrinxError) in
            try ProviderInstance.open(descriptor, configuration: complete, tenant: tenant, environment: environment)
        }
    }

    /// A session's options, checked and completed.
    /// - Throws: `plugin.config_invalid`.
    package func sessionOptions(
        _ options: JSONValue, for descriptor: ProviderDescriptor, hiding hidden: Set<JSONPath> = []
    ) throws(SyrinxError) -> JSONValue {
        guard let schema = descriptor.sessionSchema else {
            guard options.object?.isEmpty ?? (options == .null) else {
                throw SyrinxError(
                    "plugin.config_invalid", "takes no options per session",
                    place: "\(descriptor.kind.name) \(descriptor.reference):options")
            }
            return .object([:])
        }
        return try Self.checked(options, schema, descriptor, "options", hiding: hidden)
    }

    package var openProviders: [ProviderInstance] { pool.open }

    /// Closes all providers that no session uses. One that is still in use stays open: its plugin may be working.
    /// - Returns: whether all are closed.
    @discardableResult
    package func close() -> Bool { pool.closeAll() }

    /// Waits a moment for the last sessions' tasks.
    package func close(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        while !close(), ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
    }

    /// Lists a plugin's folder; what was known of the folder before is replaced.
    func list(_ plugin: LoadedPlugin) {
        loaded.withLock { loaded in
            if let index = loaded.firstIndex(where: { $0.folder == plugin.folder }) {
                loaded[index] = plugin
            } else {
                loaded.append(plugin)
            }
        }
    }

    func unlist(folder: String) { loaded.withLock { $0.removeAll { $0.folder == folder } } }

    static func checked(
        _ value: JSONValue, _ schema: JSONSchema, _ descriptor: ProviderDescriptor, _ what: String,
        hiding hidden: Set<JSONPath> = []
    ) throws(SyrinxError) -> JSONValue {
        let complete = schema.fillingDefaults(value == .null ? .object([:]) : value)
        let issues = schema.validate(complete, hiding: hidden)
        guard let first = issues.first else { return complete }
        let rest = issues.count > 1 ? " (and \(issues.count - 1) more)" : ""
        throw SyrinxError(
            "plugin.config_invalid", first.message + rest,
            fix: first.fix ?? "`syrinx plugin inspect \(descriptor.id)` shows the schema",
            place:
                "\(descriptor.kind.name) \(descriptor.reference):\(what)\(String(describing: first.path).dropFirst())")
    }
}
