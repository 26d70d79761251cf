// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

// The host's I/O services (ABI 1.1): "syrinx.http/1", "syrinx.ws/1", "syrinx.secret/1". They answer at once; what comes
// back arrives as events, which a ``NetworkInbox`` reads. All of them may be called from any thread.

extension SessionHost {
    /// Starts an HTTP request. ``NetworkEvent/head(_:status:headers:)``, ``NetworkEvent/data(_:_:)`` and exactly one
    /// ``NetworkEvent/done(_:_:)`` follow.
    ///
    /// - Throws: ``PluginError`` when the host refuses it at once: ``Status/notPermitted`` when the operator's rules do
    ///   not let the plugin go there, ``Status/invalid`` for a malformed request, ``Status/unsupported`` without network.
    public func startRequest(_ request: NetworkRequest) throws(PluginError) -> NetworkID {
        guard let start = http?.pointee.start else { throw .noNetwork }
        return try request.send { start(handle, $0, $1) }
    }

    /// Sends more of a body that streams; `isLast` ends it.
    ///
    /// - Returns: ``Status/again`` when nothing was taken: wait for ``NetworkEvent/writable(_:)``.
    public func sendBody(_ id: NetworkID, _ bytes: [UInt8], isLast: Bool = false) -> Status {
        bytes.withUnsafeBytes { bytes in
            status(http?.pointee.send?(handle, id.rawValue, bytes.baseAddress, bytes.count, isLast ? 1 : 0))
        }
    }

    /// Opens a WebSocket. ``NetworkEvent/opened(_:subprotocol:headers:)`` or ``NetworkEvent/closed(_:_:)`` follows; what
    /// is sent before waits.
    ///
    /// - Throws: As ``startRequest(_:)``.
    public func openWebSocket(_ request: NetworkRequest) throws(PluginError) -> NetworkID {
        guard let open = sockets?.pointee.open else { throw .noNetwork }
        return try request.send { open(handle, $0, $1) }
    }

    /// Sends a text message.
    ///
    /// - Returns: ``Status/again`` when nothing was taken: wait for ``NetworkEvent/writable(_:)``, or let a
    ///   ``SocketOutbox`` do that.
    public func sendText(_ id: NetworkID, _ text: String) -> Status {
        var text = text
        return text.withUTF8 { sendPiece(id, UnsafeRawBufferPointer($0), flags: 0) }
    }

    /// Sends a binary message; answers as ``sendText(_:_:)``.
    public func sendBinary(_ id: NetworkID, _ bytes: [UInt8]) -> Status {
        bytes.withUnsafeBytes { sendPiece(id, $0, flags: UInt32(SYX_WS_BINARY)) }
    }

    /// Holds the other side up, or lets it go on; some of what is under way may still come.
    public func setReading(_ id: NetworkID, _ on: Bool) {
        // An id belongs to one of the two services; the other one does not know it.
        if status(sockets?.pointee.read?(handle, id.rawValue, on ? 1 : 0)) != .ok {
            _ = http?.pointee.read?(handle, id.rawValue, on ? 1 : 0)
        }
    }

    /// Sends what waits, then closes the socket; ``NetworkEvent/closed(_:_:)`` follows.
    ///
    /// - Parameters:
    ///   - id: The socket.
    ///   - code: The close code (RFC 6455, 7.4); 0 cuts the connection at once.
    ///   - reason: At most 123 bytes.
    public func closeWebSocket(_ id: NetworkID, code: UInt16 = 1000, reason: String = "") {
        var reason = reason
        reason.withUTF8 { sockets?.pointee.close?(handle, id.rawValue, UInt32(code), syx_str($0)) }
    }

    /// Ends an HTTP request; ``NetworkEvent/done(_:_:)`` with ``Status/stale`` follows.
    public func abortRequest(_ id: NetworkID) {
        http?.pointee.abort?(handle, id.rawValue)
    }

