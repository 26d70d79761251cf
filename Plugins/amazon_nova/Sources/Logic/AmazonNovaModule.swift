// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// The plugin's table.
public let amazonNovaModule = Module([
    ProviderDescription(
        AmazonNovaProvider.self,
        kind: .s2s,
        id: "amazon_nova",
        version: "1.0.0",
        name: "Amazon Nova Sonic",
        vendor: "Amazon",
        configSchema: configSchema,
        capabilities: capabilities
    )
])

private let capabilities = #"""
    {"formats": [{"format": "s16", "rates": [8000, 16000, 24000], "channels": [1]}],
     "streaming": true, "tools": true, "languages": ["en", "es", "fr", "de", "it"],
     "voices": ["matthew", "tiffany", "amy"]}
    """#

private let configSchema = #"""
    {
      "type": "object",
      "additionalProperties": false,
      "required": ["access_key_id", "secret_access_key"],
      "properties": {
        "access_key_id": {
          "type": "string", "pattern": "^[A-Z0-9]{1,128}$",
          "description": "Id of an access key that may call bedrock:InvokeModelWithBidirectionalStream."
        },
        "secret_access_key": {"type": "string", "minLength": 1, "x-secret": true, "description": "Its secret."},
        "session_token": {
          "type": "string", "maxLength": 8192, "pattern": "^[!-~]*$", "x-secret": true,
          "description": "The session token of temporary credentials (ASIA...); they expire, renew all three together."
        },
        "region": {
          "type": "string", "default": "us-east-1", "pattern": "^[a-z0-9-]{1,64}$", "description": "The AWS region."
        },
        "model": {
          "type": "string", "default": "amazon.nova-2-sonic-v1:0", "minLength": 1, "maxLength": 512,
          "description": "The model's id; amazon.nova-sonic-v1:0 takes no typed turns."
        },
        "url": {
          "type": "string", "format": "uri",
          "description": "Another origin than https://bedrock-runtime.<region>.amazonaws.com."
        },
        "voice": {
          "type": "string", "default": "matthew", "minLength": 1, "maxLength": 64,
          "description": "The voice, unless the conversation names one."
        },
        "instructions": {
          "type": "string", "default": "", "maxLength": 51200,
          "description": "The system prompt, unless the conversation has one."
        },
        "max_tokens": {"type": "integer", "default": 1024, "minimum": 1, "maximum": 65536, "description": "The longest answer, in tokens."},
        "top_p": {"type": "number", "default": 0.9, "minimum": 0, "maximum": 1, "description": "Nucleus sampling."},
        "temperature": {"type": "number", "default": 0.7, "minimum": 0, "maximum": 1, "description": "Randomness."},
        "endpointing": {
          "enum": ["low", "medium", "high"],
          "description": "How soon a pause ends the caller's turn: high = soon. Nova 2 only; the vendor's own unless told."
        },
        "session_seconds": {
          "type": "integer", "default": 480, "minimum": 61, "maximum": 86400,
          "description": "The vendor's limit of one stream; the successor is opened a minute before."
        }
      }
    }
    """#
