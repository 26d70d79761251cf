// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the client says to the model, each as its JSON text (protocol page, "JSON events, client -> model").
enum ClientEvent {
    /// One prompt a session; names need only be unique in it.
    static let prompt = "prompt"
    /// The one audio block of a session.
    static let audio = "audio"

    /// Who speaks in a text block.
    enum Role: String {
        case system = "SYSTEM"
        case user = "USER"
        case assistant = "ASSISTANT"
    }

    static func sessionStart(_ settings: NovaSettings) -> String {
        var body: JSONValue = [
            "inferenceConfiguration": [
                "maxTokens": .int(Int64(settings.maximumTokens)), "topP": .double(settings.topP),
                "temperature": .double(settings.temperature),
            ]
        ]
        if let sensitivity = settings.endpointing {
            body = merged(body, ["turnDetectionConfiguration": ["endpointingSensitivity": .string(sensitivity)]])
        }
        return text("sessionStart", body)
    }

    static func promptStart(voice: String, sampleRate: UInt32, tools: [Tool]) -> String {
        var body: JSONValue = [
            "promptName": .string(prompt),
            "textOutputConfiguration": ["mediaType": "text/plain"],
            "audioOutputConfiguration": merged(lpcm(sampleRate), ["voiceId": .string(voice)]),
        ]
        if !tools.isEmpty {
            body = merged(
                body,
                [
                    "toolUseOutputConfiguration": ["mediaType": "application/json"],
                    "toolConfiguration": ["tools": .array(tools.map(\.specification))],
                ])
        }
        return text("promptStart", body)
    }

    /// A text block: the instructions, a line of the history, or with `interactive` a turn that asks for an answer.
    static func textBlock(_ content: String, name: String, role: Role, isInteractive: Bool = false) -> [String] {
        let extras: JSONValue = [
            "type": "TEXT", "interactive": .bool(isInteractive), "role": .string(role.rawValue),
            "textInputConfiguration": ["mediaType": "text/plain"],
        ]
        return [
            text("contentStart", merged(names(name), extras)),
            text("textInput", merged(names(name), ["content": .string(content)])),
            contentEnd(name),
        ]
    }

    static func audioStart(sampleRate: UInt32) -> String {
        let extras: JSONValue = [
            "type": "AUDIO", "interactive": true, "role": "USER", "audioInputConfiguration": lpcm(sampleRate),
        ]
        return text("contentStart", merged(names(audio), extras))
    }

    static func audioInput(_ samples: [Int16]) -> String {
        // By hand: it is sent thirty times a second.
        let names = #""promptName":"\#(prompt)","contentName":"\#(audio)""#
        return #"{"event":{"audioInput":{\#(names),"content":"\#(Base64.encode(samples))"}}}"#
    }

    /// - Parameter result: JSON text.
    static func toolResult(_ result: String, use: String, name: String) -> [String] {
        let extras: JSONValue = [
            "type": "TOOL", "interactive": false, "role": "TOOL",
            "toolResultInputConfiguration": [
                "toolUseId": .string(use), "type": "TEXT", "textInputConfiguration": ["mediaType": "text/plain"],
            ],
        ]
        return [
            text("contentStart", merged(names(name), extras)),
            text("toolResult", merged(names(name), ["content": .string(result)])),
            contentEnd(name),
        ]
    }

    static func contentEnd(_ name: String) -> String { text("contentEnd", names(name)) }

    /// The end of the session; an empty frame follows.
    static let end = [
        contentEnd(audio), text("promptEnd", ["promptName": .string(prompt)]), text("sessionEnd", [:]),
    ]

    private static func names(_ content: String) -> JSONValue {
        ["promptName": .string(prompt), "contentName": .string(content)]
    }

    private static func lpcm(_ sampleRate: UInt32) -> JSONValue {
        [
            "mediaType": "audio/lpcm", "sampleRateHertz": .int(Int64(sampleRate)), "sampleSizeBits": 16,
            "channelCount": 1, "encoding": "base64", "audioType": "SPEECH",
        ]
    }

    private static func text(_ name: String, _ body: JSONValue) -> String {
        JSONValue.object(["event": .object([name: body])]).text
    }

    private static func merged(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
        .object((first.object ?? [:]).merging(second.object ?? [:]) { $1 })
    }
}
