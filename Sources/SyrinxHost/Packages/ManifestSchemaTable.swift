// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The manifest's schema. The parser asks it, so that what is published and what is accepted cannot differ;
/// `plugin-sdk/schema/plugin.schema.json` is the same text for editors, and a test compares the two.
package enum ManifestSchema {
    package static let schema = Result { () throws(SyrinxError) in try JSONSchema(parsing: text) }

    package static let text = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "plugin.json, the manifest of a Syrinx plugin",
          "type": "object",
          "required": ["id", "version", "abi", "entry", "provides"],
          "additionalProperties": false,
          "properties": {
            "$schema": {"type": "string", "description": "For editors; not read."},
            "id": {
              "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$",
              "description": "The plugin's name: a letter, then lower-case letters, digits, - and _."
            },
            "version": {
              "type": "string", "maxLength": 128, "pattern": "^[0-9]{1,9}\\.[0-9]{1,9}\\.[0-9]{1,9}([-+][0-9A-Za-z.+-]*)?$",
              "description": "Semantic version; every provider of the module has the same."
            },
            "abi": {
              "type": "string", "pattern": "^[0-9]{1,4}\\.[0-9]{1,4}$",
              "description": "MAJOR.MINOR of the ABI that it needs; not above that of the header that it was built with."
            },
            "entry": {
              "type": "string", "maxLength": 128, "pattern": "^[A-Za-z0-9_][A-Za-z0-9._@+-]*$",
              "description": "File name of the shared object, or bind.json of a bound library; without folders."
            },
            "name": {"type": "string", "maxLength": 256},
            "description": {"type": "string", "maxLength": 4096},
            "license": {"type": "string", "maxLength": 256, "description": "An SPDX expression."},
            "provides": {
              "type": "array", "minItems": 1, "maxItems": 64,
              "description": "Kind and id of each provider, exactly those of the module.",
              "items": {
                "type": "object", "required": ["kind", "id"], "additionalProperties": false,
                "properties": {
                  "kind": {"enum": ["backend", "transport", "stt", "tts", "s2s", "agent", "vad", "turn", "filter"]},
                  "id": {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"}
                }
              }
            },
            "files": {
              "type": "object", "additionalProperties": false,
              "description": "SHA-256 of each file of the package, by its path inside the folder; written by `syrinx plugin sign`.",
              "patternProperties": {
                "^[A-Za-z0-9_][A-Za-z0-9._ @+,()-]*(/[A-Za-z0-9_][A-Za-z0-9._ @+,()-]*)*$": {
                  "type": "string", "pattern": "^sha256:[0-9a-f]{64}$"
                }
              }
            },
            "permissions": {
              "type": "object", "additionalProperties": false,
              "description": "What the plugin asks for; it gets nothing that is not here.",
              "properties": {
                "net": {
                  "type": "array", "maxItems": 64, "uniqueItems": true,
                  "description": "Hosts or URL prefixes that it may reach: api.example.com, wss://api.example.com/v1.",
                  "items": {
                    "type": "string", "maxLength": 512,
                    "pattern": "^((https?|wss?)://)?(\\*\\.)?[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[!-~]*)?$"
                  }
                },
                "secrets": {
                  "type": "array", "maxItems": 64, "uniqueItems": true,
                  "description": "Names of the operator's secrets that it may use.",
                  "items": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_.-]{0,127}$"}
                },
                "run": {"type": "boolean", "description": "Blocking work on the host's workers, core->run."},
                "fs": {"enum": ["data"], "description": "Reading files: data = those of its own folder."},
                "sockets": {"type": "boolean", "description": "Sockets of its own in a helper; for trusted plugins only."},
                "memory_mb": {"type": "integer", "minimum": 1, "maximum": 1048576, "description": "MiB that it needs at most."},
                "threads": {"type": "integer", "minimum": 0, "maximum": 4096, "description": "Threads of its own at most."}
              }
            },
            "mode": {"enum": ["inproc", "isolated"], "description": "How it wishes to be loaded; trust may say no to inproc."},
            "language": {"type": "string", "maxLength": 64, "description": "What it is written in: c, c++, swift, rust."},
            "toolchain": {"type": "string", "maxLength": 256, "description": "The compiler that built it."},
            "sdk": {"type": "string", "maxLength": 64, "description": "Version of the plugin SDK that it was built with."}
          }
        }
        """#
}
