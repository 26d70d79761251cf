// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
internal import SyrinxCore

/// An event of the I/O services, ready to be lent to a plugin.
struct NetworkNotice: Sendable {
    var type: Int
    var id: UInt64
    var generation: UInt64
    var flags: UInt32 = 0
    var i0: Int64 = 0
    var i1: Int64 = 0
    /// May be anything that a server sent.
    var bytes: [UInt8] = []
    var json = ""

    init(_ type: Int, id: UInt64, generation: UInt64) {
        self.type = type
        self.id = id
        self.generation = generation
    }

    init(_ event: NetworkEvent, id: UInt64, generation: UInt64, isWebSocket: Bool) {
        switch event {
        case .head(let status, let headers):
            self.init(SYX_EV_HTTP_HEAD, id: id, generation: generation)
            i0 = Int64(status)
            json = Self.object(headers).text
        case .data(let bytes):
            self.init(SYX_EV_HTTP_DATA, id: id, generation: generation)
            self.bytes = bytes
        case .opened(let subprotocol, let headers):
            self.init(SYX_EV_WS_OPEN, id: id, generation: generation)
            bytes = Array(subprotocol.utf8)
            json = Self.object(headers).text
        case .message(let bytes, let isText, let isLast):
            self.init(SYX_EV_WS_DATA, id: id, generation: generation)
            flags = (isText ? 0 : UInt32(SYX_WS_BINARY)) | (isLast ? 0 : UInt32(SYX_WS_PART))
            self.bytes = bytes
        case .writable:
            self.init(SYX_EV_IO_WRITABLE, id: id, generation: generation)
        case .finished(let end):
            self.init(isWebSocket ? SYX_EV_WS_CLOSED : SYX_EV_HTTP_DONE, id: id, generation: generation)
            finish(end, isWebSocket)
        }
    }

    private mutating func finish(_ end: NetworkEnd, _ isWebSocket: Bool) {
        let (code, isRetryable) = Self.class(of: end)
        i0 = Int64(code)
        i1 = isRetryable ? Int64(SYX_ERR_RETRYABLE) : 0
        let sentence = end.failure?.message ?? (code == SYX_OK ? end.reason : "closed with \(end.closeCode ?? 0)")
        bytes = Array((end.failure == nil && !end.reason.isEmpty ? end.reason : sentence).utf8)
        guard isWebSocket else { return }
        var extras: [String: JSONValue] = [:]
        extras["close_code"] = end.closeCode.map { .int(Int64($0)) }
        if let status = end.status {
            extras["status"] = .int(Int64(status))
            extras["headers"] = Self.object(end.headers)
            extras["body"] = .string(String(decoding: end.body, as: UTF8.self))
        }
        extras["retry_after_ms"] = NetworkClass.retryAfterMilliseconds(end.headers).map(JSONValue.int)
        json = JSONValue.object(extras).text
    }

    static func `class`(of end: NetworkEnd) -> (code: Int, isRetryable: Bool) {
        if end.failure?.kind == .upgradeRefused, let status = end.status {
            let answer = NetworkClass.http(status)
            return answer.code == SYX_OK ? (SYX_EINVAL, false) : answer
        }
        return end.failure?.status ?? NetworkClass.close(end.closeCode)
    }

    /// Values of one name are joined (RFC 9110, 5.2).
    private static func object(_ headers: [(name: String, value: String)]) -> JSONValue {
        var members: [String: String] = [:]
        for (name, value) in headers { members[name] = members[name].map { "\($0), \(value)" } ?? value }
        return .object(members.mapValues(JSONValue.string))
    }

    /// What a piece costs beside its bytes: a message may be empty, and there is no end to how many may come.
    private static let overhead = 256

    /// What counts against the window; 0 = no data, which is given even while the plugin reads nothing.
    var size: Int {
        type == SYX_EV_HTTP_DATA || type == SYX_EV_WS_DATA ? bytes.count + Self.overhead : 0
    }

    func withEvent<Result>(now: Int64, _ body: (UnsafePointer<syx_event>) -> Result) -> Result {
        var json = json
        return bytes.withUnsafeBytes { text in
            json.withUTF8 { extras in
                var event = syx_event()
                event.struct_size = UInt32(MemoryLayout<syx_event>.size)
                event.type = UInt16(type)
                event.flags = flags
                event.generation = generation
                event.id = id
                event.t_ns = now
                event.i0 = i0
                event.i1 = i1
                event.text = syx_str(
                    ptr: text.baseAddress?.assumingMemoryBound(to: CChar.self), len: text.count)
                event.json = syx_str(
                    ptr: UnsafeRawPointer(extras.baseAddress)?.assumingMemoryBound(to: CChar.self), len: extras.count)
                return withUnsafePointer(to: event, body)
            }
        }
    }
}
