// SPDX-License-Identifier: Apache-2.0

/// What the operator says.
public struct WebRTCConfig: Decodable, Sendable {
    struct Delay: Decodable, Sendable {
        var min: Int?
        var max: Int?
    }

    var listen: String?
    var port: Int?
    var publicAddresses: [String]?
    var token: String?
    var jitterMilliseconds: Delay?
    var bitrate: Int?
    var workers: Int?

    private enum CodingKeys: String, CodingKey {
        case listen, port, token, bitrate, workers
        case publicAddresses = "public_addresses"
        case jitterMilliseconds = "jitter_ms"
    }

    static let schema = #"""
        {"type":"object","additionalProperties":false,"properties":{
          "listen": {"type": "string", "default": "127.0.0.1", "maxLength": 64,
                     "description": "The IP address of the UDP socket; 0.0.0.0 or :: with public_addresses."},
          "port": {"type": "integer", "minimum": 0, "maximum": 65535, "default": 0,
                   "description": "The UDP port; 0 = any that is free."},
          "public_addresses": {"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 64},
                               "description": "IP addresses at which browsers reach the socket; the listen address unless told."},
          "token": {"type": "string", "x-secret": true,
                    "description": "What a client has to send as Authorization: Bearer; without, anybody may call."},
          "jitter_ms": {"type": "object", "additionalProperties": false,
                        "description": "Bounds of how long packets wait for those before them.",
                        "properties": {"min": {"type": "integer", "minimum": 20, "maximum": 1000, "default": 40},
                                       "max": {"type": "integer", "minimum": 20, "maximum": 1000, "default": 300}}},
          "bitrate": {"type": "integer", "minimum": 6000, "maximum": 128000, "default": 28000,
                      "description": "Bits a second of what the agent says."},
          "workers": {"type": "integer", "minimum": 1, "maximum": 64,
                      "description": "Threads that decode what comes; as many as there are cores, at most 4, unless told."}}}
        """#
}
