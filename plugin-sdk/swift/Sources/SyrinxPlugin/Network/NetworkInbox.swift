// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// Reads the events of the network and puts the pieces of WebSocket messages together.
///
/// One for each session; call ``read(_:)`` first in ``Session/handle(_:)``.
public struct NetworkInbox {
    private struct Message {
        var bytes: [UInt8] = []
        var isBinary: Bool
    }

    private let messageLimit: Int
    private let host: SessionHost?
    private var messages: [NetworkID: Message] = [:]
    /// Sockets that sent too much, or text that is none: nothing more is told of them.
    private var silenced: Set<NetworkID> = []

    /// Makes an empty inbox.
    ///
    /// - Parameters:
    ///   - messageLimit: The largest WebSocket message in bytes. A larger one ends its socket for the plugin: it reads as
    ///     ``NetworkEvent/closed(_:_:)`` with an error, and nothing follows.
    ///     The same becomes of a text that is no UTF-8 (RFC 6455, 8.1): half of its words would be guesses.
    ///   - host: Cuts such a socket too; without it that is left to the plugin.
    public init(messageLimit: Int = 4 << 20, host: SessionHost? = nil) {
        self.messageLimit = messageLimit
        self.host = host
    }

    /// Reads an event.
    ///
    /// - Returns: What it means; nil when it is not of the network, or a piece of a message whose rest is to come.
    public mutating func read(_ event: borrowing Event) -> NetworkEvent? {
        let id = NetworkID(rawValue: event.id)
        switch event.type {
        case .httpHead:
            return .head(id, status: Int(clamping: event.integer), headers: Self.headers(event.json))
        case .httpData: return .data(id, event.bytes)
        case .httpDone: return .done(id, Self.error(event))
        case .socketOpen: return .opened(id, subprotocol: event.text, headers: Self.headers(event.json))
        case .socketData: return message(id, event)
        case .socketClosed: return close(id, event)
        case .ioWritable: return silenced.contains(id) ? nil : .writable(id)
        case .digest:
            return .digest(cookie: event.id, event.integer == 0 ? event.bytes : nil)
        default: return nil
        }
    }

    private mutating func message(_ id: NetworkID, _ event: borrowing Event) -> NetworkEvent? {
        guard !silenced.contains(id) else { return nil }
        // The first piece says what the message is.
        let isFirst = messages[id] == nil
        let flags = event.flags
        let piece = event.bytes
        if isFirst { messages[id] = Message(isBinary: flags & UInt32(SYX_WS_BINARY) != 0) }
        let count = (messages[id]?.bytes.count ?? 0).addingReportingOverflow(piece.count)
        guard !count.overflow, count.partialValue <= messageLimit else {
            return refuse(id, "the other side sent a message of more than \(messageLimit) bytes")
        }
        messages[id]?.bytes.append(contentsOf: piece)
        guard flags & UInt32(SYX_WS_PART) == 0, let whole = messages.removeValue(forKey: id) else { return nil }
        guard !whole.isBinary else { return .binary(id, whole.bytes) }
        guard let text = String(validating: whole.bytes, as: UTF8.self) else {
            return refuse(id, "the other side sent a text that is no UTF-8", isRetryable: true)
        }
        return .text(id, text)
    }

    private mutating func refuse(
        _ id: NetworkID,
        _ message: String,
        isRetryable: Bool = false
    ) -> NetworkEvent {
        messages[id] = nil
        silenced.insert(id)
        host?.closeWebSocket(id, code: 0)
        let error = PluginError(.internalError, message, isRetryable: isRetryable)
        return .closed(id, SocketClose(reason: error.message, error: error))
    }

    private mutating func close(_ id: NetworkID, _ event: borrowing Event) -> NetworkEvent? {
        messages[id] = nil
        guard silenced.remove(id) == nil else { return nil }
        let extras = (try? event.decodeJSON(CloseExtras.self)) ?? CloseExtras()
        var close = SocketClose(
            closeCode: extras.close_code,
            httpStatus: extras.status,
            reason: event.text,
            body: extras.body ?? "",
            headers: extras.headers ?? [:],
            retryAfterMilliseconds: extras.retry_after_ms,
            error: Self.error(event)
        )
        close.error?.retryAfterMilliseconds = extras.retry_after_ms ?? 0
        close.error?.vendorCode = Int64(extras.status ?? extras.close_code ?? 0)
        return .closed(id, close)
    }

    private static func headers(_ json: String) -> [String: String] {
        (try? JSON.decode([String: String].self, from: json)) ?? [:]
    }

    private static func error(_ event: borrowing Event) -> PluginError? {
        guard event.integer < 0 else { return nil }
        let text = event.text
        return PluginError(
            Status(rawValue: Int32(clamping: event.integer)),
            text.isEmpty ? "the connection ended" : text,
            isRetryable: event.secondInteger & Int64(SYX_ERR_RETRYABLE) != 0,
            isFatalToProvider: event.secondInteger & Int64(SYX_ERR_FATAL_PROVIDER) != 0
        )
    }
}

/// The extras of WS_CLOSED, by their names on the wire.
private struct CloseExtras: Decodable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var close_code: Int?
    var status: Int?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var retry_after_ms: UInt32?
    var headers: [String: String]?
    var body: String?
}
