// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension TalkDescription {
    static let commands = [
        command("text", "A turn that is typed instead of spoken", ["text": words]),
        command(
            "say", "The agent says this", ["text": words],
            optional: [
                "priority": [
                    "type": "string", "enum": ["low", "normal", "high"], "default": "normal",
                ], "interruptible": Schema.truth(default: true), "add_to_history": Schema.truth(default: true),
            ]),
        command(
            "keys", "Keys of a telephone: a turn after `#` or two seconds",
            ["keys": Schema.text("0 to 9, *, #, A to D", length: 1...32)]),
        command("interrupt", "As if the caller had interrupted", [:]),
        command("commit", "The caller's turn is complete now", [:]),
        command("discard", "The caller's unfinished turn is forgotten", [:]),
        command(
            "pipeline", "Goes on in the other pipeline, after the turn in progress",
            ["pipeline": Schema.word(["cascade", "s2s"])]),
        command(
            "language", "Goes on in another language",
            ["language": Schema.text("BCP 47 tag", length: 2...35)]),
        command(
            "played", "How much agent audio was played since the call began",
            ["ms": Schema.number("Milliseconds, below 10,000,000,000", to: 9_999_999_999)]),
        command("close", "Ends the session", [:]),
        TalkMessage(
            type: nil, isOfClient: true, summary: "The caller's audio: whole samples, best 20 ms a message",
            payload: ["type": "string", "format": "binary"]),
    ]

    private static let words = Schema.text("1 to 16384 bytes", length: 1...16_384)

    /// Fields that it does not know are of no matter to the server.
    private static func command(
        _ type: String, _ summary: String, _ fields: [String: JSONValue], optional: [String: JSONValue] = [:]
    ) -> TalkMessage {
        let fields = fields.merging(["type": Schema.constant(type)]) { first, _ in first }
        return TalkMessage(
            type: type, isOfClient: true, summary: summary,
            payload: Schema.object(fields, optional: optional, isOpen: true))
    }
}
