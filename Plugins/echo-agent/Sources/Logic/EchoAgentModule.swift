// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let echoAgentModule = Module([
    ProviderDescription(
        EchoAgentProvider.self,
        kind: .agent,
        id: "echo",
        version: "1.0.0",
        name: "Echo agent",
        vendor: "Syrinx",
        configSchema: #"""
            {"type": "object", "additionalProperties": false, "properties": {
              "prefix": {"type": "string", "default": "", "maxLength": 1000,
                         "description": "What to say before the user's words, with its space."}
            }}
            """#,
        capabilities: #"{"streaming":true,"languages":["*"],"tools":false}"#,
        traits: .untrustedInput
    )
])
