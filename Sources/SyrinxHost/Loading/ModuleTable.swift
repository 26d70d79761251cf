// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
internal import SyrinxCore

/// Reads the table that a module's entry returned, field by field, and only as far as its `struct_size` goes.
struct ModuleTable {
    private let module: UnsafePointer<syx_module>
    private let manifest: PluginManifest
    private let folder: String
    /// Nil: the table is the module's own, and immortal.
    private let isolated: IsolatedModule?

    init(
        _ module: UnsafePointer<syx_module>, _ manifest: PluginManifest, _ folder: String,
        isolated: IsolatedModule? = nil
    ) {
        self.module = module
        self.manifest = manifest
        self.folder = folder
        self.isolated = isolated
    }

    func descriptors() throws(SyrinxError) -> [ProviderDescriptor] {
        try checkHead()
        let count = Int(module.pointee.n_plugins)
        guard (1...64).contains(count), let table = module.pointee.plugins else {
            throw refusal("plugin.abi.truncated_table", "the module offers \(count) providers; 1 to 64 are possible")
        }
        var descriptors: [ProviderDescriptor] = []
        for index in 0..<count {
            guard let entry = table[index] else {
                throw refusal("plugin.abi.truncated_table", "provider \(index) of the module is NULL")
            }
            descriptors.append(try descriptor(entry, index))
        }
        try checkAgainstManifest(descriptors)
        return descriptors
    }

    private func checkHead() throws(SyrinxError) {
        guard module.pointee.magic == UInt32(SYX_MAGIC) else {
            throw refusal(
                "plugin.abi.bad_magic",
                "the module's magic is \(hex(module.pointee.magic)), not \(hex(UInt32(SYX_MAGIC)))")
        }
        let needed =
            MemoryLayout<syx_module>.offset(of: \.plugins).map { $0 + MemoryLayout<UnsafeRawPointer>.size } ?? 0
        guard Int(module.pointee.struct_size) >= needed else {
            throw refusal(
                "plugin.abi.truncated_table",
                "the module table is \(module.pointee.struct_size) bytes, at least \(needed) are needed")
        }
        try ModuleLoader.checkVersion(
            major: Int(module.pointee.abi_major), minor: Int(module.pointee.abi_minor), place: folder)
    }

    private func descriptor(
        _ pointer: UnsafePointer<syx_plugin_desc>, _ index: Int
    ) throws(SyrinxError) -> ProviderDescriptor {
        let size = Int(pointer.pointee.struct_size)
        let needed = ABISizes.descriptor
        guard size >= needed else {
            throw refusal(
                "plugin.abi.truncated_table", "a descriptor is \(size) bytes, at least \(needed) are needed")
        }
        let raw = pointer.pointee
        guard let id = text(raw.id), PluginIdentifier.isValid(id) else {
            throw refusal("plugin.descriptor.invalid", "a descriptor has no valid id")
        }
        guard let kind = PluginKind(rawValue: raw.kind) else {
            throw refusal("plugin.abi.wrong_kind", "`\(id)` has the unknown kind \(raw.kind)")
        }
        guard let version = text(raw.version).flatMap(SemanticVersion.init) else {
            throw refusal("plugin.descriptor.invalid", "`\(id)` has no semantic version")
        }
        let schemaText = text(raw.config_schema) ?? #"{"type":"object","additionalProperties":false}"#
        let sessionText = text(raw.session_schema)
        return ProviderDescriptor(
            kind: kind, id: id, version: version, name: text(raw.name) ?? id, vendor: text(raw.vendor) ?? "",
            license: text(raw.license) ?? "", flags: raw.flags, maxSessions: Int(raw.max_sessions),
            configSchema: try schema(schemaText, "config_schema", id),
            sessionSchema: try sessionText.map { text throws(SyrinxError) in try schema(text, "session_schema", id) },
            configSchemaText: schemaText, sessionSchemaText: sessionText,
            capabilities: Capabilities(try json(text(raw.caps_json) ?? "{}", "caps_json", id)),
            metrics: (try json(text(raw.metrics_json) ?? "[]", "metrics_json", id).array ?? []).map {
                $0["name"]?.string ?? ""
            },
            table: try functions(raw.vt, kind, id),
            origin: isolated.map { .isolated($0, index: index) } ?? .inProcess(RawDescriptor(pointer: pointer)),
            pluginID: manifest.id, folder: folder, buildInfo: text(module.pointee.build_info) ?? "")
    }

    private func functions(
        _ pointer: UnsafePointer<syx_plugin_vt>?, _ kind: PluginKind, _ id: String
    ) throws(SyrinxError) -> PluginTable {
        guard let pointer else { throw refusal("plugin.abi.truncated_table", "`\(id)` has no function table") }
        let table = isolated == nil ? PluginTable(pointer) : PluginTable(copying: pointer)
        guard table.has(\.handle) else {
            throw refusal(
                "plugin.abi.truncated_table",
                "`\(id)`'s function table is \(pointer.pointee.struct_size) bytes: too short")
        }
        let complete =
            pointer.pointee.open != nil && pointer.pointee.close != nil && pointer.pointee.session_open != nil
            && pointer.pointee.session_close != nil
        guard complete else {
            throw refusal("plugin.abi.missing_function", "`\(id)` lacks open, close, session_open or session_close")
        }
        guard kind.worksOnMediaPath ? table.optional(\.process) != nil : pointer.pointee.handle != nil else {
            let needed = kind.worksOnMediaPath ? "process" : "handle"
            throw refusal("plugin.abi.missing_function", "`\(id)` is a \(kind.name) and lacks \(needed)")
        }
        return table
    }

    private func checkAgainstManifest(_ descriptors: [ProviderDescriptor]) throws(SyrinxError) {
        let promised = Set(manifest.provides)
        let found = Set(descriptors.map { PluginManifest.Provided(kind: $0.kind, id: $0.id) })
        guard promised == found else {
            let list = { (set: Set<PluginManifest.Provided>) in
                set.map { "\($0.kind.name) `\($0.id)`" }.sorted().joined(separator: ", ")
            }
            throw refusal(
                "plugin.abi.wrong_kind", "plugin.json promises \(list(promised)), the module has \(list(found))")
        }
        if let other = descriptors.first(where: { $0.version != manifest.version }) {
            throw refusal(
                "plugin.descriptor.invalid",
                "plugin.json says version \(manifest.version), the module says \(other.reference)")
        }
    }

    private func schema(_ text: String, _ field: String, _ id: String) throws(SyrinxError) -> JSONSchema {
        do {
            return try JSONSchema(parsing: text)
        } catch {
            throw refusal("plugin.descriptor.invalid", "`\(id)`'s \(field) is not a JSON Schema: \(error.message)")
        }
    }

    private func json(_ text: String, _ field: String, _ id: String) throws(SyrinxError) -> JSONValue {
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw refusal("plugin.descriptor.invalid", "`\(id)`'s \(field) is not JSON: \(error.message)")
        }
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }

    private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }

    private func refusal(_ code: String, _ message: String) -> SyrinxError {
        SyrinxError(
            code, message, fix: "rebuild the plugin with this host's plugin-sdk", place: "\(folder)/\(manifest.entry)")
    }
}
