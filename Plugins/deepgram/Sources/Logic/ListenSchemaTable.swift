// SPDX-License-Identifier: Apache-2.0

/// What the operator and a session may say to the recogniser.
enum ListenSchema {
    static let config = object(connection + model + turns + text + times)
    static let session = object(model + turns + sessionText)

    static let capabilities = #"""
        {"formats":[{"format":"s16","rates":[8000,16000,24000,32000,44100,48000],"channels":[1]}],
         "streaming":true,"audio":"utterance","languages":["*"],"turns":true}
        """#

    private static func object(_ properties: [String]) -> String {
        #"{"type":"object","additionalProperties":false,"properties":{"#
            + properties.joined(separator: ",") + "}}"
    }

    private static let connection = [
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
    ]

    private static let model = [
        #"""
        "model": {"type": "string", "minLength": 1, "maxLength": 128,
                  "description": "nova-3 unless told; a flux- model decides turns itself."}
        """#,
        #"""
        "language": {"type": "string", "maxLength": 35,
                     "description": "BCP 47 tag, or multi: it finds out, and the call may follow. Without, the session's."}
        """#,
    ]

    private static let turns = [
        #"""
        "turn_mode": {"type": "string", "enum": ["host", "provider"],
                      "description": "Who decides where a turn ends; provider for flux- models unless told, else host."}
        """#,
        #"""
        "endpointing_ms": {"type": "integer", "minimum": 0, "maximum": 10000,
                           "description": "Silence that ends a stretch of speech; 300 unless told, 0 = off. Not for Flux."}
        """#,
        #"""
        "utterance_end_ms": {"type": "integer", "minimum": 0, "maximum": 10000,
                             "description": "Time without a word that ends an utterance, at least 1000; 1000 in turn_mode provider unless told, else 0 = off. Not for Flux."}
        """#,
        #"""
        "eot_threshold": {"type": "number", "minimum": 0.5, "maximum": 0.9,
                          "description": "Flux: how sure of the turn's end it has to be."}
        """#,
        #"""
        "eager_eot_threshold": {"type": "number", "minimum": 0.3, "maximum": 0.9,
                                "description": "Flux: from here on it guesses that the turn may be over; off unless told."}
        """#,
        #"""
        "eot_timeout_ms": {"type": "integer", "minimum": 500, "maximum": 10000,
                           "description": "Flux: silence that ends a turn in any case."}
        """#,
    ]

    private static let sessionText = [
        #""smart_format": {"type": "boolean", "description": "Numbers, dates, punctuation as one writes them; on unless told."}"#,
        terms("keyterms", "Words that it should not miss."),
        terms("hints", "The same, from the profile."),
    ]

    private static let text =
        sessionText + [
            #""punctuate": {"type": "boolean", "description": "Punctuation and capitals."}"#,
            #""numerals": {"type": "boolean", "description": "Numbers as digits."}"#,
            #""profanity_filter": {"type": "boolean", "description": "Leave swear words out."}"#,
            #""filler_words": {"type": "boolean", "description": "Write uh and um down."}"#,
            #"""
            "redact": {"type": "array", "maxItems": 16, "items": {"type": "string", "maxLength": 64},
                       "description": "What is not to be written down: pci, ssn, numbers."}
            """#,
            #"""
            "tags": {"type": "array", "maxItems": 16, "items": {"type": "string", "maxLength": 128},
                     "description": "For the vendor's usage reports."}
            """#,
            #""mip_opt_out": {"type": "boolean", "description": "Keep the audio out of the vendor's training."}"#,
        ]

    private static let times = [
        #"""
        "finalize_wait_ms": {"type": "integer", "minimum": 50, "maximum": 5000, "default": 300,
                             "description": "How long the end of an utterance waits for its last words."}
        """#,
        #"""
        "replay_speed": {"type": "number", "minimum": 1, "maximum": 100, "default": 1.25,
                         "description": "How much faster than real time audio is sent again after a lost connection; it never takes longer than about 3 s."}
        """#,
    ]

    private static func terms(_ name: String, _ description: String) -> String {
        #"""
        "\#(name)": {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 100},
            "description": "\#(description)"}
        """#
    }
}
