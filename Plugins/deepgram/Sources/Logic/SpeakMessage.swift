// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the vendor says over the speaker's socket, besides audio.
enum SpeakMessage: Equatable {
    /// All audio of the oldest `Flush` was sent.
    case flushed
    /// All that was sent before `Clear` is dropped.
    case cleared
    /// Fatal; the vendor closes after it.
    case failed(String)
    /// Known, and nothing to do but to log it.
    case noted(String)

    /// - Returns: nil when it is no message of the vendor.
    static func parse(_ text: String) -> SpeakMessage? {
        guard let json = try? JSONValue(parsing: text), let type = json["type"]?.string else { return nil }
        let words = [json["code"]?.string, json["description"]?.string].compactMap { $0 }.joined(separator: ": ")
        return switch type {
        case "Flushed": .flushed
        case "Cleared": .cleared
        case "Error": .failed(String(words.prefix(120)))
        case "Warning": .noted(String(words.prefix(120)))
        default: .noted("")
        }
    }

    /// The messages that have a text spoken: at most 2000 characters each, cut at spaces.
    static func speaking(_ text: String) -> [String] {
        var rest = text[...]
        var messages: [String] = []
        while !rest.isEmpty {
            var piece = rest.prefix(longestText)
            if piece.endIndex < rest.endIndex, let space = piece.lastIndex(where: \.isWhitespace) {
                piece = piece[...space]
            }
            messages.append(JSONValue.object(["type": "Speak", "text": .string(String(piece))]).text)
            rest = rest[piece.endIndex...]
        }
        return messages + [#"{"type":"Flush"}"#]
    }

    private static let longestText = 2_000
}
