// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let lexicalTurnModule = Module([
    ProviderDescription(
        LexicalTurnProvider.self,
        kind: .turn,
        id: "lexical",
        version: "1.0.0",
        name: "Lexical turn detector",
        vendor: "Syrinx",
        configSchema: schema,
        sessionSchema: sessionSchema,
        capabilities: #"{"input":"transcript","languages":["en","de","fr","es"]}"#,
        traits: .untrustedInput
    )
])

private let languageProperty = #"""
    "language": {"type": "string", "description": "Language tag such as de-AT, or auto: the session's own."
    """#

private let thresholdProperty = #"""
    "threshold": {
      "type": "number", "minimum": 0.05, "maximum": 0.95,
      "description": "Score from which a turn counts as complete; the answer is scaled so that it lies at 0.5. Higher waits more often."
    """#

private let schema = #"""
    {"type": "object", "additionalProperties": false, "properties": {
      \#(languageProperty), "default": "auto"},
      \#(thresholdProperty), "default": 0.5}
    }}
    """#

// Without defaults: a session that says nothing keeps what the provider was given.
private let sessionSchema = #"""
    {"type": "object", "additionalProperties": false, "properties": {
      \#(languageProperty)},
      \#(thresholdProperty)}
    }}
    """#
