// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI
public import SyrinxPlugin

/// A request or socket that a plugin started at a ``FakeSession``, as the plugin wrote it: secrets still stand as
/// `${secret:NAME}`.
public struct FakeRequest: Sendable {
    /// The host's name for it.
    public let id: NetworkID
    /// A WebSocket, else an HTTP request.
    public let isSocket: Bool
    /// Where it goes.
    public let url: String
    /// The method, with the default filled in; empty for a socket.
    public let method: String
    /// The headers in order.
    public let headers: [(name: String, value: String)]
    /// The body that it began with.
    public let body: [UInt8]
    /// The response or utterance that it belongs to.
    public let generation: UInt64
    /// More of the body follows.
    public let streamsBody: Bool
    /// Nothing but HTTP/2 will do.
    public let requiresHTTP2: Bool
    /// Goes on when its generation is cancelled.
    public let survivesCancel: Bool
    /// For the connection; 0 = the host's default.
    public let connectMilliseconds: UInt32
    /// Without a byte; 0 = the host's default.
    public let silenceMilliseconds: UInt32

    /// The body as text.
    public var bodyText: String { String(decoding: body, as: UTF8.self) }

    /// The first header of this name, whatever its case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// What somebody asks at a transport's door.
    init(
        id: UInt64,
        url: String,
        method: String,
        headers: [(name: String, value: String)],
        body: [UInt8],
        isSocket: Bool
    ) {
        self.id = NetworkID(rawValue: id)
        (self.url, self.method, self.headers, self.body, self.isSocket) = (url, method, headers, body, isSocket)
        (generation, connectMilliseconds, silenceMilliseconds) = (0, 0, 0)
        (streamsBody, requiresHTTP2, survivesCancel) = (false, false, false)
    }

    init(_ raw: syx_request, id: UInt64, isSocket: Bool) {
        self.id = NetworkID(rawValue: id)
        self.isSocket = isSocket
        url = String(raw.url)
        body = Array(raw.body)
        let method = String(raw.method)
        self.method = isSocket || !method.isEmpty ? method : body.isEmpty ? "GET" : "POST"
        headers = String(raw.headers).split(separator: "\n").map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            let value: Substring = line[colon...].dropFirst().drop { $0 == " " }
            return (name: String(line[..<colon]), value: String(value))
        }
        generation = raw.generation
        streamsBody = raw.flags & UInt32(SYX_REQ_STREAM_BODY) != 0
        requiresHTTP2 = raw.flags & UInt32(SYX_REQ_HTTP2) != 0
        survivesCancel = raw.flags & UInt32(SYX_REQ_KEEP) != 0
        connectMilliseconds = raw.connect_ms
        silenceMilliseconds = raw.silence_ms
    }
}

/// A message that a plugin sent over a socket.
public enum SentMessage: Sendable, Hashable {
    /// A text.
    case text(String)
    /// Bytes.
    case binary([UInt8])

    /// The text; nil for bytes.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
}

extension [UInt8] {
    /// A copy of bytes from the other side.
    init(_ raw: syx_str) {
        guard let start = raw.ptr else {
            self = []
            return
        }
        self = Array(UnsafeRawBufferPointer(start: start, count: raw.len))
    }
}
