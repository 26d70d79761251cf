// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxHost

/// The backends that are installed. A backend is a plugin of kind `backend`; installing one is all it takes to make it
/// available under its name, and a program changes provider by configuration alone.
///
/// Every call reads the plugin folders, so it may block for the time it takes to load shared objects. Thread-safe.
public enum VoiceBackends {
    /// Makes a backend. Nothing is opened yet: ``VoiceBackend/start()`` does that.
    /// - Parameters:
    ///   - name: one of ``providerNames(pluginFolders:)``; goes into the configuration's `provider`.
    ///   - config: the configuration, checked as a whole.
    ///   - hooks: the application's own part: authentication, rate limits, telephony, processors.
    /// - Returns: the backend, not yet started.
    /// - Throws: ``VoiceBackendError`` `provider_not_found` with what there is, `invalid_config` with every problem by
    ///   its key path.
    public static func make(
        _ name: String, config: Config = Config(), hooks: Hooks = Hooks()
    ) async throws(VoiceBackendError) -> VoiceBackend {
        var config = config
        config.provider = name
        let host = try pluginHost(config.pluginFolders, "make")
        config.adoptPipeline(of: host.registry)
        return try VoiceBackend(config: config, hooks: hooks, host: host)
    }

    /// The names of all installed backends, sorted. Without folders those of ``PluginFolders/standard`` count.
    public static func providerNames(pluginFolders: [String]? = nil) -> [String] {
        providerNames(of: .backend, pluginFolders: pluginFolders)
    }

    /// The names of all installed providers that can fill a stage, sorted. Without folders those of
    /// ``PluginFolders/standard`` count.
    public static func providerNames(of stage: Stage, pluginFolders: [String]? = nil) -> [String] {
        (try? pluginHost(pluginFolders ?? [], "providerNames"))?.registry.names(of: stage.kind) ?? []
    }

    /// Whether a backend of this name is installed: `local`, or with a version, `local@1`.
    public static func isRegistered(_ name: String, pluginFolders: [String]? = nil) -> Bool {
        (try? descriptor(name, .backend, pluginFolders, "isRegistered")) != nil
    }

    /// What a provider can do.
    /// - Parameters:
    ///   - name: its name.
    ///   - stage: the stage that it fills.
    ///   - pluginFolders: nil = ``PluginFolders/standard``.
    /// - Returns: what its plugin says.
    /// - Throws: ``VoiceBackendError`` `provider_not_found`.
    public static func capabilities(
        of name: String, stage: Stage = .backend, pluginFolders: [String]? = nil
    ) throws(VoiceBackendError) -> ProviderCapabilities {
        let found = try descriptor(name, stage, pluginFolders, "capabilities")
        return ProviderCapabilities(
            reference: found.reference, name: found.name, vendor: found.vendor,
            maxSessions: found.maxSessions == 0 ? nil : found.maxSessions, sampleRates: found.capabilities.rates,
            languages: found.capabilities.languages, isStreaming: found.capabilities.streaming,
            all: ConfigValue(found.capabilities.json))
    }

    /// What a provider may be configured with.
    /// - Parameters:
    ///   - name: its name.
    ///   - stage: the stage that it fills.
    ///   - pluginFolders: nil = ``PluginFolders/standard``.
    /// - Returns: what its plugin says.
    /// - Throws: ``VoiceBackendError`` `provider_not_found`.
    public static func configSchema(
        of name: String, stage: Stage = .backend, pluginFolders: [String]? = nil
    ) throws(VoiceBackendError) -> ConfigSchema {
        let found = try descriptor(name, stage, pluginFolders, "configSchema")
        return ConfigSchema(found.configSchema, text: found.configSchemaText)
    }

    private static func descriptor(
        _ name: String, _ stage: Stage, _ folders: [String]?, _ operation: String
    ) throws(VoiceBackendError) -> ProviderDescriptor {
        try pluginHost(folders ?? [], operation).registry.find(name, of: stage.kind, operation)
    }

    /// A host with all plugins of the folders. One that is refused does not stop the others; a configuration that names
    /// it is told so.
    static func pluginHost(_ folders: [String], _ operation: String) throws(VoiceBackendError) -> PluginHost {
        let host = PluginHost(environment: SharedRuntime.environment, loading: PluginLoading())
        let folders = folders.isEmpty ? PluginFolders.standard : folders
        var issues: [ConfigIssue] = []
        for folder in folders {
            do {
                try host.load(folder: folder)
            } catch {
                issues.append(ConfigIssue("plugin_folders", "\(folder): \(error.message)"))
            }
        }
        if folders.isEmpty {
            issues.append(
                ConfigIssue("plugin_folders", "no plugins were found; set SYRINX_PLUGINS, or name the folders"))
        }
        try issues.throwIfAny(operation)
        return host
    }
}

extension PluginRegistry {
    func names(of kind: PluginKind) -> [String] { Set(all.filter { $0.kind == kind }.map(\.id)).sorted() }

    /// - Throws: `provider_not_found`, with what there is.
    func find(_ name: String, of kind: PluginKind, _ operation: String) throws(VoiceBackendError) -> ProviderDescriptor
    {
        do {
            return try find(kind, try ProviderReference(name))
        } catch {
            let known = names(of: kind)
            throw VoiceBackendError(
                operation, .providerNotFound,
                "there is no \(kind.name) provider `\(name)`; \(Words.installed(known))",
                details: ["installed": known.joined(separator: ", ")])
        }
    }
}
