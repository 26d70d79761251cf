// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let scriptAgentModule = Module([
    ProviderDescription(
        ScriptAgentProvider.self,
        kind: .agent,
        id: "script",
        version: "1.0.0",
        name: "Scripted agent",
        vendor: "Syrinx",
        configSchema: configSchema,
        capabilities: #"{"streaming":true,"languages":["*"],"tools":false}"#,
        traits: .untrustedInput
    )
])

private let configSchema = #"""
    {
      "type": "object",
      "additionalProperties": false,
      "description": "A dialogue of rules. Without intents the built-in demo runs.",
      "properties": {
        "intents": {
          "type": "array", "default": [],
          "description": "What the caller may want; the first that matches wins.",
          "items": {
            "type": "object", "additionalProperties": false, "required": ["name", "match", "say"],
            "properties": {
              "name": {"type": "string", "description": "Its name in error messages."},
              "match": {"$ref": "#/$defs/phrases", "description": "Patterns over the whole turn."},
              "say": {"$ref": "#/$defs/lines", "description": "The answer; several take turns."},
              "slots": {"type": "array", "items": {"$ref": "#/$defs/slot"}, "description": "What has to be known first."},
              "confirm": {"type": "string", "description": "The question once all slots are filled."},
              "change": {"type": "string", "description": "What to ask after a no."},
              "cancelled": {"type": "string", "description": "What to say when the caller gives up."},
              "set": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Values to remember."},
              "end": {"type": "boolean", "default": false, "description": "Ends the call after the answer."}
            }
          }
        },
        "fallback": {"$ref": "#/$defs/lines", "description": "What to say when nothing matches."},
        "words": {
          "type": "object", "additionalProperties": false,
          "description": "Patterns for yes, no and giving up inside a form.",
          "properties": {
            "yes": {"$ref": "#/$defs/phrases"},
            "no": {"$ref": "#/$defs/phrases"},
            "cancel": {"$ref": "#/$defs/phrases"}
          }
        }
      },
      "$defs": {
        "phrases": {"type": "array", "minItems": 1, "items": {"type": "string", "maxLength": 400}},
        "lines": {"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]},
        "slot": {
          "type": "object", "additionalProperties": false, "required": ["name", "type", "ask"],
          "properties": {
            "name": {"type": "string"},
            "type": {"enum": ["number", "day", "time", "clock", "name", "word", "text"]},
            "ask": {"$ref": "#/$defs/lines", "description": "The question; several take turns."},
            "match": {"$ref": "#/$defs/phrases", "description": "Patterns that give the value anywhere in a turn."}
          }
        }
      }
    }
    """#
