// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxABI
public import SyrinxPlugin

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

// The scripted network of a session: a test looks at what the plugin started and sent, and plays the other side. Events
// reach the plugin before these functions return; those that a plugin causes itself (its abort, its close, a digest) reach
// it after the call in which it did so, or with `pump()` when it did so on a thread of its own.

extension FakeSession {
    /// The requests and sockets that the plugin started, oldest first, ended ones too.
    public var requests: [FakeRequest] {
        network.withLock { network in network.order.compactMap { network.exchanges[$0]?.request } }
    }

    /// Those that have not ended.
    public var openRequests: [FakeRequest] {
        network.withLock { network in
            network.order.compactMap { network.exchanges[$0] }.filter { !$0.hasEnded }.map(\.request)
        }
    }

    /// The values of the secrets for signatures; headers keep `${secret:NAME}`.
    public var secrets: [String: String] {
        get { network.withLock { $0.secrets } }
        set { network.withLock { $0.secrets = newValue } }
    }

    /// When set, every request and socket is refused at once with this error.
    public var refusal: PluginError? {
        get { network.withLock { $0.refusal } }
        set { network.withLock { $0.refusal = newValue } }
    }

    // MARK: HTTP

    /// The response begins.
    public func answer(_ id: NetworkID, status: Int, headers: [String: String] = [:]) {
        push(id, .httpHead) { event in
            event.integer = Int64(status)
            event.json = Self.json(headers)
        }
    }

    /// Bytes of the response's body come, in pieces of at most `pieceBytes`.
    public func deliver(_ id: NetworkID, _ bytes: [UInt8], pieceBytes: Int = Int(SYX_IO_PIECE)) {
        for start in stride(from: 0, to: bytes.count, by: max(1, pieceBytes)) {
            push(id, .httpData) { $0.bytes = Array(bytes[start..<min(start + max(1, pieceBytes), bytes.count)]) }
        }
    }

    /// Text of the response's body comes.
    public func deliver(_ id: NetworkID, _ text: String, pieceBytes: Int = Int(SYX_IO_PIECE)) {
        deliver(id, Array(text.utf8), pieceBytes: pieceBytes)
    }

    /// The request ends: the response is complete, or failed.
    public func finish(_ id: NetworkID, error: PluginError? = nil) {
        network.withLock {
            $0.finish(id.rawValue, error?.status, error?.message ?? "", isRetryable: error?.isRetryable ?? false)
        }
        pump()
    }

    /// A whole response at once.
    public func respond(_ id: NetworkID, status: Int = 200, headers: [String: String] = [:], body: String = "") {
        answer(id, status: status, headers: headers)
        deliver(id, body)
        finish(id)
    }

    /// All of a request's body that the plugin has sent.
    public func sentBody(_ id: NetworkID) -> [UInt8] {
        network.withLock { $0.exchanges[id.rawValue]?.body ?? [] }
    }

    /// True when the plugin has ended the body.
    public func bodyIsComplete(_ id: NetworkID) -> Bool {
        network.withLock { $0.exchanges[id.rawValue]?.bodyIsComplete ?? false }
    }

    // MARK: WebSockets

    /// The upgrade succeeds; what was sent before is taken.
    public func acceptSocket(_ id: NetworkID, subprotocol: String = "", headers: [String: String] = [:]) {
        push(id, .socketOpen) { event in
            event.bytes = Array(subprotocol.utf8)
            event.json = Self.json(headers)
        }
        network.withLock { $0.setAppetite(id.rawValue, .takes) }
        pump()
    }

