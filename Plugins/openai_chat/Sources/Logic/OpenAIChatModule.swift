// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table: one agent.
public let openAIChatModule = Module([
    ProviderDescription(
        OpenAIChatProvider.self,
        kind: .agent,
        id: "openai_chat",
        version: "1.0.0",
        name: "OpenAI chat completions",
        vendor: "Syrinx",
        configSchema: schema(#"{\#(providerProperties),\#(sharedProperties(#","default":"gpt-4o-mini""#))}"#),
        sessionSchema: schema(#"{\#(sharedProperties())}"#),
        capabilities: #"{"streaming":true,"languages":["*"],"tools":true}"#,
        traits: .untrustedInput
    )
])

private func schema(_ properties: String) -> String {
    #"{"type":"object","additionalProperties":false,"properties":\#(properties)}"#
}

private let providerProperties = #"""
    "url": {"type": "string", "format": "uri", "default": "https://api.openai.com/v1",
            "description": "Where the API begins; /chat/completions is added. Any compatible server will do."},
    "api_key": {"type": "string", "x-secret": true,
                "description": "Sent as a bearer token. A server of your own may need none."},
    "organization": {"type": "string", "maxLength": 200, "description": "OpenAI-Organization, for keys of several."},
    "project": {"type": "string", "maxLength": 200, "description": "OpenAI-Project, for keys of several."},
    "tools": {"type": "boolean", "default": true, "description": "Offers the application's tools to the model."},
    "max_steps": {"type": "integer", "minimum": 0, "maximum": 16, "default": 3,
                  "description": "How often the model may call tools in one turn before it has to answer."},
    "can_hang_up": {"type": "boolean", "default": false,
                    "description": "Gives the model a tool end_call, which ends the call after its last words."},
    "extra": {"type": "object", "default": {},
              "description": "Merged into the body of each request; null takes a key out."},
    "timeout_ms": {"type": "integer", "minimum": 100, "maximum": 120000, "default": 8000,
                   "description": "To the first token, and between two pieces of an answer."}
    """#

/// A session that says nothing keeps what the provider was given; so only the provider's schema fills in defaults.
private func sharedProperties(_ model: String = "") -> String {
    #"""
    "model": {"type": "string", "minLength": 1, "maxLength": 256\#(model), "description": "The model's name there."},
    "instructions": {"type": "string", "maxLength": 100000, "description": "The system message."},
    "temperature": {"type": "number", "minimum": 0, "maximum": 2, "description": "How freely it chooses words."},
    "max_tokens": {"type": "integer", "minimum": 1, "maximum": 1000000, "description": "The longest answer."}
    """#
}
