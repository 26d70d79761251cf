// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxABI
internal import SyrinxPlugin

/// The tables of the I/O services; they lead to the sessions' ``FakeNetwork``.
enum FakeServices {
    static func table(_ id: String) -> UnsafeRawPointer? {
        switch id {
        case SYX_SERVICE_HTTP_1: UnsafeRawPointer(http)
        case SYX_SERVICE_WS_1: UnsafeRawPointer(sockets)
        case SYX_SERVICE_SECRET_1: UnsafeRawPointer(secret)
        default: nil
        }
    }

    nonisolated(unsafe) private static let http: UnsafePointer<syx_http_v1> = {
        var table = syx_http_v1()
        table.struct_size = UInt32(MemoryLayout<syx_http_v1>.size)
        table.start = { start($0, $1, $2, isSocket: false) }
        table.send = { session, id, bytes, count, last in
            with(session) { $0.sendBody(id, UnsafeRawBufferPointer(start: bytes, count: count), isLast: last != 0) }
        }
        table.read = { read($0, $1, $2, isSocket: false) }
        table.abort = { session, id in
            _ = with(session) { network in
                if network.exchanges[id]?.request.isSocket == false { network.abort(id, "the plugin ended it") }
                return .ok
            }
        }
        table.prewarm = { provider, url in
            FakeCore.host(provider)?.state.withLock { $0.prewarmed.append(String(url)) }
            return Status.ok.rawValue
        }
        return immortal(table)
    }()

    nonisolated(unsafe) private static let sockets: UnsafePointer<syx_ws_v1> = {
        var table = syx_ws_v1()
        table.struct_size = UInt32(MemoryLayout<syx_ws_v1>.size)
        table.open = { start($0, $1, $2, isSocket: true) }
        table.send = { session, id, flags, bytes, count in
            with(session) { $0.send(id, UnsafeRawBufferPointer(start: bytes, count: count), flags: flags) }
        }
        table.read = { read($0, $1, $2, isSocket: true) }
        table.close = { session, id, code, reason in
            _ = with(session) { network in
                network.close(id, code: UInt16(clamping: code), reason: String(reason))
                return .ok
            }
        }
        return immortal(table)
    }()

    nonisolated(unsafe) private static let secret: UnsafePointer<syx_secret_v1> = {
        var table = syx_secret_v1()
        table.struct_size = UInt32(MemoryLayout<syx_secret_v1>.size)
        table.hmac_sha256 = { sign($0, $1, $2, $3, cookie: $4, SHA256.hmac(key:_:)) }
        table.hmac_sha1 = { sign($0, $1, $2, $3, cookie: $4, SHA1.hmac(key:_:)) }
        table.sha256 = { digest($0, $1, cookie: $2, SHA256.hash) }
        return immortal(table)
    }()

    private static func sign(
        _ session: syx_hsession,
        _ key: syx_str,
        _ bytes: UnsafeRawPointer?,
        _ count: Int,
        cookie: UInt64,
        _ hmac: ([UInt8], [UInt8]) -> [UInt8]
    ) -> Int32 {
        guard count <= 1 << 20 else { return Status.invalid.rawValue }
        let bytes = Array(UnsafeRawBufferPointer(start: bytes, count: count))
        return digest(session, key, cookie: cookie) { hmac($0, bytes) }
    }

    private static func digest(
        _ session: syx_hsession,
        _ text: syx_str,
        cookie: UInt64,
        _ hash: ([UInt8]) -> [UInt8]
    ) -> Int32 {
        with(session) { network in
            guard let text = FakeSecrets.fill(String(text), network.secrets) else { return .notFound }
            var event = NetworkDelivery(type: .digest, id: cookie)
            event.bytes = hash(Array(text.utf8))
            network.queue.append(event)
            return .ok
        }
    }

    private static func start(
        _ handle: syx_hsession,
        _ request: UnsafePointer<syx_request>?,
        _ error: UnsafeMutablePointer<syx_err>?,
        isSocket: Bool
    ) -> UInt64 {
        guard let session = FakeCore.session(handle), let request else { return 0 }
        let cancelled = session.state.withLock { $0.cancelled.contains(request.pointee.generation) }
        return session.network.withLock { network in
            let refusal = cancelled ? PluginError(.stale, "its generation was cancelled") : network.refusal
            guard let refusal else { return network.start(request.pointee, isSocket: isSocket) }
            error?.pointee.code = refusal.status.rawValue
            error?.pointee.flags = refusal.isRetryable ? UInt32(SYX_ERR_RETRYABLE) : 0
            error?.pointee.retry_after_ms = refusal.retryAfterMilliseconds
            if let error {
                withUnsafeMutableBytes(of: &error.pointee.msg) { room in
                    let text = Array(refusal.message.utf8.prefix(room.count - 1)) + [0]
                    room.copyBytes(from: text)
                }
            }
            return 0
        }
    }

    private static func read(_ session: syx_hsession, _ id: UInt64, _ on: UInt32, isSocket: Bool) -> Int32 {
        with(session) { network in
            guard network.exchanges[id]?.request.isSocket == isSocket else { return .notFound }
            network.exchanges[id]?.reads = on != 0
            return .ok
        }
    }

    private static func with(_ handle: syx_hsession, _ body: (inout FakeNetwork) -> Status) -> Int32 {
        guard let session = FakeCore.session(handle), !session.state.withLock({ $0.isClosed }) else {
            return Status.closed.rawValue
        }
        return session.network.withLock { body(&$0) }.rawValue
    }

    private static func immortal<Table>(_ table: Table) -> UnsafePointer<Table> {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafePointer(memory)
    }
}

/// Text with `${secret:NAME}` in it.
enum FakeSecrets {
    /// The text with the secrets' values; nil when one is not known.
    static func fill(_ text: String, _ secrets: [String: String]) -> String? {
        var parts = text.split(separator: "${secret:", omittingEmptySubsequences: false)
        var result = String(parts.removeFirst())
        for part in parts {
            guard let end = part.firstIndex(of: "}"), let value = secrets[String(part[..<end])] else { return nil }
            result += value + part[part.index(after: end)...]
        }
        return result
    }
}
