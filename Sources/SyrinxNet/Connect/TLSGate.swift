// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOTLS

/// Tells when the TLS handshake is over, and how.
final class TLSGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    /// The protocol that ALPN chose, nil = none.
    let handshake: EventLoopFuture<String?>
    private var promise: EventLoopPromise<String?>?

    init(_ promise: EventLoopPromise<String?>) {
        self.promise = promise
        handshake = promise.futureResult
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let name) = event as? TLSUserEvent {
            promise?.succeed(name)
            promise = nil
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { fail(ChannelError.eof) }

    private func fail(_ error: any Error) {
        promise?.fail(error)
        promise = nil
    }
}
