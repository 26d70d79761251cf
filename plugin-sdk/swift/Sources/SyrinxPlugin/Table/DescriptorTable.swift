// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// Turns descriptions into the C tables.
enum DescriptorTable {
    static func make(_ providers: [ProviderDescription]) -> UnsafePointer<UnsafePointer<syx_plugin_desc>?> {
        let list = UnsafeMutablePointer<UnsafePointer<syx_plugin_desc>?>.allocate(capacity: max(1, providers.count))
        for (index, provider) in providers.enumerated() {
            (list + index).initialize(to: immortal(descriptor(provider)))
        }
        return UnsafePointer(list)
    }

    private static func descriptor(_ provider: ProviderDescription) -> syx_plugin_desc {
        var table = syx_plugin_desc()
        table.struct_size = UInt32(MemoryLayout<syx_plugin_desc>.size)
        table.kind = provider.kind.rawValue
        table.flags = provider.traits.rawValue | UInt32(SYX_PF_RUNTIME_SWIFT)
        table.max_sessions = provider.maximumSessions
        table.id = immortal(provider.id)
        table.version = immortal(provider.version)
        table.name = immortal(provider.name)
        table.vendor = immortal(provider.vendor)
        table.license = immortal(provider.license)
        table.config_schema = immortal(provider.configSchema)
        table.session_schema = provider.sessionSchema.map { immortal($0) }
        table.caps_json = immortal(provider.capabilities)
        if !provider.metrics.isEmpty {
            table.metrics_json = immortal("[\(provider.metrics.map(\.json).joined(separator: ","))]")
        }
        table.vt = immortal(functions(provider.factory))
        return table
    }

    private static func functions(_ factory: ProviderFactory) -> syx_plugin_vt {
        var table = syx_plugin_vt()
        table.struct_size = UInt32(MemoryLayout<syx_plugin_vt>.size)
        table.open = ProviderSlots.claim(factory)
        table.close = closeProvider
        table.health = probeHealth
        table.session_open = openSession
        table.session_close = closeSession
        table.handle = handleEvent
        table.cancel = cancelGeneration
        if factory.analysesFrames || factory.filtersFrames {
            table.process = processFrame
        }
        if factory.resets {
            table.reset = resetSession
        }
        return table
    }
}
