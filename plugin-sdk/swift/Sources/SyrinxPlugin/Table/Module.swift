// SPDX-License-Identifier: Apache-2.0
public import SyrinxABI

/// The table of a plugin's providers, built once and kept for ever.
///
/// A plugin's whole entry is this:
///
///     private let module = Module([ProviderDescription(MyProvider.self, kind: .agent, id: "mine", …)])
///
///     @_cdecl("syrinx_plugin_entry_1")
///     public func entry() -> UnsafePointer<syx_module> { module.table }
public final class Module: @unchecked Sendable {
    // Unchecked: the memory behind `table` is never written again.

    /// What the entry function returns; immutable and immortal.
    public let table: UnsafePointer<syx_module>

    /// Builds the table.
    ///
    /// A mistake of the author (an id twice, an id with wrong letters, more than ``maximumProviders``) must not take
    /// the host down: such a module offers nothing, and its `init` answers ``Status/invalid`` with the reason.
    public init(_ providers: [ProviderDescription]) {
        var table = syx_module()
        table.magic = UInt32(SYX_MAGIC)
        table.struct_size = UInt32(MemoryLayout<syx_module>.size)
        table.abi_major = UInt16(SYX_ABI_MAJOR)
        table.abi_minor = UInt16(SYX_ABI_MINOR)
        table.build_info = immortal(Self.buildInfo)
        if let flaw = Self.flaw(of: providers) {
            ModuleFlaw.report(flaw)
            table.`init` = ModuleFlaw.refuse
        } else {
            table.n_plugins = UInt32(providers.count)
            table.plugins = DescriptorTable.make(providers)
        }
        self.table = immortal(table)
    }

    /// How many providers one shared object may offer.
    public static let maximumProviders = ProviderSlots.openers.count

    /// The compiler and the SDK that the plugin was built with.
    static var buildInfo: String {
        #if compiler(>=6.4)
        "swift-6.4+ sdk-1.0.0"
        #elseif compiler(>=6.3)
        "swift-6.3 sdk-1.0.0"
        #else
        "swift-6.2 sdk-1.0.0"
        #endif
    }

    private static func flaw(of providers: [ProviderDescription]) -> String? {
        if let flaw = providers.lazy.compactMap(\.flaw).first {
            return flaw
        }
        if Set(providers.map { "\($0.kind) \($0.id)" }).count < providers.count {
            return "two providers have the same kind and id"
        }
        return ProviderSlots.hasRoom(for: providers.count) ? nil : "more than \(maximumProviders) providers"
    }
}