    /// The upgrade is answered with an HTTP status.
    public func refuseSocket(
        _ id: NetworkID,
        status: Int,
        headers: [String: String] = [:],
        body: String = "",
        error: PluginError
    ) {
        var extras = [#""status":\#(status)"#, #""headers":\#(Self.json(headers))"#, #""body":\#(Self.quoted(body))"#]
        if error.retryAfterMilliseconds > 0 { extras.append(#""retry_after_ms":\#(error.retryAfterMilliseconds)"#) }
        end(id, error, error.message, "{\(extras.joined(separator: ","))}")
    }

    /// A text message comes, in pieces of at most `pieceBytes`.
    public func deliverText(_ id: NetworkID, _ text: String, pieceBytes: Int = Int(SYX_IO_PIECE)) {
        deliverMessage(id, Array(text.utf8), flags: 0, pieceBytes)
    }

    /// A text message of these bytes comes, which need not be UTF-8.
    public func deliverText(_ id: NetworkID, bytes: [UInt8], pieceBytes: Int = Int(SYX_IO_PIECE)) {
        deliverMessage(id, bytes, flags: 0, pieceBytes)
    }

    /// A binary message comes.
    public func deliverBinary(_ id: NetworkID, _ bytes: [UInt8], pieceBytes: Int = Int(SYX_IO_PIECE)) {
        deliverMessage(id, bytes, flags: UInt32(SYX_WS_BINARY), pieceBytes)
    }

    /// The other side closes the socket, or with an error the connection fails; a code of 0 = it sent none.
    public func closeSocket(_ id: NetworkID, code: Int = 1000, reason: String = "", error: PluginError? = nil) {
        end(id, error, error?.message ?? reason, code == 0 ? "{}" : #"{"close_code":\#(code)}"#)
    }

    /// The whole messages that the plugin sent, oldest first.
    public func sent(_ id: NetworkID) -> [SentMessage] {
        network.withLock { $0.exchanges[id.rawValue]?.sent ?? [] }
    }

    /// The texts among them.
    public func sentTexts(_ id: NetworkID) -> [String] { sent(id).compactMap(\.text) }

    /// With what the plugin closed the socket; nil = it has not.
    public func closing(_ id: NetworkID) -> (code: UInt16, reason: String)? {
        network.withLock { $0.exchanges[id.rawValue]?.close }
    }

    // MARK: Flow

    /// From now on sending answers ``Status/again``, or no more; then the plugin hears that it may go on.
    public func refuseSends(_ id: NetworkID, _ refuses: Bool = true) {
        network.withLock { $0.setAppetite(id.rawValue, refuses ? .refuses : .takes) }
        pump()
    }

    /// The other side takes nothing: what is sent waits in the host's window, until that is full.
    public func holdSends(_ id: NetworkID) {
        network.withLock { $0.setAppetite(id.rawValue, .holds) }
    }

    /// True when the plugin lets data come.
    public func isReading(_ id: NetworkID) -> Bool {
        network.withLock { $0.exchanges[id.rawValue]?.reads ?? false }
    }

    /// Hands the plugin the events that wait.
    public func pump() {
        let isPumped = network.withLock { network in
            defer { network.isPumping = true }
            return network.isPumping
        }
        guard !isPumped else { return }
        while let event = nextDelivery() { event.withRaw { _ = handleRaw($0) } }
    }

    /// Nil ends the pumping under the same lock, so that what is queued meanwhile finds a pump.
    private func nextDelivery() -> NetworkDelivery? {
        let isClosed = state.withLock { $0.isClosed }
        return network.withLock { network in
            if !isClosed, let event = network.next() { return event }
            network.isPumping = false
            return nil
        }
    }

    private func end(_ id: NetworkID, _ error: PluginError?, _ reason: String, _ json: String) {
        let isRetryable = error?.isRetryable ?? false
        network.withLock { $0.finish(id.rawValue, error?.status, reason, isRetryable: isRetryable, json: json) }
        pump()
    }

    private func deliverMessage(_ id: NetworkID, _ bytes: [UInt8], flags: UInt32, _ pieceBytes: Int) {
        let pieceBytes = max(1, pieceBytes)
        for start in stride(from: 0, to: max(1, bytes.count), by: pieceBytes) {
            let end = min(start + pieceBytes, bytes.count)
            push(id, .socketData) { event in
                event.bytes = Array(bytes[start..<end])
                event.flags = flags | (end < bytes.count ? UInt32(SYX_WS_PART) : 0)
            }
        }
    }

    private func push(_ id: NetworkID, _ type: EventType, _ fill: (inout NetworkDelivery) -> Void) {
        network.withLock { network in
            guard let exchange = network.exchanges[id.rawValue], !exchange.hasEnded else { return }
            var event = network.delivery(type, exchange)
            fill(&event)
            network.queue.append(event)
        }
        pump()
    }

    private static func json(_ headers: [String: String]) -> String {
        let lower = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { $1 }
        return (try? JSONEncoder().encode(lower)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private static func quoted(_ text: String) -> String {
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
