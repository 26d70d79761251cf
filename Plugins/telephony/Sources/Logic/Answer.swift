// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The XML that has the vendor open a stream to this door.
struct Answer: Sendable {
    let dialect: Dialect
    let codec: G711
    /// Without query.
    let address: String
    /// The ticket, where the vendor does not sign the stream.
    let query: String
    let call: String
    let from: String
    let to: String
    /// The operator's own XML.
    let then: String

    var xml: String {
        let url = Self.escape(Address.socket(address) + query)
        let body =
            switch dialect.proof {
            case .twilio: "<Connect><Stream url=\"\(url)\">\(parameters)</Stream></Connect>"
            case .token:
                "<Connect><Stream url=\"\(url)\" track=\"inbound_track\" codec=\"\(name)\" bidirectionalMode=\"rtp\" "
                    + "bidirectionalCodec=\"\(name)\"></Stream></Connect>"
            case .plivo:
                "<Stream bidirectional=\"true\" keepCallAlive=\"true\" contentType=\"audio/x-mulaw;rate=8000\">"
                    + "\(url)</Stream>"
            }
        // Said, although a call without further verbs ends by itself.
        let then = then.isEmpty ? "<Hangup/>" : then
        return Self.response(body + then)
    }

    /// What a call gets that leads nowhere.
    /// - Parameter verbs: the operator's own; empty = the vendor's way to reject.
    static func rejection(_ dialect: Dialect, _ verbs: String) -> String {
        guard verbs.isEmpty else { return response(verbs) }
        return response(dialect.proof == .plivo ? "<Hangup reason=\"rejected\"/>" : "<Reject/>")
    }

    private static func response(_ verbs: String) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\(verbs)</Response>"
    }

    private var name: String { codec == .muLaw ? "PCMU" : "PCMA" }

    /// Twilio takes no query in a stream's URL, and hands these to it instead.
    private var parameters: String {
        [("From", from), ("To", to), ("CallSid", call)].filter { !$0.1.isEmpty }.map { name, value in
            "<Parameter name=\"\(name)\" value=\"\(Self.escape(value))\"/>"
        }.joined()
    }

    /// For text and for attributes in double quotes. Control characters are not XML.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
