// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let localBackendModule = Module([
    ProviderDescription(
        LocalBackendProvider.self,
        kind: .backend,
        id: "local",
        version: "1.0.0",
        name: "This host",
        vendor: "Syrinx",
        capabilities: #"{"media":"host","transports":["websocket","inproc"]}"#,
        metrics: [Metric("syrinx_local_sessions_total", .counter, help: "Sessions opened at the local backend.")],
        traits: .untrustedInput
    )
])
