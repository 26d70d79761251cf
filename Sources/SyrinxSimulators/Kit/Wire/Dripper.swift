// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Lets the bytes of a connection go one at a time, once it has begun. Stands above TLS and below all protocols.
final class Dripper: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What waits is dropped beyond this: nobody reads that long.
    private static let limit = 16 << 20

    private var interval: TimeAmount?
    private var waiting = ByteBuffer()
    private var promises: [EventLoopPromise<Void>] = []
    private var isArmed = false

    func begin(milliseconds: Int) { interval = .milliseconds(Int64(milliseconds)) }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard interval != nil else { return context.write(data, promise: promise) }
        var bytes = unwrapOutboundIn(data)
        if waiting.readableBytes < Self.limit { waiting.writeBuffer(&bytes) }
        if let promise { promises.append(promise) }
        arm(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        for promise in promises { promise.fail(ChannelError.ioOnClosedChannel) }
        promises = []
    }

    private func arm(_ context: ChannelHandlerContext) {
        guard !isArmed, let interval, waiting.readableBytes > 0 else { return }
        isArmed = true
        context.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            guard let self, context.channel.isActive else { return }
            isArmed = false
            if let byte = waiting.readSlice(length: 1) { context.writeAndFlush(wrapOutboundOut(byte), promise: nil) }
            if waiting.readableBytes == 0 { finish() }
            arm(context)
        }
    }

    private func finish() {
        waiting.clear()
        let done = promises
        promises = []
        for promise in done { promise.succeed(()) }
    }
}
