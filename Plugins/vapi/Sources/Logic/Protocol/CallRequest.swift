// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// `POST /call`: creates a call, which costs money, so it is asked for once.
enum CallRequest {
    /// - Parameter key: Names this call, so that a request that comes twice creates one.
    static func make(_ config: VapiConfig, key: String) -> NetworkRequest {
        var request = NetworkRequest(url: config.callsURL)
        request.method = "POST"
        request.headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)]
        if let secret = config.apiKey { request.headers.append(("Authorization", "Bearer " + secret)) }
        request.body = Array(body(config).text.utf8)
        return request
    }

    /// Of this session and of no other, even of the same call.
    static func newKey(session: String) -> String {
        let kept = session.unicodeScalars.filter { $0.isASCII && $0.properties.isAlphabetic || "0"..."9" ~= $0 }
        let name = String(String.UnicodeScalarView(kept).prefix(64))
        return "syrinx-\(name)-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }

    private static func body(_ config: VapiConfig) -> JSONValue {
        var body: [String: JSONValue] = [
            "transport": [
                "provider": "vapi.websocket", "conversationType": "voice",
                "audioFormat": [
                    "format": .string(config.encoding.rawValue), "container": "raw",
                    "sampleRate": .int(Int64(config.wireRate)),
                ],
            ]
        ]
        body["assistantId"] = config.assistantID.map { .string($0) }
        body["assistant"] = config.assistant
        body["squadId"] = config.squadID.map { .string($0) }
        body["name"] = config.name.map { .string($0) }
        // The call has no metadata of its own: it is the assistant's, as it is in this call.
        var overrides = config.overrides?.object ?? [:]
        if let metadata = config.metadata { overrides["metadata"] = metadata }
        if !overrides.isEmpty {
            body[config.squadID == nil ? "assistantOverrides" : "squadOverrides"] = .object(overrides)
        }
        return .object(body)
    }
}

/// The client's messages on the socket.
enum ControlMessage {
    static let endCall = #"{"type":"end-call"}"#

    /// A line that is to be said as it is.
    static func say(_ text: String) -> String {
        JSONValue.object(["type": "say", "content": .string(text), "endCallAfterSpoken": false]).text
    }

    /// Something for the assistant to know, and perhaps to answer.
    static func add(role: String, _ text: String, isAnswered: Bool) -> String {
        JSONValue.object([
            "type": "add-message", "message": ["role": .string(role), "content": .string(text)],
            "triggerResponseEnabled": .bool(isAnswered),
        ]).text
    }
}
