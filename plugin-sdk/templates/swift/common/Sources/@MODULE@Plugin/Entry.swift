// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import __MODULE__Logic

/// The plugin's only exported symbol.
@_cdecl("syrinx_plugin_entry_1")
public func entry() -> UnsafePointer<syx_module> {
    pluginModule.table
}
