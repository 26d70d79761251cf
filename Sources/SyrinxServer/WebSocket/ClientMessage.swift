// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

/// A text message of the client: one JSON object with a `type`. `docs/PROTOCOL.md` documents each.
enum ClientMessage {
    case input(Input)
    /// Ends the session as the client's own wish.
    case close

    static let types = [
        "text", "say", "keys", "interrupt", "commit", "discard", "pipeline", "language", "played", "close",
    ]

    /// A `say` has no id yet.
    /// - Parameter rate: Hz of the agent's audio, for `played`.
    /// - Throws: `message.invalid_json`, `message.unknown_type`, `message.invalid_field`.
    static func parse(_ text: String, rate: Int) throws(SyrinxError) -> ClientMessage {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: text)
        } catch {
            throw SyrinxError(
                "message.invalid_json", error.message, fix: "send one JSON object per text message", place: error.place)
        }
        guard let type = json["type"]?.string else {
            throw field("type", "must be one of \(types.joined(separator: ", "))")
        }
        switch type {
        case "text": return .input(.callerText(try words(json)))
        case "say": return .input(.say(try say(json)))
        case "keys": return .input(.keys(try keys(json)))
        case "interrupt": return .input(.interrupt)
        case "commit": return .input(.commit)
        case "discard": return .input(.discardTurn)
        case "pipeline": return .input(.switchPipeline(to: try pipeline(json), reason: .requested))
        case "language":
            guard let tag = json["language"]?.string, LanguageTag.isValid(tag) else {
                throw field("language", "must be a language tag such as en or de-AT")
            }
            return .input(.changeLanguage(tag, source: .requested))
        case "played":
            guard let played = json["ms"]?.double ?? json["ms"]?.int.map(Double.init), played >= 0, played < 1e10 else {
                throw field("ms", "must be the milliseconds of agent audio played so far")
            }
            return .input(.played(samples: Int(played * Double(rate) / 1000)))
        case "close": return .close
        default:
            throw SyrinxError(
                "message.unknown_type", "there is no message of type `\(type.prefix(64))`",
                fix: "types: \(types.joined(separator: ", "))", place: "$.type")
        }
    }

    private static func words(_ json: JSONValue) throws(SyrinxError) -> String {
        guard let text = json["text"]?.string, !text.isEmpty, text.utf8.count <= 16_384 else {
            throw field("text", "must be a text of 1 to 16384 bytes")
        }
        return text
    }

    private static func pipeline(_ json: JSONValue) throws(SyrinxError) -> Pipeline {
        switch json["pipeline"]?.string {
        case "cascade": return .cascade
        case "s2s": return .s2s
        default: throw field("pipeline", "must be cascade or s2s")
        }
    }

    /// - Throws: `message.invalid_field`.
    static func keys(_ json: JSONValue) throws(SyrinxError) -> String {
        guard let keys = json["keys"]?.string, (1...32).contains(keys.count), keys.allSatisfy(KeyCollector.isKey)
        else { throw field("keys", "must be 1 to 32 of 0 to 9, *, #, A to D") }
        return keys
    }

    private static func say(_ json: JSONValue) throws(SyrinxError) -> SayRequest {
        let priorities: [String: SpeechPriority] = ["low": .low, "normal": .normal, "high": .high]
        let name = json["priority"]?.string ?? "normal"
        guard let priority = priorities[name] else { throw field("priority", "must be low, normal or high") }
        return SayRequest(
            id: 0, text: try words(json), priority: priority, interruptible: json["interruptible"]?.bool ?? true,
            addToHistory: json["add_to_history"]?.bool ?? true)
    }

    private static func field(_ name: String, _ message: String) -> SyrinxError {
        SyrinxError("message.invalid_field", "`\(name)` \(message)", place: "$.\(name)")
    }
}
