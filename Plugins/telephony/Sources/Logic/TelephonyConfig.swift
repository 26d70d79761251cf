// SPDX-License-Identifier: Apache-2.0

/// A transport's configuration; each dialect's schema admits its own part of it.
public struct TelephonyConfig: Decodable, Sendable {
    var publicURL: String?
    var verify: Bool?
    var allowUnsigned: Bool?
    var authToken: String?
    var sharedKey: String?
    var token: String?
    var encoding: String?
    var markMilliseconds: Int?
    var then: String?
    var unknownNumber: String?
    var hearsTones: Bool?

    private enum CodingKeys: String, CodingKey {
        case publicURL = "public_url"
        case verify
        case allowUnsigned = "allow_unsigned"
        case authToken = "auth_token"
        case sharedKey = "shared_key"
        case token, encoding, then
        case unknownNumber = "unknown_number"
        case hearsTones = "hear_tones"
        case markMilliseconds = "mark_ms"
    }

    var verifies: Bool { verify ?? true }
    var markEvery: Int { max(20, markMilliseconds ?? 200) }

    /// What the host puts in the secret's place; never the secret itself.
    func secret(_ dialect: Dialect) -> String? { dialect.proof == .token ? token : authToken }
}

/// What an operator may say.
enum TelephonySchema {
    static func config(_ dialect: Dialect) -> String {
        #"{"type":"object","additionalProperties":false,"properties":{"#
            + (secrets(dialect) + common + own(dialect)).joined(separator: ",") + "}}"
    }

    private static func secrets(_ dialect: Dialect) -> [String] {
        switch dialect.proof {
        case .twilio:
            [
                #"""
                "auth_token": {"type": "string", "x-secret": true, "minLength": 1,
                               "description": "The account's auth token; it signs every request."}
                """#,
                #"""
                "shared_key": {"type": "string", "x-secret": true, "minLength": 1,
                               "description": "The key of a webhooks rule, for requests signed with HMAC_SHA256."}
                """#,
            ]
        case .plivo:
            [
                #"""
                "auth_token": {"type": "string", "x-secret": true, "minLength": 1,
                               "description": "The account's auth token; it signs the webhook."}
                """#
            ]
        case .token:
            [
                #"""
                "token": {"type": "string", "x-secret": true, "minLength": 8,
                          "description": "A long random word of yours: the door's URL has to end with ?token= and it."}
                """#
            ]
        }
    }

    private static let common = [
        #"""
        "public_url": {"type": "string", "format": "uri", "minLength": 8, "maxLength": 2048,
                       "description": "The door's address as the vendor knows it, https://HOST/PATH; as asked for without."}
        """#,
        #"""
        "verify": {"type": "boolean", "default": true, "description": "Refuse who cannot prove to be the vendor."}
        """#,
        #"""
        "allow_unsigned": {"type": "boolean", "default": false,
                           "description": "Needed with verify: false, so that nobody opens a door by mistake."}
        """#,
        #"""
        "hear_tones": {"type": "boolean", "default": false,
                       "description": "Hear keys in the caller's audio, and take the vendor's word for none."}
        """#,
        #"""
        "mark_ms": {"type": "integer", "minimum": 20, "maximum": 5000, "default": 200,
                    "description": "After how much audio the vendor is asked to tell when it was played."}
        """#,
    ]

    private static func own(_ dialect: Dialect) -> [String] {
        var properties = [
            #"""
            "unknown_number": {"type": "string", "maxLength": 4096, "default": "",
                               "description": "XML verbs for calls of numbers that lead nowhere, such as <Say>; without any they are rejected."}
            """#,
            #"""
            "then": {"type": "string", "maxLength": 4096, "default": "",
                     "description": "XML verbs for after the conversation, such as <Dial>; without any the call ends."}
            """#,
        ]
        if dialect.proof == .token {
            properties.append(
                #"""
                "encoding": {"type": "string", "enum": ["PCMU", "PCMA"], "default": "PCMU",
                             "description": "Of the audio that is sent; stream_bidirectional_codec has to say the same."}
                """#
            )
        }
        return properties
    }
}
