// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxBound
internal import CSyrinxHost
internal import SyrinxABI
internal import SyrinxCore

/// Loads a plugin's shared object and turns its table into checked descriptors. Every refusal has a name; a module that
/// is refused has run nothing but its pure entry function.
enum ModuleLoader {
    static let entry = "syrinx_plugin_entry_1"

    /// - Parameter copy: where the entry's bytes are loaded from, when not from the folder itself.
    static func load(
        _ manifest: PluginManifest, folder: String, from copy: String? = nil
    ) throws(SyrinxError) -> [ProviderDescriptor] {
        let path = copy ?? "\(folder)/\(manifest.entry)"
        try checkVersion(major: manifest.abiMajor, minor: manifest.abiMinor, place: "\(folder)/plugin.json:$.abi")
        if manifest.isBound { return try bound(manifest, folder: folder, path: path) }
        let module = try open(path)
        guard let table = syrinx_module_table(module, entry) else {
            throw SyrinxError(
                "plugin.load.no_entry", "the shared object has no \(entry), or it returned nothing",
                fix: "export it with SYX_EXPORT; build for ABI major \(SYX_ABI_MAJOR)", place: path)
        }
        let descriptors = try ModuleTable(table.assumingMemoryBound(to: syx_module.self), manifest, folder)
            .descriptors()
        try initialise(table.assumingMemoryBound(to: syx_module.self), place: path)
        return descriptors
    }

    /// A C library by its manifest, in this process.
    private static func bound(
        _ manifest: PluginManifest, folder: String, path: String
    ) throws(SyrinxError) -> [ProviderDescriptor] {
        var code: UnsafePointer<CChar>?
        var why = [CChar](repeating: 0, count: 512)
        guard let module = syrinx_bound_module_in(path, folder, &code, &why, why.count) else {
            let text = String(decoding: why.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw SyrinxError(
                code.map { String(cString: $0) } ?? "plugin.bind.invalid", text,
                fix: "`syrinx plugin bind-check` on the folder tells more", place: "\(folder)/\(manifest.entry)")
        }
        return try ModuleTable(module, manifest, folder).descriptors()
    }

    static func checkVersion(major: Int, minor: Int, place: String) throws(SyrinxError) {
        guard major <= Int(SYX_ABI_MAJOR) else {
            throw SyrinxError(
                "plugin.abi.newer_major",
                "built for ABI \(major).\(minor); this host speaks \(SYX_ABI_MAJOR).\(SYX_ABI_MINOR)",
                fix: "use a newer host, or a build of the plugin for ABI \(SYX_ABI_MAJOR)", place: place)
        }
        guard major == Int(SYX_ABI_MAJOR) else {
            throw SyrinxError(
                "plugin.abi.older_major", "built for ABI \(major).\(minor), which is no longer spoken", place: place)
        }
    }

    /// Loads the module into a helper: nothing of it runs in this process.
    static func load(
        _ manifest: PluginManifest, folder: String, in module: IsolatedModule
    ) throws(SyrinxError) -> [ProviderDescriptor] {
        try checkVersion(major: manifest.abiMajor, minor: manifest.abiMinor, place: "\(folder)/plugin.json:$.abi")
        return try module.probe { table throws(SyrinxError) in
            try ModuleTable(table, manifest, folder, isolated: module).descriptors()
        }
    }

    private static func open(_ path: String) throws(SyrinxError) -> UnsafeMutableRawPointer {
        var why = [CChar](repeating: 0, count: 512)
        let module = syrinx_module_open(path, &why, why.count)
        guard let module else {
            let text = String(decoding: why.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw SyrinxError(
                "plugin.load.open_failed", text, fix: "`ldd` on the file shows missing libraries", place: path)
        }
        return module
    }

    private static func initialise(_ module: UnsafePointer<syx_module>, place: String) throws(SyrinxError) {
        let end = MemoryLayout<syx_module>.offset(of: \syx_module.`init`).map {
            $0 + MemoryLayout<UnsafeRawPointer>.size
        }
        guard let end, Int(module.pointee.struct_size) >= end, let initialise = module.pointee.`init` else { return }
        var failure = PluginFailure()
        let status = initialise(HostCore.table, &failure.raw)
        guard status >= 0 else { throw failure.error(status, doing: "init", place: place) }
    }
}
