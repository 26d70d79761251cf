// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket
package import SyrinxCore

/// A WebSocket of a simulator. What is sent goes out in order, also before a close.
package final class SimulatedSocket: SimulatedWire {
    private var session: (any SimulatedSession)?
    private let dripper: Dripper?
    private(set) var hasClosed = false

    init(_ opening: WireOpening, channel: any Channel, dripper: Dripper?) {
        self.dripper = dripper
        super.init(opening, channel: channel)
    }

    package func send(_ json: JSONValue, at point: String? = nil) { send(text: json.text, at: point) }

    package func send(text: String, at point: String? = nil) {
        transmit(Array(text.utf8), isText: true, at: point)
    }

    package func send(binary: [UInt8], at point: String? = nil) { transmit(binary, isText: false, at: point) }

    /// The code 1005 sends a close frame without one. The connection ends when the client has answered, or after a second.
    package func close(_ code: Int = 1000, _ reason: String = "") { goodbye(code: code, reason: reason) }

    override func goodbye(code: Int, reason: String) {
        end { [weak self] in self?.writeClose(code: code, reason: reason) }
    }

    private func writeClose(code: Int, reason: String) {
        record(.sent, "close \(code) \(reason)")
        hasClosed = true
        var data = channel.allocator.buffer(capacity: 2 + reason.utf8.count)
        if code != 1005 {
            data.writeInteger(UInt16(truncatingIfNeeded: code))
            // RFC 6455 5.5: a control frame has at most 125 bytes.
            data.writeBytes(reason.utf8.prefix(123))
        }
        write(.connectionClose, data)
        after(1000) { [weak self] in self?.channel.close(promise: nil) }
    }

    override func write(_ bytes: [UInt8], isText: Bool) {
        write(isText ? .text : .binary, channel.allocator.buffer(bytes: bytes))
    }

    func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: opcode, data: data), promise: nil)
    }

    override func transmitError(_ message: JSONValue) { send(message, at: "error") }

    override func drip(milliseconds: Int) { dripper?.begin(milliseconds: milliseconds) }

    // MARK: of the handler

    func open(_ make: (SimulatedSocket) -> any SimulatedSession, with actions: [FaultPlan.Action]) {
        begin(with: actions)
        let session = make(self)
        self.session = session
        record(.opened, "")
        session.opened()
    }

    func receive(text: String) {
        record(.received, text.utf8.count > Self.longestTold ? String(text.prefix(Self.longestTold)) : text)
        session?.received(text: text)
    }

    func receive(binary: [UInt8]) {
        record(.received, "\(binary.count) bytes")
        session?.received(binary: binary)
    }

    /// Once; the session is let go, it holds this socket.
    func ended(_ text: String) {
        guard let session else { return }
        self.session = nil
        finishNow()
        record(.closed, text)
        session.closed()
    }
}
