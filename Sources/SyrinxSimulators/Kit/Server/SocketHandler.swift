// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

/// Frames to messages, and the pings and closes between them (RFC 6455 5.5). Fragments are put together before it.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    static let maximumMessage = 16 << 20

    private let socket: SimulatedSocket
    private var start: (() -> Void)?
    private var goodbye = "cut"

    init(_ socket: SimulatedSocket, start: @escaping () -> Void) {
        self.socket = socket
        self.start = start
    }

    /// The session begins when the pipeline is complete.
    func begin() {
        start?()
        start = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        let data = frame.unmaskedData
        switch frame.opcode {
        case .text: socket.receive(text: String(buffer: data))
        case .binary: socket.receive(binary: Array(data.readableBytesView))
        case .ping: socket.write(.pong, data)
        case .connectionClose: answerClose(context, data)
        default: break
        }
    }

    private func answerClose(_ context: ChannelHandlerContext, _ data: ByteBuffer) {
        var rest = data
        let code = rest.readInteger(as: UInt16.self)
        goodbye = code.map { "closed \($0) \(String(buffer: rest))" } ?? "closed"
        // The answer to our own close needs none.
        if !socket.hasClosed {
            var echo = context.channel.allocator.buffer(capacity: 2)
            if let code { echo.writeInteger(code) }
            socket.write(.connectionClose, echo)
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket.ended(goodbye)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        goodbye = "\(error)"
        context.close(promise: nil)
    }
}
