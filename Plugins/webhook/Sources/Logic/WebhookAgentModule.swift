// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: one agent.
public let webhookAgentModule = Module([
    ProviderDescription(
        WebhookAgentProvider.self,
        kind: .agent,
        id: "webhook",
        version: "1.0.0",
        name: "Webhook agent",
        vendor: "Syrinx",
        configSchema: configSchema,
        capabilities: #"{"streaming":true,"languages":["*"],"tools":true}"#,
        traits: .untrustedInput
    )
])

private let configSchema = #"""
    {
      "type": "object",
      "additionalProperties": false,
      "required": ["url"],
      "properties": {
        "url": {"type": "string", "format": "uri", "minLength": 8, "maxLength": 2048,
                "description": "Where each turn of the caller is posted to."},
        "secret": {"type": "string", "x-secret": true, "format": "webhook-secret",
                   "description": "Key of the signature that each request carries, as whsec_ and base64, or any text as it is; without it there is none."},
        "bearer": {"type": "string", "x-secret": true, "description": "Sent as a bearer token, too."},
        "timeout_ms": {"type": "integer", "minimum": 100, "maximum": 120000, "default": 4000,
                       "description": "To the first word of an answer, and between two pieces of it."},
        "fallback": {"type": "string", "maxLength": 2000, "default": "",
                     "description": "Said when no word came in time. Empty: the turn fails."}
      }
    }
    """#
