// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import SyrinxABI
internal import SyrinxCore

/// `syrinx.http/1`, `syrinx.ws/1` and `syrinx.secret/1`: C functions that find the session behind a handle. Immortal, one
/// of each for all hosts of the process.
enum NetworkTables {
    nonisolated(unsafe) private static let http = immortal(
        syx_http_v1(
            struct_size: UInt32(MemoryLayout<syx_http_v1>.size), reserved: 0,
            start: { handle, request, error in NetworkTables.begin(handle, request, error, isWebSocket: false) },
            send: { handle, id, bytes, count, last in
                NetworkTables.network(handle)?.send(id, bytes, count, flags: last, isWebSocket: false)
                    ?? syx_status(SYX_ECLOSED)
            },
            read: { handle, id, on in NetworkTables.read(handle, id, on, isWebSocket: false) },
            abort: { handle, id in NetworkTables.network(handle)?.abort(id) },
            prewarm: { handle, url in
                HostCore.providers.find(handle)?.prewarm(url) ?? syx_status(SYX_ECLOSED)
            }))

    nonisolated(unsafe) private static let ws = immortal(
        syx_ws_v1(
            struct_size: UInt32(MemoryLayout<syx_ws_v1>.size), reserved: 0,
            open: { handle, request, error in NetworkTables.begin(handle, request, error, isWebSocket: true) },
            send: { handle, id, flags, bytes, count in
                NetworkTables.network(handle)?.send(id, bytes, count, flags: flags, isWebSocket: true)
                    ?? syx_status(SYX_ECLOSED)
            },
            read: { handle, id, on in NetworkTables.read(handle, id, on, isWebSocket: true) },
            close: { handle, id, code, reason in
                NetworkTables.network(handle)?.close(
                    id, code: Int(code), reason: HostCore.text(reason, limit: 1024) ?? "")
            }))

    nonisolated(unsafe) private static let secret = immortal(
        syx_secret_v1(
            struct_size: UInt32(MemoryLayout<syx_secret_v1>.size), reserved: 0,
            hmac_sha256: { handle, key, bytes, count, cookie in
                NetworkTables.sign(handle, key, bytes, count, cookie, .sha256)
            },
            hmac_sha1: { handle, key, bytes, count, cookie in
                NetworkTables.sign(handle, key, bytes, count, cookie, .sha1)
            },
            sha256: { handle, text, cookie in NetworkTables.digest(handle, text, cookie) }))

    private static func sign(
        _ handle: syx_hsession, _ key: syx_str, _ bytes: UnsafeRawPointer?, _ count: Int, _ cookie: UInt64,
        _ algorithm: MessageDigest.Algorithm
    ) -> syx_status {
        guard let session = HostCore.sessions.find(handle) else { return syx_status(SYX_ECLOSED) }
        guard count >= 0, count <= 1 << 20, bytes != nil || count == 0, let key = HostCore.text(key, limit: 4096)
        else { return syx_status(SYX_EINVAL) }
        let message = UnsafeRawBufferPointer(start: bytes, count: count)
        return session.sign(key, message, cookie: cookie, algorithm)
    }

    private static func digest(_ handle: syx_hsession, _ text: syx_str, _ cookie: UInt64) -> syx_status {
        guard let session = HostCore.sessions.find(handle) else { return syx_status(SYX_ECLOSED) }
        guard let text = HostCore.text(text, limit: 4096) else { return syx_status(SYX_EINVAL) }
        return session.digest(text, cookie: cookie)
    }

    /// The table of a service; nil when it is not one of these.
    static func table(_ id: String) -> UnsafeRawPointer? {
        switch id {
        case SYX_SERVICE_HTTP_1: UnsafeRawPointer(http)
        case SYX_SERVICE_WS_1: UnsafeRawPointer(ws)
        case SYX_SERVICE_SECRET_1: UnsafeRawPointer(secret)
        default: nil
        }
    }

    private static func network(_ handle: UInt64) -> StageNetwork? { HostCore.sessions.find(handle)?.network }

    private static func begin(
        _ handle: UInt64, _ request: UnsafePointer<syx_request>?, _ answer: UnsafeMutablePointer<syx_err>?,
        isWebSocket: Bool
    ) -> UInt64 {
        do throws(NetworkRefusal) {
            guard let session = HostCore.sessions.find(handle) else {
                throw NetworkRefusal(SYX_ECLOSED, "the session is closed")
            }
            guard let network = session.network else {
                throw NetworkRefusal(SYX_EPERM, "the plugin has no network: its manifest's `net` names nothing")
            }
            return try network.begin(request, isWebSocket: isWebSocket, session: session)
        } catch {
            error.write(to: answer)
            return 0
        }
    }

    private static func read(_ handle: UInt64, _ id: UInt64, _ on: UInt32, isWebSocket: Bool) -> syx_status {
        guard let session = HostCore.sessions.find(handle) else { return syx_status(SYX_ECLOSED) }
        return session.network?.read(id, on != 0, isWebSocket: isWebSocket, session: session)
            ?? syx_status(SYX_ECLOSED)
    }

    private static func immortal<Table>(_ table: Table) -> UnsafeMutablePointer<Table> {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        memory.initialize(to: table)
        return memory
    }
}

/// HMAC (RFC 2104), and the hash alone.
enum MessageDigest {
    /// SHA-1 is for vendors that sign with it; as an HMAC it is not broken.
    enum Algorithm { case sha256, sha1 }

    static func sha256(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    static func hmac(key: [UInt8], _ bytes: UnsafeRawBufferPointer, _ algorithm: Algorithm) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch algorithm {
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
        }
    }
}
