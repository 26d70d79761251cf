// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOWebSocket

/// Answers each message with itself, one flush for each batch of reads.
final class CodecEchoHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .binary, .text:
            answer(frame, as: frame.opcode, context: context)
        case .ping:
            answer(frame, as: .pong, context: context)
        case .connectionClose:
            answer(frame, as: .connectionClose, context: context)
            context.close(mode: .output, promise: nil)
        default:
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ frame: WebSocketFrame, as opcode: WebSocketOpcode, context: ChannelHandlerContext) {
        let reply = WebSocketFrame(fin: frame.fin, opcode: opcode, data: frame.unmaskedData)
        context.write(wrapOutboundOut(reply), promise: nil)
    }
}
