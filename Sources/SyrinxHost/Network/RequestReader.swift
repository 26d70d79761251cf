// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI
internal import SyrinxCore

/// Makes a request of what a plugin wrote; nothing in it is trusted.
struct RequestReader {
    /// The fields that every version of the struct has.
    private static let size = UInt32(MemoryLayout<syx_request>.size)
    private static let bodyLimit = 32 << 20
    /// What the host itself says about the connection.
    private static let reserved: Set<String> = [
        "connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade", "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-key", "sec-websocket-version",
    ]

    let network: ProviderNetwork
    let plugin: String

    func read(_ raw: UnsafePointer<syx_request>?, isWebSocket: Bool) throws(NetworkRefusal) -> NetworkRequest {
        guard let raw, raw.pointee.struct_size >= Self.size else {
            throw NetworkRefusal(SYX_EINVAL, "the request's struct_size is too small")
        }
        let fields = raw.pointee
        let url = try url(fields.url, isWebSocket: isWebSocket)
        var request = NetworkRequest(url: url, rules: network.rules)
        request.headers = try headers(fields.headers)
        request.body = try bytes(fields.body)
        request.method = try method(fields.method, hasBody: !request.body.isEmpty || fields.streams)
        request.streamsBody = fields.streams
        request.requiresHTTP2 = fields.flags & UInt32(SYX_REQ_HTTP2) != 0
        if fields.connect_ms > 0 { request.connectTimeout = .milliseconds(Int64(min(fields.connect_ms, 120_000))) }
        request.silenceTimeout = fields.silence_ms > 0 ? .milliseconds(Int64(fields.silence_ms)) : nil
        if request.silenceTimeout == nil, !isWebSocket { request.silenceTimeout = .seconds(15) }
        return request
    }

    func url(_ raw: syx_str, isWebSocket: Bool?) throws(NetworkRefusal) -> NetworkURL {
        guard let text = HostCore.text(raw, limit: NetworkLimits.url), let url = NetworkURL(text) else {
            throw NetworkRefusal(SYX_EINVAL, "the URL is not an absolute http, https, ws or wss URL")
        }
        guard isWebSocket == nil || url.scheme.isWebSocket == isWebSocket else {
            let wanted = isWebSocket == true ? "ws or wss" : "http or https"
            throw NetworkRefusal(SYX_EINVAL, "the URL of \(url.authority) has the scheme \(url.scheme), not \(wanted)")
        }
        guard network.rules.allow(url) else {
            throw NetworkRefusal(
                SYX_EPERM,
                "\(plugin) may not reach \(url.origin): its manifest's `net` and its configuration do not name it")
        }
        return url
    }

    private func method(_ raw: syx_str, hasBody: Bool) throws(NetworkRefusal) -> String {
        guard raw.len > 0 else { return hasBody ? "POST" : "GET" }
        guard let method = HostCore.text(raw, limit: 32), method.utf8.allSatisfy({ $0 >= 0x41 && $0 <= 0x5a }) else {
            throw NetworkRefusal(SYX_EINVAL, "the method is not a word of capital letters")
        }
        return method
    }

    private func bytes(_ raw: syx_str) throws(NetworkRefusal) -> [UInt8] {
        guard raw.len > 0 else { return [] }
        guard let pointer = raw.ptr, raw.len <= Self.bodyLimit else {
            throw NetworkRefusal(SYX_EINVAL, "the body has more than \(Self.bodyLimit) bytes: stream it")
        }
        return Array(UnsafeRawBufferPointer(start: pointer, count: raw.len))
    }

    private func headers(_ raw: syx_str) throws(NetworkRefusal) -> [(name: String, value: String)] {
        guard let text = HostCore.text(raw, limit: NetworkLimits.headers) else {
            throw NetworkRefusal(SYX_EINVAL, "the headers are longer than \(NetworkLimits.headers) bytes or not UTF-8")
        }
        var headers: [(name: String, value: String)] = []
        for line in text.split(separator: "\n") { headers.append(try header(line)) }
        return headers
    }

    private func header(_ line: Substring) throws(NetworkRefusal) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: ":") else {
            throw NetworkRefusal(SYX_EINVAL, "a header line has no colon")
        }
        let name = line[..<colon].lowercased()
        guard !name.isEmpty, name.utf8.allSatisfy(\.isHeaderNameByte) else {
            throw NetworkRefusal(SYX_EINVAL, "a header's name holds characters that it may not")
        }
        guard !Self.reserved.contains(name) else {
            throw NetworkRefusal(SYX_EINVAL, "the header `\(name)` is the host's to write")
        }
        let written = line[line.index(after: colon)...].trimmingPrefix { $0 == " " }
        guard let value = network.secrets.filled(String(written)) else {
            throw NetworkRefusal(
                SYX_ENOTFOUND, "the header `\(name)` names a secret that the configuration does not hold")
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
            throw NetworkRefusal(SYX_EINVAL, "the value of the header `\(name)` holds control characters")
        }
        return (name, value)
    }
}

extension UInt8 {
    /// A token's character (RFC 9110, 5.6.2).
    fileprivate var isHeaderNameByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}

extension syx_request {
    fileprivate var streams: Bool { flags & UInt32(SYX_REQ_STREAM_BODY) != 0 }
}
