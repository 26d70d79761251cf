// SPDX-License-Identifier: Apache-2.0
internal import AudioSocketTransport
public import SyrinxPlugin

/// The plugin's only exported symbol.
@_cdecl("syrinx_plugin_entry_1")
public func entry() -> UnsafePointer<syx_module> {
    audioSocketModule.table
}
