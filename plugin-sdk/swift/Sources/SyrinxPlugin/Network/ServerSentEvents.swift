// SPDX-License-Identifier: Apache-2.0

/// One event of a stream of server-sent events.
public struct ServerSentEvent: Sendable, Hashable {
    /// The event's name; "message" when the stream does not say.
    public var name: String
    /// Its data; several lines are joined by a line feed.
    public var data: String
    /// The last id that the stream gave.
    public var id: String

    /// Makes an event.
    public init(name: String = "message", data: String, id: String = "") {
        self.name = name
        self.data = data
        self.id = id
    }
}

/// Reads server-sent events out of an HTTP body (WHATWG HTML, 9.2.6), however it is cut.
public struct ServerSentEvents: Sendable {
    private let limit: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var name = ""
    private var id = ""
    private var lastWasReturn = false
    private var isFirstLine = true

    /// Makes a reader.
    ///
    /// - Parameter limit: The most bytes of one line, and of one event's data.
    public init(limit: Int = 1 << 20) {
        self.limit = limit
    }

    /// Takes bytes of the body and returns the events that they complete.
    ///
    /// - Throws: ``PluginError`` with ``Status/internalError`` when a line or an event is too large; the stream is of no
    ///   use then.
    public mutating func feed(_ bytes: [UInt8]) throws(PluginError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            let endsReturn = lastWasReturn && byte == UInt8(ascii: "\n")
            lastWasReturn = byte == UInt8(ascii: "\r")
            if endsReturn { continue }
            guard lastWasReturn || byte == UInt8(ascii: "\n") else {
                line.append(byte)
                guard line.count <= limit else { throw tooLarge }
                continue
            }
            if let event = takeLine() { events.append(event) }
            guard data.count <= limit else { throw tooLarge }
        }
        return events
    }

    /// The body is complete: returns what came without the blank line that should end it.
    ///
    /// The standard would drop it, and so must who was cut off: do not call this after an error.
    public mutating func end() -> [ServerSentEvent] {
        let inLine = line.isEmpty ? nil : takeLine()
        return [inLine, dispatch()].compactMap(\.self)
    }

    private var tooLarge: PluginError {
        PluginError(.internalError, "the other side sent an event of more than \(limit) bytes")
    }

    private mutating func takeLine() -> ServerSentEvent? {
        defer {
            line.removeAll(keepingCapacity: true)
            isFirstLine = false
        }
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            if hasData { data.append(UInt8(ascii: "\n")) }
            hasData = true
            data.append(contentsOf: value)
        case "event": name = String(decoding: value, as: UTF8.self)
        case "id" where !value.contains(0): id = String(decoding: value, as: UTF8.self)
        default: break  // "retry", comments, and what nobody knows
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            data.removeAll(keepingCapacity: true)
            hasData = false
            name = ""
        }
        guard hasData else { return nil }
        return ServerSentEvent(
            name: name.isEmpty ? "message" : name,
            data: String(decoding: data, as: UTF8.self),
            id: id
        )
    }
}
