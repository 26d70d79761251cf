// SPDX-License-Identifier: Apache-2.0

/// What came over the network, as a ``NetworkInbox`` reads it: messages are whole, texts are repaired UTF-8.
///
/// Nothing in it is trusted: it is what a server wrote.
public enum NetworkEvent: Sendable {
    /// HTTP: the response began; the headers' names are in lower case.
    case head(NetworkID, status: Int, headers: [String: String])
    /// HTTP: a piece of the body, as it came.
    case data(NetworkID, [UInt8])
    /// HTTP: the end, exactly once; nil = the response is complete.
    case done(NetworkID, PluginError?)
    /// WebSocket: the upgrade succeeded.
    case opened(NetworkID, subprotocol: String, headers: [String: String])
    /// WebSocket: a whole text message.
    case text(NetworkID, String)
    /// WebSocket: a whole binary message.
    case binary(NetworkID, [UInt8])
    /// WebSocket: the end, exactly once.
    case closed(NetworkID, SocketClose)
    /// Sending is possible again after ``Status/again``.
    case writable(NetworkID)
    /// The answer to ``SessionHost/requestHMAC(key:bytes:cookie:algorithm:)`` or
    /// ``SessionHost/requestSHA256(_:cookie:)``; nil = there is no such secret.
    case digest(cookie: UInt64, [UInt8]?)
}

/// How a WebSocket ended, or why it did not begin.
public struct SocketClose: Sendable, Hashable {
    /// The close code that the other side sent (RFC 6455, 7.4).
    public var closeCode: Int?
    /// The HTTP status, when the upgrade was refused.
    public var httpStatus: Int?
    /// Why, in the other side's words or in the host's.
    public var reason: String
    /// The beginning of the refusal's body.
    public var body: String
    /// The refusal's headers; names in lower case.
    public var headers: [String: String]
    /// How long the other side asked to wait, in milliseconds.
    public var retryAfterMilliseconds: UInt32?
    /// What went wrong; nil = a clean close by either side.
    public var error: PluginError?

    /// Makes one, for tests.
    public init(
        closeCode: Int? = nil,
        httpStatus: Int? = nil,
        reason: String = "",
        body: String = "",
        headers: [String: String] = [:],
        retryAfterMilliseconds: UInt32? = nil,
        error: PluginError? = nil
    ) {
        self.closeCode = closeCode
        self.httpStatus = httpStatus
        self.reason = reason
        self.body = body
        self.headers = headers
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.error = error
    }
}
