// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The WebSockets, `/v1/talk` and `/v1/realtime`, as an AsyncAPI 3.0 document.
package enum TalkDescription {
    package static var document: JSONValue {
        let all = messages + RealtimeDescription.messages
        return [
            "asyncapi": "3.0.0",
            "info": [
                "title": "Syrinx, a conversation", "version": .string(SyrinxVersion.current),
                "description": .string(about),
                "license": ["name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"],
            ],
            "defaultContentType": "application/json",
            "channels": ["talk": channel, "realtime": RealtimeDescription.channel],
            "operations": [
                "fromClient": operation("receive", "What the server takes", "talk", messages),
                "fromServer": operation("send", "What the server says", "talk", messages),
                "fromRealtimeClient": operation(
                    "receive", "What the server takes", "realtime", RealtimeDescription.messages),
                "fromRealtimeServer": operation(
                    "send", "What the server says", "realtime", RealtimeDescription.messages),
            ],
            "components": [
                "messages": .object(Dictionary(all.map { ($0.key, $0.json) }) { first, _ in first }),
                "schemas": .object(Dictionary(all.map { ($0.key, $0.payload) }) { first, _ in first }),
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer"],
                    "session_token": ["type": "httpApiKey", "in": "query", "name": "token"],
                ],
            ],
        ]
    }

    /// The types of all JSON messages, of the server and of the client.
    package static var types: (ofServer: [String], ofClient: [String]) {
        (
            messages.filter { !$0.isOfClient }.compactMap(\.type), messages.filter(\.isOfClient).compactMap(\.type)
        )
    }

    /// The query of the handshake, as parameters of OpenAPI.
    static var query: [JSONValue] {
        parameters.map { APIDescription.query($0.name, $0.about, $0.schema) }
    }

    private static let about = """
        One WebSocket is one call. On `/v1/talk` binary messages are 16-bit little-endian mono PCM at `rate`, text messages are JSON, told \
        apart by `type`. Fields may be added to events, and new types of events may come: a client ignores what it does \
        not know. Every 10 s the server sends a ping.
        """

    static var messages: [TalkMessage] { events + commands }

    private static var channel: JSONValue {
        .object([
            "address": "/v1/talk", "title": "A conversation",
            "messages": references(to: messages),
            "bindings": [
                "ws": [
                    "method": "GET", "bindingVersion": "0.1.0",
                    "query": Schema.object(
                        [:],
                        optional: Dictionary(parameters.map { ($0.name, $0.schema) }) { first, _ in first }.merging(
                            ["token": Schema.text("A session token")]) { first, _ in first }, isOpen: true,
                        "What a profile lets the client choose besides"),
                ]
            ],
        ])
    }

    static func references(to messages: [TalkMessage]) -> JSONValue {
        .object(Dictionary(messages.map { ($0.key, reference("components/messages", $0.key)) }) { first, _ in first })
    }

    /// - Parameter action: of the server, with those of the messages that it is about.
    private static func operation(
        _ action: String, _ title: String, _ channel: String, _ messages: [TalkMessage]
    ) -> JSONValue {
        let messages = messages.filter { $0.isOfClient == (action == "receive") }
        return .object([
            "action": .string(action), "title": .string(title), "channel": reference("channels", channel),
            "messages": .array(messages.map { reference("channels/\(channel)/messages", $0.key) }),
            "security": [
                reference("components/securitySchemes", "bearer"),
                reference("components/securitySchemes", "session_token"),
            ],
        ])
    }

    static func reference(_ place: String, _ name: String) -> JSONValue { ["$ref": .string("#/\(place)/\(name)")] }

    private static let parameters: [(name: String, about: String, schema: JSONValue)] = [
        ("profile", "The pipeline; without, the tenant's first", Schema.text()),
        (
            "rate", "Hz of both directions",
            Schema.whole(from: 8000, to: 48_000, default: 16_000, step: 50)
        ),
        ("language", "BCP 47 tag of the caller's language; without, the profile's", Schema.text()),
        ("user", "Who is calling", Schema.text()),
        ("resumable", "Whether the client knows how to come back", Schema.truth(default: false)),
        ("resume", "A token of `session.started`: takes that session up again", Schema.text()),
    ]
}

/// One message of the socket.
struct TalkMessage: Sendable {
    /// Nil of audio.
    var type: String?
    var isOfClient: Bool
    var summary: String
    /// Before its name in the document, where it is not of `/v1/talk`.
    var family = ""
    var payload: JSONValue

    /// Its name in the document: `turn.ended` = `turn_ended`; those of the client begin with `client_`.
    var key: String {
        let name = String((type ?? "audio").map { $0 == "." ? "_" : $0 })
        return family + (isOfClient ? "client_\(name)" : name)
    }

    var json: JSONValue {
        [
            "name": .string(type ?? "audio"), "summary": .string(summary),
            "contentType": type == nil ? "application/octet-stream" : "application/json",
            "payload": TalkDescription.reference("components/schemas", key),
        ]
    }
}
