// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The other client messages (Google, "Live API WebSockets reference"), as JSON text; each has exactly one key.
enum LiveMessage {
    /// What a tool call came to.
    struct ToolResult {
        let id: String
        let name: String
        let text: String
        let failed: Bool
    }

    static func audio(_ samples: [Int16], rate: UInt32) -> String {
        // The most frequent message by far; base64 needs no escaping.
        #"{"realtimeInput":{"audio":{"data":"\#(Base64.encode(samples))","mimeType":"audio/pcm;rate=\#(rate)"}}}"#
    }

    /// What was said before; nothing is to be answered.
    static func history(_ lines: [SpeechConfiguration.Line]) -> String {
        let turns = lines.map { turn(role: $0.role == "assistant" ? "model" : "user", $0.text) }
        return JSONValue.object(["clientContent": ["turns": .array(turns), "turnComplete": false]]).text
    }

    /// A typed turn, to be answered.
    static func turn(_ text: String) -> String {
        JSONValue.object(["clientContent": ["turns": [turn(role: "user", text)], "turnComplete": true]]).text
    }

    static func toolResponse(_ results: [ToolResult]) -> String {
        let responses = results.map { result -> JSONValue in
            ["id": .string(result.id), "name": .string(result.name), "response": response(result)]
        }
        return JSONValue.object(["toolResponse": ["functionResponses": .array(responses)]]).text
    }

    private static func turn(role: String, _ text: String) -> JSONValue {
        ["role": .string(role), "parts": [["text": .string(text)]]]
    }

    /// The vendor wants an object: the tool's own, or one around its text.
    private static func response(_ result: ToolResult) -> JSONValue {
        if result.failed { return ["error": .string(result.text)] }
        if let object = try? JSONValue(parsing: result.text), object.object != nil { return object }
        return ["result": .string(result.text)]
    }
}
