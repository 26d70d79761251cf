// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import SyrinxCore

/// The end of a channel that speaks HTTP: a connection of HTTP/1.1, with one request after the other, or one stream of
/// HTTP/2. Tells when it is free again.
final class HTTPHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// Interim responses (1xx) to one request; a flood of them would never end.
    private static let mostInterim = 16

    private let host: String
    /// One stream of HTTP/2; else a connection.
    private let isStream: Bool
    /// Why the connection below was lost, if it is known.
    private let cause: () -> NetworkFailure?
    /// The request is over. True = another may follow on this channel.
    private let onFree: (_ isReusable: Bool) -> Void
    private var context: ChannelHandlerContext?
    private var receiver: (any HTTPReceiver)?

    private var isRequestComplete = true
    private var isResponseComplete = true
    private var hasHead = false
    private var keepsAlive = false
    private var interim = 0
    /// The response's head agreed to another protocol: its end hands the channel over.
    private var isLeaving = false
    private var isReading = true
    private var owesRead = false

    init(
        host: String, isStream: Bool, cause: @escaping () -> NetworkFailure? = { nil },
        onFree: @escaping (_ isReusable: Bool) -> Void
    ) {
        self.host = host
        self.isStream = isStream
        self.cause = cause
        self.onFree = onFree
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: the request

    /// Begins a request; the channel is free.
    func begin(_ head: HTTPRequestHead, for receiver: any HTTPReceiver) {
        guard let context, context.channel.isActive || context.channel.parent?.isActive == true else {
            onFree(false)
            return receiver.lost(NetworkFailure(.connection, "\(host) closed the connection"), isUnprocessed: true)
        }
        self.receiver = receiver
        isRequestComplete = false
        isResponseComplete = false
        hasHead = false
        keepsAlive = false
        interim = 0
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    func write(_ bytes: [UInt8], promise: EventLoopPromise<Void>) {
        guard let context, receiver != nil, !isRequestComplete else { return promise.succeed() }
        let buffer = context.channel.allocator.buffer(bytes: bytes)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
    }

    func endRequest() {
        guard let context, receiver != nil, !isRequestComplete else { return }
        isRequestComplete = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        settle()
    }

    func flush() { context?.flush() }

    /// Holds the other side up once the response's head is here, or no longer.
    func setReading(_ on: Bool) {
        isReading = on
        guard on, owesRead else { return }
        owesRead = false
        context?.read()
    }

    func read(context: ChannelHandlerContext) {
        if isReading || !hasHead { context.read() } else { owesRead = true }
    }

    /// Ends it at once; the receiver is told nothing.
    func cut() {
        guard receiver != nil else { return }
        receiver = nil
        context?.close(promise: nil)
    }

    /// Nobody wants the channel after all.
    func discard() {
        context?.close(promise: nil)
        onFree(false)
    }

    /// The response that is being received hands the channel over to another protocol at its end.
    func leaveAtEnd() { isLeaving = true }

    // MARK: the response

    func heard() { receiver?.heard() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        receiver?.heard()
        switch unwrapInboundIn(data) {
        case .head(let head): received(head)
        case .body(let bytes): receiver?.received(bytes)
        case .end: receivedEnd()
        }
    }

    private func received(_ head: HTTPResponseHead) {
        if (100..<200).contains(head.status.code), head.status != .switchingProtocols {
            interim += 1
            if interim > Self.mostInterim {
                fail(NetworkFailure(.protocolBroken, "\(host) sent too many interim responses"))
            }
            return
        }
        hasHead = true
        keepsAlive = head.isKeepAlive
        receiver?.received(head)
    }

    private func receivedEnd() {
        guard let receiver else { return }
        isResponseComplete = true
        if isLeaving {
            self.receiver = nil
            return receiver.receivedEnd()
        }
        settle()
        receiver.receivedEnd()
    }

    /// A response may come before the request is complete (RFC 9112, 9.3): then the channel is of no more use.
    private func settle() {
        guard isResponseComplete, receiver != nil else { return }
        receiver = nil
        isReading = true
        let isReusable = !isStream && keepsAlive && isRequestComplete && context?.channel.isActive == true
        // A stream whose two sides are complete ends by itself.
        if isStream ? !isRequestComplete : !isReusable { context?.close(promise: nil) }
        if owesRead {
            owesRead = false
            context?.read()
        }
        onFree(isReusable)
    }

    // MARK: the end

    private func fail(_ failure: NetworkFailure, isUnprocessed: Bool = false) {
        let receiver = receiver
        self.receiver = nil
        context?.close(promise: nil)
        receiver?.lost(failure, isUnprocessed: isUnprocessed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isRefused = (error as? NIOHTTP2Errors.StreamClosed)?.errorCode == .refusedStream
        fail(NetworkFailure(error, host: host), isUnprocessed: isRefused)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let when = hasHead ? "before the end of its answer" : "without an answer"
        fail(cause() ?? NetworkFailure(.connection, "\(host) closed the connection \(when)"))
        onFree(false)
        context.fireChannelInactive()
    }
}
