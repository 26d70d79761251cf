// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the model says (protocol page, "model -> client").
enum ModelEvent: Hashable, Sendable {
    case contentStart(ContentBlock)
    case text(block: String, String)
    /// Samples as little-endian bytes.
    case audio(block: String, [UInt8])
    /// `arguments` is JSON text as the model wrote it.
    case toolUse(id: String, name: String, arguments: String)
    case contentEnd(block: String, StopReason)
    case usage(input: Int64, output: Int64, total: Int64)
    case completionEnd(id: String?)
    /// Anything else: the protocol may grow.
    case other
}

/// One block of content, between its start and its end.
struct ContentBlock: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case text, audio, tool, other }

    var id: String
    var kind: Kind
    var isUser: Bool
    /// Text that the model plans to say, before its audio.
    var isSpeculative: Bool
    /// What it is part of.
    var completion: String?
}

/// Why a block ended.
enum StopReason: String, Hashable, Sendable {
    case partialTurn = "PARTIAL_TURN"
    case endTurn = "END_TURN"
    case interrupted = "INTERRUPTED"
    case toolUse = "TOOL_USE"
    case other = ""
}

extension ModelEvent {
    /// Reads the payload of a `chunk` frame: `{"bytes": base64 of {"event": {NAME: {…}}}}`.
    ///
    /// - Throws: ``PluginError`` with ``Status/internalError`` when a known event is not as it has to be.
    init(payload: [UInt8]) throws(PluginError) {
        guard let outer = try? JSONValue(parsing: payload), let bytes = outer["bytes"]?.string.flatMap(Base64.decode),
            let value = try? JSONValue(parsing: bytes), let event = value["event"]?.object
        else { throw .malformed("a chunk holds no event") }
        guard let (name, body) = event.first, event.count == 1 else { throw .malformed("an event has no name") }
        try self.init(name, body)
    }

    private init(_ name: String, _ body: JSONValue) throws(PluginError) {
        func text(_ key: String) throws(PluginError) -> String {
            guard let text = body[key]?.string else { throw .malformed("'\(key)' of a \(name) is missing or no text") }
            return text
        }
        switch name {
        case "contentStart": self = .contentStart(try ContentBlock(body, id: try text("contentId")))
        case "textOutput": self = .text(block: try text("contentId"), try text("content"))
        case "audioOutput":
            guard let bytes = Base64.decode(try text("content")) else { throw .malformed("audio is not base64") }
            self = .audio(block: try text("contentId"), bytes)
        case "toolUse":
            self = .toolUse(id: try text("toolUseId"), name: try text("toolName"), arguments: try text("content"))
        case "contentEnd": self = .contentEnd(block: try text("contentId"), Self.reason(body))
        case "completionEnd": self = .completionEnd(id: body["completionId"]?.string)
        case "usageEvent":
            let counts = ["totalInputTokens", "totalOutputTokens", "totalTokens"].map { max(0, body[$0]?.int ?? 0) }
            self = .usage(input: counts[0], output: counts[1], total: counts[2])
        default: self = .other
        }
    }

    private static func reason(_ body: JSONValue) -> StopReason {
        body["stopReason"]?.string.flatMap(StopReason.init) ?? .other
    }
}

extension ContentBlock {
    fileprivate init(_ body: JSONValue, id: String) throws(PluginError) {
        guard let type = body["type"]?.string else { throw .malformed("'type' of a contentStart is missing") }
        let fields = body["additionalModelFields"]?.string.flatMap { try? JSONValue(parsing: $0) }
        self.init(
            id: id,
            kind: ["TEXT": Kind.text, "AUDIO": .audio, "TOOL": .tool][type] ?? .other,
            isUser: body["role"]?.string == "USER",
            isSpeculative: fields?["generationStage"]?.string == "SPECULATIVE",
            completion: body["completionId"]?.string
        )
    }
}
