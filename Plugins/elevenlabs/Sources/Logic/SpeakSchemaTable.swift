// SPDX-License-Identifier: Apache-2.0

/// What the operator and a session may say to the speaker.
enum SpeakSchema {
    static let config = object(connection + voice + text)
    static let session = object(voice)

    static let capabilities = #"""
        {"formats":[{"format":"s16","rates":[8000,16000,22050,24000],"channels":[1]}],
         "streaming":true,"marks":"word","languages":["*"]}
        """#

    private static func object(_ properties: [String]) -> String {
        #"{"type":"object","additionalProperties":false,"properties":{"#
            + properties.joined(separator: ",") + "}}"
    }

    private static let connection = [
        #"""
        "url": {"type": "string", "format": "uri", "default": "wss://api.elevenlabs.io",
                "description": "Where the service is: scheme, host and port, also of the vendor's other regions. ws and http mean the same place."}
        """#,
        #"""
        "api_key": {"type": "string", "x-secret": true, "description": "The key; none for a server that wants none."}
        """#,
        #"""
        "transport": {"type": "string", "enum": ["websocket", "http"], "default": "websocket",
                      "description": "One socket with the times of words, or one request a clause without them."}
        """#,
        #"""
        "contexts": {"type": "integer", "minimum": 1, "maximum": 5, "default": 2,
                     "description": "Clauses that are at the vendor at once, within what the plan allows. Transport websocket."}
        """#,
    ]

    private static let voice = [
        #"""
        "voice_id": {"type": "string", "minLength": 1, "maxLength": 128,
                     "description": "The voice; 21m00Tcm4TlvDq8ikWAM unless told."}
        """#,
        #"""
        "model_id": {"type": "string", "minLength": 1, "maxLength": 128,
                     "description": "The model; eleven_flash_v2_5 unless told."}
        """#,
        #"""
        "language_code": {"type": "string", "maxLength": 8,
                          "description": "ISO 639-1, for all that is said; without, the language of what is said, where the model takes one; empty = never tell it."}
        """#,
        #"""
        "voice_settings": {"type": "object", "additionalProperties": false, "properties": {
            "stability": {"type": "number", "minimum": 0, "maximum": 1},
            "similarity_boost": {"type": "number", "minimum": 0, "maximum": 1},
            "style": {"type": "number", "minimum": 0, "maximum": 1},
            "use_speaker_boost": {"type": "boolean"},
            "speed": {"type": "number", "minimum": 0.7, "maximum": 1.2}},
            "description": "How the voice speaks; without, as it is set at the vendor."}
        """#,
    ]

    private static let text = [
        #"""
        "pronunciation_dictionary_locators": {"type": "array", "maxItems": 3, "items": {"type": "object",
            "properties": {"pronunciation_dictionary_id": {"type": "string"}, "version_id": {"type": "string"}},
            "required": ["pronunciation_dictionary_id"], "additionalProperties": false},
            "description": "Dictionaries at the vendor that say how words are spoken."}
        """#,
        #"""
        "apply_text_normalization": {"type": "string", "enum": ["auto", "on", "off"],
                                     "description": "Write numbers and dates out before they are spoken."}
        """#,
        #""seed": {"type": "integer", "minimum": 0, "maximum": 4294967295, "description": "For repeatable speech."}"#,
        #""enable_ssml_parsing": {"type": "boolean", "description": "Understand SSML in the text. Transport websocket."}"#,
        #""enable_logging": {"type": "boolean", "description": "false keeps nothing at the vendor, for plans that have that."}"#,
    ]
}
