// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin
internal import WebRTCTransport

/// The plugin's only exported symbol.
@_cdecl("syrinx_plugin_entry_1")
public func entry() -> UnsafePointer<syx_module> {
    webRTCModule.table
}
