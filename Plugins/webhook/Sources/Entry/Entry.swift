public import SyrinxPlugin
// SPDX-License-Identifier: Apache-2.0
internal import WebhookAgent

/// The plugin's only exported symbol.
@_cdecl("syrinx_plugin_entry_1")
public func entry() -> UnsafePointer<syx_module> {
    webhookAgentModule.table
}
