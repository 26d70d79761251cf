// SPDX-License-Identifier: Apache-2.0

/// What the operator says.
public struct AudioSocketConfig: Decodable, Sendable {
    var listen: String?
    var port: Int?
    var token: String?

    static let schema = #"""
        {"type":"object","additionalProperties":false,"properties":{
          "listen": {"type": "string", "default": "127.0.0.1", "maxLength": 64,
                     "description": "The IP address of the TCP socket; audio on it is not encrypted."},
          "port": {"type": "integer", "minimum": 0, "maximum": 65535, "default": 0,
                   "description": "The TCP port; 0 = any that is free."},
          "token": {"type": "string", "x-secret": true,
                    "description": "What has to be sent to the door as `token`; without, anybody may call."}}}
        """#
}
