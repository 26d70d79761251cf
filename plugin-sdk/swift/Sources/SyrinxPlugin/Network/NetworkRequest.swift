// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// Names one request or socket of a session; 0 is never one.
public struct NetworkID: RawRepresentable, Hashable, Sendable {
    /// The number that the host gave it.
    public let rawValue: UInt64

    /// Wraps the host's number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// An HTTP request, or the upgrade to a WebSocket, for ``SessionHost/startRequest(_:)`` and
/// ``SessionHost/openWebSocket(_:)``.
///
/// In a header's value `${secret:NAME}` stands for a secret, which the host puts in at the socket: write what the
/// configuration says (`"Token " + config.apiKey`), and the plugin never has the secret itself.
public struct NetworkRequest: Sendable {
    /// An absolute URL of http, https, ws or wss; at most 8192 bytes.
    public var url: String
    /// The HTTP method; empty = GET, or POST when there is a body.
    public var method: String = ""
    /// The headers in order; a name may come twice. At most 16 KiB together.
    public var headers: [(name: String, value: String)] = []
    /// The body, or with ``streamsBody`` its beginning. HTTP only.
    public var body: [UInt8] = []
    /// The response or utterance that it belongs to; it ends when that is cancelled. 0 = of none.
    public var generation: UInt64 = 0
    /// For name look-up, connection, TLS and upgrade together; 0 = the host's default of 5000.
    public var connectMilliseconds: UInt32 = 0
    /// No byte from the other side for so long ends it with ``Status/deadlineExceeded``; 0 = the host's default: 15 000
    /// for HTTP, never for a WebSocket.
    public var silenceMilliseconds: UInt32 = 0
    /// More of the body follows by ``SessionHost/sendBody(_:_:isLast:)``.
    public var streamsBody = false
    /// Nothing but HTTP/2 will do.
    public var requiresHTTP2 = false
    /// Goes on when its generation is cancelled.
    public var survivesCancel = false

    /// Makes a request without headers and body.
    public init(url: String) {
        self.url = url
    }
}

extension NetworkRequest {
    private var flags: UInt32 {
        (streamsBody ? UInt32(SYX_REQ_STREAM_BODY) : 0) | (requiresHTTP2 ? UInt32(SYX_REQ_HTTP2) : 0)
            | (survivesCancel ? UInt32(SYX_REQ_KEEP) : 0)
    }

    /// The headers as the ABI has them, a line each.
    private func headerText() throws(PluginError) -> String {
        var text = ""
        for header in headers {
            let bytes = [Array(header.name.utf8), Array(header.value.utf8)]
            guard !header.name.isEmpty, !bytes.joined().contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else {
                let name = header.name.filter { !$0.isNewline }
                throw .invalid("the header '\(name)' holds a line break, or has no name")
            }
            text += "\(header.name): \(header.value)\n"
        }
        return text
    }

    /// Hands the C request to `start`, which answers the id or 0 and fills in the error.
    func send(
        by start: (UnsafePointer<syx_request>, UnsafeMutablePointer<syx_err>) -> UInt64
    ) throws(PluginError) -> NetworkID {
        var (url, method, headers) = (url, method, try headerText())
        var error = syx_err()
        error.struct_size = UInt32(MemoryLayout<syx_err>.size)
        let id = url.withUTF8 { url in
            method.withUTF8 { method in
                headers.withUTF8 { headers in
                    body.withUnsafeBufferPointer { body in
                        var raw = syx_request()
                        raw.struct_size = UInt32(MemoryLayout<syx_request>.size)
                        raw.flags = flags
                        raw.connect_ms = connectMilliseconds
                        raw.silence_ms = silenceMilliseconds
                        raw.generation = generation
                        raw.url = syx_str(url)
                        raw.method = syx_str(method)
                        raw.headers = syx_str(headers)
                        raw.body = syx_str(body)
                        return start(&raw, &error)
                    }
                }
            }
        }
        guard id != 0 else { throw PluginError(error, otherwise: "the host refused the request") }
        return NetworkID(rawValue: id)
    }
}

extension PluginError {
    /// What the other side wrote into an error.
    init(_ raw: syx_err, otherwise message: String) {
        let text = withUnsafeBytes(of: raw.msg) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        self.init(
            Status(rawValue: raw.code),
            text.isEmpty ? message : text,
            isRetryable: raw.flags & UInt32(SYX_ERR_RETRYABLE) != 0,
            isFatalToProvider: raw.flags & UInt32(SYX_ERR_FATAL_PROVIDER) != 0,
            retryAfterMilliseconds: raw.retry_after_ms,
            vendorCode: raw.vendor_code
        )
    }
}
