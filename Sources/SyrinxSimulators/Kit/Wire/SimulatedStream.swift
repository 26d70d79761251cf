// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
package import SyrinxCore

/// The answer to a plain request while it goes out; of HTTP/2 also the request while it comes in.
package final class SimulatedStream: SimulatedWire {
    /// A piece of the request's body, where it is streamed; `isLast` comes once.
    package var onBody: (([UInt8], _ isLast: Bool) -> Void)?
    /// The client is gone, or all is sent.
    package var onClosed: (() -> Void)?
    /// How an error in the middle is written; unless told as a server-sent event or a line of JSON.
    package var errorFrame: ((JSONValue) -> [UInt8])?

    private let dripper: Dripper?
    private let isLast: Bool
    private var isEvents = false
    private var hasEnded = false

    /// `isLast` = the connection ends with this answer.
    init(_ opening: WireOpening, channel: any Channel, dripper: Dripper?, isLast: Bool) {
        self.dripper = dripper
        self.isLast = isLast
        super.init(opening, channel: channel)
    }

    package func send(_ bytes: [UInt8], at point: String? = nil) { transmit(bytes, isText: false, at: point) }

    /// Faults change the JSON, `frame` wraps what came of it.
    package func send(_ json: JSONValue, at point: String? = nil, as frame: ([UInt8]) -> [UInt8]) {
        transmit(Array(json.text.utf8), isText: true, at: point, as: frame)
    }

    /// A server-sent event (WHATWG HTML 9.2).
    package func event(_ json: JSONValue, name: String? = nil, at point: String? = nil) {
        event(data: json.text, name: name, at: point)
    }

    package func event(data: String, name: String? = nil, at point: String? = nil) {
        transmit(Array(data.utf8), isText: true, at: point) { Self.framed($0, name: name) }
    }

    /// All is sent; the connection serves the next request.
    package func finish() { end { [weak self] in self?.writeEnd() } }

    private static func framed(_ data: [UInt8], name: String?) -> [UInt8] {
        let head = name.map { "event: \($0)\n" } ?? ""
        return Array((head + "data: ").utf8) + data + Array("\n\n".utf8)
    }

    override func write(_ bytes: [UInt8], isText: Bool) {
        guard !hasEnded else { return }
        let data = channel.allocator.buffer(bytes: bytes)
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(data)), promise: nil)
    }

    private func writeEnd() {
        guard !hasEnded else { return }
        hasEnded = true
        // Before the write: an HTTP/2 stream is gone with it.
        ended("complete")
        let channel = channel
        let written = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if isLast { written.whenComplete { _ in channel.close(promise: nil) } }
    }

    override func transmitError(_ message: JSONValue) {
        if let errorFrame {
            send(errorFrame(message), at: "error")
        } else if isEvents {
            event(message, at: "error")
        } else {
            send(message, at: "error") { $0 + [UInt8(ascii: "\n")] }
        }
        finish()
    }

    override func drip(milliseconds: Int) { if !request.isHTTP2 { dripper?.begin(milliseconds: milliseconds) } }

    // MARK: of the handler

    func open(status: Int, headers: [(String, String)], after milliseconds: Int, with actions: [FaultPlan.Action]) {
        isEvents = headers.contains { $0.0.lowercased() == "content-type" && $0.1.hasPrefix("text/event-stream") }
        begin(with: actions)
        let head = HTTPResponseHead(
            version: request.isHTTP2 ? .http2 : .http1_1, status: HTTPResponseStatus(statusCode: status),
            headers: HTTPHeaders(headers))
        record(.opened, "\(status)")
        enqueue(after: milliseconds) { [weak self] in
            self?.channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
        }
    }

    func receive(_ bytes: [UInt8], isLast: Bool) { onBody?(bytes, isLast) }

    /// Once.
    func ended(_ text: String) {
        guard !isOver else { return }
        isOver = true
        finishNow()
        record(.closed, text)
        let closed = onClosed
        onClosed = nil
        onBody = nil
        closed?()
    }

    private var isOver = false
}