    /// Asks for the HMAC of `bytes`; ``NetworkEvent/digest(cookie:_:)`` follows.
    ///
    /// - Parameters:
    ///   - key: Text in which the host replaces `${secret:NAME}`.
    ///   - bytes: At most 1 MiB.
    ///   - cookie: Comes back with the digest.
    ///   - algorithm: The hash.
    /// - Returns: ``Status/notFound`` when there is no such secret; ``Status/unsupported`` from a host without the hash.
    public func requestHMAC(
        key: String,
        bytes: [UInt8],
        cookie: UInt64,
        algorithm: DigestAlgorithm = .sha256
    ) -> Status {
        // A host that knows no more than the first hash has a shorter table.
        let needed =
            switch algorithm {
            case .sha256: MemoryLayout<syx_secret_v1>.offset(of: \.hmac_sha1)
            case .sha1: MemoryLayout<syx_secret_v1>.offset(of: \.sha256)
            }
        guard let needed, let table: UnsafePointer<syx_secret_v1> = host.table(SYX_SERVICE_SECRET_1, bytes: needed)
        else { return .unsupported }
        var key = key
        return key.withUTF8 { key in
            bytes.withUnsafeBytes { bytes in
                let (key, start, count) = (syx_str(key), bytes.baseAddress, bytes.count)
                let sign = algorithm == .sha1 ? table.pointee.hmac_sha1 : table.pointee.hmac_sha256
                return status(sign?(handle, key, start, count, cookie))
            }
        }
    }

    /// Asks for the SHA-256 of a text; ``NetworkEvent/digest(cookie:_:)`` follows. For signatures over requests that carry
    /// a secret, of which a plugin knows nothing but its name.
    ///
    /// - Parameters:
    ///   - text: Text in which the host replaces `${secret:NAME}`; at most 4096 bytes.
    ///   - cookie: Comes back with the digest.
    /// - Returns: ``Status/notFound`` when there is no such secret; ``Status/unsupported`` from a host without it.
    public func requestSHA256(_ text: String, cookie: UInt64) -> Status {
        guard let table: UnsafePointer<syx_secret_v1> = host.table(SYX_SERVICE_SECRET_1) else { return .unsupported }
        var text = text
        return text.withUTF8 { status(table.pointee.sha256?(handle, syx_str($0), cookie)) }
    }

    func sendPiece(_ id: NetworkID, _ bytes: UnsafeRawBufferPointer, flags: UInt32) -> Status {
        status(sockets?.pointee.send?(handle, id.rawValue, flags, bytes.baseAddress, bytes.count))
    }

    private var http: UnsafePointer<syx_http_v1>? { host.table(SYX_SERVICE_HTTP_1) }
    private var sockets: UnsafePointer<syx_ws_v1>? { host.table(SYX_SERVICE_WS_1) }

    private func status(_ raw: Int32?) -> Status {
        raw.map(Status.init(rawValue:)) ?? .unsupported
    }
}

/// The hash of ``SessionHost/requestHMAC(key:bytes:cookie:algorithm:)``.
public enum DigestAlgorithm: Sendable {
    /// SHA-256: 32 bytes.
    case sha256
    /// SHA-1: 20 bytes; for vendors that sign with nothing better.
    case sha1
}

extension Host {
    /// Connects to where this URL points, so that the next request or socket need not wait. May do nothing.
    public func prewarm(_ url: String) {
        guard let http: UnsafePointer<syx_http_v1> = table(SYX_SERVICE_HTTP_1) else { return }
        var url = url
        url.withUTF8 { _ = http.pointee.prewarm?(handle, syx_str($0)) }
    }

    /// A service's table; nil when the host has none, or an unfinished one.
    ///
    /// - Parameter bytes: How much of it is needed; nil = all.
    fileprivate func table<Table>(_ id: String, bytes: Int? = nil) -> UnsafePointer<Table>? {
        guard let raw = service(id), raw.load(as: UInt32.self) >= UInt32(bytes ?? MemoryLayout<Table>.size) else {
            return nil
        }
        return raw.assumingMemoryBound(to: Table.self)
    }
}

extension PluginError {
    fileprivate static var noNetwork: PluginError {
        .unsupported("the host lets this plugin reach no network: its manifest has to name where, in permissions.net")
    }
}
