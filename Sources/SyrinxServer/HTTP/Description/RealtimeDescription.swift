// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The WebSocket `/v1/realtime`, a channel of the same document as `/v1/talk`. Its messages are OpenAI's: here stand
/// their names and the fields that the server reads or sends; objects such as `session` and `item` are the protocol's.
package enum RealtimeDescription {
    /// The types of all messages, of the server and of the client.
    package static var types: (ofServer: [String], ofClient: [String]) {
        (server.compactMap(\.type), client.compactMap(\.type))
    }

    static var messages: [TalkMessage] { server + client }

    static let channel: JSONValue = .object([
        "address": "/v1/realtime", "title": "A conversation in OpenAI's Realtime protocol",
        "description": "`docs/REALTIME.md` tells what of the protocol is served, and what differs.",
        "messages": TalkDescription.references(to: messages),
        "bindings": [
            "ws": [
                "method": "GET", "bindingVersion": "0.1.0",
                "query": Schema.object(
                    [:], optional: ["model": Schema.text("The profile of this name, or `profile/NAME`")], isOpen: true),
            ]
        ],
    ])

    // MARK: of the client

    private static let client = [
        command("session.update", "Changes the session, all or nothing", ["session": thing]),
        command("input_audio_buffer.append", "The caller's audio", ["audio": base64]),
        command("input_audio_buffer.commit", "The caller's turn is complete now"),
        command("input_audio_buffer.clear", "The caller's unfinished turn is forgotten"),
        command(
            "conversation.item.create", "A message, a function call or its output", ["item": thing],
            optional: ["previous_item_id": id]),
        command("conversation.item.delete", "Forgets an item", ["item_id": id]),
        command("conversation.item.retrieve", "Asks for an item", ["item_id": id]),
        command(
            "conversation.item.truncate", "So much of an answer was heard",
            ["item_id": id, "content_index": index, "audio_end_ms": index]),
        command("response.create", "Asks for an answer", optional: ["response": thing]),
        command("response.cancel", "Cuts an answer off", optional: ["response_id": id]),
        command("output_audio_buffer.clear", "Over WebRTC alone: what is playing is cut off"),
    ]

    // MARK: of the server

    private static let server =
        [
            event("error", "A message was refused, or something failed", ["error": thing]),
            event("session.created", "The first of all", ["session": thing]),
            event("session.updated", "What holds from now on", ["session": thing]),
            event("rate_limits.updated", "There are none: an empty list", ["rate_limits": Schema.list(thing)]),
        ] + conversation + response

    private static let conversation = [
        event("conversation.item.added", "An item is in the conversation", ["item": thing, "previous_item_id": place]),
        event("conversation.item.done", "An item is complete", ["item": thing, "previous_item_id": place]),
        event("conversation.item.retrieved", "The item that was asked for", ["item": thing]),
        event("conversation.item.deleted", "An item is forgotten", ["item_id": id]),
        event(
            "conversation.item.truncated", "An answer is cut to what was heard",
            ["item_id": id, "content_index": index, "audio_end_ms": index]),
        event(
            "conversation.item.input_audio_transcription.delta", "Words of the caller",
            ["item_id": id, "content_index": index, "delta": words]),
        event(
            "conversation.item.input_audio_transcription.completed", "All words of a turn of the caller",
            ["item_id": id, "content_index": index, "transcript": words, "usage": thing]),
        event(
            "conversation.item.input_audio_transcription.failed", "A turn of the caller has no words",
            ["item_id": id, "content_index": index, "error": thing]),
        event("input_audio_buffer.speech_started", "The caller speaks", ["item_id": id, "audio_start_ms": index]),
        event("input_audio_buffer.speech_stopped", "The caller is silent", ["item_id": id, "audio_end_ms": index]),
        event(
            "input_audio_buffer.committed", "The caller's speech is an item",
            ["item_id": id, "previous_item_id": place]),
        event("input_audio_buffer.cleared", "What was heard of the caller's turn is forgotten"),
        event("output_audio_buffer.started", "Over WebRTC alone: an answer begins to play", ["response_id": id]),
        event("output_audio_buffer.stopped", "Over WebRTC alone: it has been played", ["response_id": id]),
        event("output_audio_buffer.cleared", "Over WebRTC alone: it was cut off", ["response_id": id]),
    ]

    private static let response = [
        event("response.created", "An answer begins", ["response": thing]),
        event("response.done", "An answer was played, or cut off", ["response": thing]),
        event("response.output_item.added", "A part of the answer begins", ofOutput.adding(["item": thing])),
        event("response.output_item.done", "A part of the answer is complete", ofOutput.adding(["item": thing])),
        event("response.content_part.added", "Its content begins", ofContent.adding(["part": thing])),
        event("response.content_part.done", "Its content is complete", ofContent.adding(["part": thing])),
        event("response.output_audio.delta", "The agent's audio", ofContent.adding(["delta": base64])),
        event("response.output_audio.done", "All of it", ofContent),
        event("response.output_audio_transcript.delta", "Words of it", ofContent.adding(["delta": words])),
        event("response.output_audio_transcript.done", "All words of it", ofContent.adding(["transcript": words])),
        event("response.output_text.delta", "Words of an answer in text", ofContent.adding(["delta": words])),
        event("response.output_text.done", "All words of it", ofContent.adding(["text": words])),
        event("response.function_call_arguments.delta", "A function is called", ofCall.adding(["delta": words])),
        event(
            "response.function_call_arguments.done", "With all of these arguments",
            ofCall.adding(["name": words, "arguments": words])),
    ]

    private static let ofOutput = ["response_id": id, "output_index": index]
    private static let ofContent = ofOutput.adding(["item_id": id, "content_index": index])
    private static let ofCall = ofOutput.adding(["item_id": id, "call_id": id])

    // MARK: fields

    private static let thing: JSONValue = ["type": "object"]
    private static let words = Schema.text()
    private static let id = Schema.text()
    private static let place: JSONValue = ["type": ["string", "null"], "description": "The item before it"]
    private static let index = Schema.whole()
    private static let base64 = Schema.text("Base64, in the session's format")

    private static func command(
        _ type: String, _ summary: String, _ fields: [String: JSONValue] = [:], optional: [String: JSONValue] = [:]
    ) -> TalkMessage {
        TalkMessage(
            type: type, isOfClient: true, summary: summary, family: "realtime_",
            payload: Schema.object(
                fields.adding(["type": Schema.constant(type)]),
                optional: optional.adding(["event_id": Schema.text("The client's own name for it")]), isOpen: true))
    }

    private static func event(
        _ type: String, _ summary: String, _ fields: [String: JSONValue] = [:]
    ) -> TalkMessage {
        TalkMessage(
            type: type, isOfClient: false, summary: summary, family: "realtime_",
            payload: Schema.object(
                fields.adding(["type": Schema.constant(type), "event_id": Schema.text()]), isOpen: true))
    }
}

extension [String: JSONValue] {
    fileprivate func adding(_ more: [String: JSONValue]) -> [String: JSONValue] { merging(more) { first, _ in first } }
}
