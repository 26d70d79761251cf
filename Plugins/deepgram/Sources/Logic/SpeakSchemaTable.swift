// SPDX-License-Identifier: Apache-2.0

/// What the operator and a session may say to the speaker.
enum SpeakSchema {
    static let config = object(
        [
            #"""
            "url": {"type": "string", "format": "uri", "default": "wss://api.deepgram.com",
                    "description": "Where the service is: scheme, host and port. Another one for a server of your own."}
            """#,
            #"""
            "api_key": {"type": "string", "x-secret": true, "description": "The key; none for a server that wants none."}
            """#,
            #"""
            "auth_scheme": {"type": "string", "enum": ["Token", "Bearer"], "default": "Token",
                            "description": "Bearer for a short-lived token in place of a key."}
            """#,
            #""mip_opt_out": {"type": "boolean", "description": "Keep the text out of the vendor's training."}"#,
        ] + voice)
    static let session = object(voice)

    static let capabilities = #"""
        {"formats":[{"format":"s16","rates":[8000,16000,24000,32000,48000],"channels":[1]}],
         "streaming":true,"languages":["*"]}
        """#

    private static let voice = [
        #"""
        "model": {"type": "string", "minLength": 1, "maxLength": 128,
                  "description": "Voice and language in one; aura-2-thalia-en unless told."}
        """#,
        #""speed": {"type": "number", "minimum": 0.5, "maximum": 2, "description": "How fast it speaks."}"#,
    ]

    private static func object(_ properties: [String]) -> String {
        #"{"type":"object","additionalProperties":false,"properties":{"#
            + properties.joined(separator: ",") + "}}"
    }
}
