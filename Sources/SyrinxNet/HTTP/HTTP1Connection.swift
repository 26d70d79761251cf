// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import Synchronization
internal import SyrinxCore

/// A connection of HTTP/1.1: one request at a time. Everything but `isActive` on its loop.
final class HTTP1Connection: @unchecked Sendable {
    // Unchecked: what varies is touched on the channel's loop only.

    let channel: any Channel
    let target: Target
    private let watch = ByteWatch()
    private let encoder: HTTPRequestEncoder
    private let decoder: ByteToMessageHandler<HTTPResponseDecoder>
    private var made: HTTPHandler?
    /// It is free again (true), or of no more use (false).
    var onFree: ((_ isReusable: Bool) -> Void)?
    private var idleTimer: Scheduled<Void>?

    /// Takes a connected channel; on its loop.
    init(_ channel: any Channel, _ target: Target, _ settings: NetSettings) throws {
        self.channel = channel
        self.target = target
        // The heads frame their messages already.
        var framing = HTTPRequestEncoder.Configuration()
        framing.automaticallySetFramingHeaders = false
        encoder = HTTPRequestEncoder(configuration: framing)
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = settings.responseHeaders
        limits.maxHeaderListSize = settings.responseHeaders
        // Without `forward` the decoder would swallow interim responses, however many.
        decoder = ByteToMessageHandler(
            HTTPResponseDecoder(
                leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .forward,
                limitConfiguration: limits))
        let handler = HTTPHandler(host: target.host, isStream: false) { [weak self] in self?.onFree?($0) }
        made = handler
        watch.onBytes = { [weak handler] in handler?.heard() }
        let operations = channel.pipeline.syncOperations
        try operations.addHandlers([watch, encoder, decoder, handler])
    }

    /// Any thread.
    var isActive: Bool { channel.isActive }

    /// For the next request; nil = it has been handed over.
    func take() -> HTTPHandler? {
        idleTimer?.cancel()
        idleTimer = nil
        return made
    }

    /// Nothing uses it: after this time `action` is called, unless something does by then.
    func rest(_ time: Duration, then action: @escaping @Sendable () -> Void) {
        idleTimer?.cancel()
        idleTimer = channel.eventLoop.scheduleTask(in: TimeAmount(time), action)
    }

    func close() {
        idleTimer?.cancel()
        channel.close(promise: nil)
    }

    /// Another protocol takes the channel over: `socket` replaces the handlers of HTTP and gets what came behind the
    /// response. It may write once the future is done.
    func handOver(to socket: some ChannelHandler, heard: @escaping () -> Void) -> EventLoopFuture<Void> {
        watch.onBytes = heard
        onFree = nil
        guard let handler = made else { return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed) }
        made = nil
        let operations = channel.pipeline.syncOperations
        do {
            try operations.addHandler(socket)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        operations.removeHandler(handler, promise: nil)
        operations.removeHandler(encoder, promise: nil)
        return operations.removeHandler(decoder)
    }
}
