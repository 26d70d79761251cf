// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

/// An agent that does to the network what the prompt says, and keeps what comes back.
final class WireProvider: Provider {
    struct Config: Decodable, Sendable {
        var apiKey: String?
        var limit: Int?
    }

    let config: Config

    init(config: Config, host: Host) throws(PluginError) {
        self.config = config
        host.prewarm("https://api.example.com/v1")
    }

    func openSession(_ params: SessionParams, options: NoOptions, host: SessionHost) throws(PluginError) -> WireSession
    {
        WireSession(config: config, host: host)
    }
}

final class WireSession: Session {
    private let config: WireProvider.Config
    private let host: SessionHost
    private var inbox: NetworkInbox
    private var outbox: SocketOutbox?
    private var socket = NetworkID(rawValue: 0)

    init(config: WireProvider.Config, host: SessionHost) {
        self.config = config
        self.host = host
        inbox = NetworkInbox(messageLimit: config.limit ?? 4 << 20, host: host)
    }

    func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        if let event = inbox.read(event) {
            note(event)
            return .ok
        }
        guard event.type == .prompt else { return .skip }
        return try obey(event.text, event.generation)
    }

    private func obey(_ text: String, _ generation: UInt64) throws(PluginError) -> Status {
        var request = NetworkRequest(url: "https://api.example.com/v1/things?x=1")
        request.headers = [("Authorization", "Bearer \(config.apiKey ?? "")"), ("Accept", "text/event-stream")]
        request.generation = generation
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "get": _ = try host.startRequest(request)
        case "keep":
            request.survivesCancel = true
            _ = try host.startRequest(request)
        case "post":
            request.body = Array(words[1].utf8)
            request.streamsBody = true
            let id = try host.startRequest(request)
            return host.sendBody(id, Array("!".utf8), isLast: true)
        case "bad":
            request.headers.append(("X", "a\nb: c"))
            _ = try host.startRequest(request)
        case "open":
            request.url = "wss://api.example.com/socket"
            socket = try host.openWebSocket(request)
            outbox = SocketOutbox(host, socket, limit: 8)
        case "say": return outbox?.sendText(words[1]) ?? .closed
        case "flood": return outbox?.sendText(String(repeating: "x", count: Int(words[1]) ?? 0)) ?? .closed
        case "bytes": return host.sendBinary(socket, [1, 2, 3])
        case "pause": host.setReading(NetworkID(rawValue: UInt64(words[1]) ?? 0), false)
        case "resume": host.setReading(NetworkID(rawValue: UInt64(words[1]) ?? 0), true)
        case "abort": host.abortRequest(NetworkID(rawValue: UInt64(words[1]) ?? 0))
        case "close": host.closeWebSocket(socket, code: UInt16(words[1]) ?? 0, reason: "bye")
        case "sign":
            return host.requestHMAC(key: words[1], bytes: Array("what do ya want for nothing?".utf8), cookie: 5)
        case "sign1":
            let bytes = Array("what do ya want for nothing?".utf8)
            return host.requestHMAC(key: words[1], bytes: bytes, cookie: 6, algorithm: .sha1)
        default: return .skip
        }
        return .ok
    }

    private func note(_ event: NetworkEvent) {
        let line =
            switch event {
            case .head(let id, let status, let headers):
                "head \(id.rawValue) \(status) \(headers["content-type"] ?? "-")"
            case .data(let id, let bytes): "data \(id.rawValue) \(String(decoding: bytes, as: UTF8.self))"
            case .done(let id, let error): "done \(id.rawValue) \(error.map(\.description) ?? "ok")"
            case .opened(let id, let subprotocol, let headers): "opened \(id.rawValue) \(subprotocol) \(headers.count)"
            case .text(let id, let text): "text \(id.rawValue) \(text.count > 40 ? String(text.count) : text)"
            case .binary(let id, let bytes): "binary \(id.rawValue) \(bytes.count)"
            case .closed(let id, let close):
                "closed \(id.rawValue) \(close.closeCode ?? 0) \(close.httpStatus ?? 0) \(close.reason) \(close.body) "
                    + "\(close.retryAfterMilliseconds ?? 0) \(close.error.map { String($0.status.rawValue) } ?? "clean")"
            case .writable(let id): "writable \(id.rawValue)"
            case .digest(let cookie, let bytes):
                "digest \(cookie) \((bytes ?? []).map { String($0, radix: 16) }.joined(separator: " "))"
            }
        if case .writable = event { outbox?.flush() }
        host.log(.debug, line)
    }
}

let wire = Module([
    ProviderDescription(
        WireProvider.self,
        kind: .agent,
        id: "wire",
        version: "1.0.0",
        name: "Wire",
        vendor: "Syrinx"
    )
])

/// Opens a session of ``WireProvider``, and closes it after the test.
func withWire(
    config: String = "{}",
    host: FakeHost = FakeHost(),
    _ body: (FakeSession, FakeHost) throws -> Void
) throws {
    let provider = try host.open(wire.table, .agent, "wire", config: config)
    defer { provider.close() }
    let session = try provider.openSession()
    try body(session, host)
    session.close()
}

extension FakeSession {
    /// Sends a command and returns what `handle` answered.
    @discardableResult
    func tell(_ command: String, generation: UInt64 = 1) -> Status {
        var event = OutgoingEvent(.prompt, generation: generation)
        event.text = command
        return send(event)
    }
}
