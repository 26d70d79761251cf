// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import Synchronization
internal import SyrinxCore

/// A connection of HTTP/2 (RFC 9113): many requests at a time. Slots are claimed on any thread, the rest happens on its
/// loop.
final class HTTP2Connection: Sendable {
    /// Stream numbers of a connection are finite; it retires long before.
    private static let mostStreams = 100_000

    private struct Slots {
        var open = 0
        var limit: Int
        var opened = 0
        var isRetired = false
    }

    let channel: any Channel
    let target: Target
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private let slots: Mutex<Slots>
    private let ownLimit: Int
    private let idleTimeout: Duration
    /// What broke the connection.
    private let failure = Mutex<NetworkFailure?>(nil)
    private let onEnd = Mutex<(@Sendable () -> Void)?>(nil)

    /// Takes a connected channel whose TLS chose "h2"; on its loop.
    init(_ channel: any Channel, _ target: Target, _ settings: NetSettings) throws {
        self.channel = channel
        self.target = target
        ownLimit = settings.streamsPerConnection
        idleTimeout = settings.idleTimeout
        slots = Mutex(Slots(limit: settings.streamsPerConnection))
        let watch = HTTP2Watch()
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .maxConcurrentStreams, value: 0),
            HTTP2Setting(parameter: .initialWindowSize, value: NetworkLimits.window),
            HTTP2Setting(parameter: .maxHeaderListSize, value: settings.responseHeaders),
        ]
        connection.targetWindowSize = 16 * NetworkLimits.window
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.targetWindowSize = NetworkLimits.window
        let operations = channel.pipeline.syncOperations
        multiplexer = try operations.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: connection, streamConfiguration: stream
        ) { pushed in pushed.close() }
        watch.onSettings = { [weak self] in self?.limit(to: $0) }
        watch.onRetire = { [weak self] in self?.retire() }
        watch.onError = { [weak self] error in
            self?.failure.withLock { $0 = NetworkFailure(error, host: target.host) }
        }
        try operations.addHandler(watch)
    }

    /// It is over, or takes no more requests.
    func whenRetired(_ action: @escaping @Sendable () -> Void) {
        onEnd.withLock { $0 = action }
        if isRetired || !channel.isActive { retire() }
    }

    var isRetired: Bool { slots.withLock { $0.isRetired } }

    /// Takes a slot for one request; it is given back when the request is over. Any thread.
    func claim() -> Bool {
        channel.isActive
            && slots.withLock { slots in
                guard !slots.isRetired, slots.open < slots.limit else { return false }
                slots.open += 1
                slots.opened += 1
                if slots.opened >= Self.mostStreams { slots.isRetired = true }
                return true
            }
    }

    /// A stream for a request, in a slot that was claimed; nil = the connection is gone. On the loop.
    func openStream(_ then: @escaping (HTTPHandler?) -> Void) {
        var isReleased = false
        let handler = HTTPHandler(host: target.host, isStream: true, cause: { self.failure.withLock { $0 } }) { _ in
            guard !isReleased else { return }
            isReleased = true
            self.release()
        }
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        let promise = channel.eventLoop.makePromise(of: (any Channel).self)
        // Streams are made in the loop's next turn, whoever asks.
        multiplexer.createStreamChannel(promise: promise) { stream in
            stream.eventLoop.makeCompletedFuture {
                let codec = HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https)
                try stream.pipeline.syncOperations.addHandlers([codec, bound.value])
            }
        }
        promise.futureResult.assumeIsolated().whenComplete { [channel] result in
            if case .success = result, channel.isActive { return then(handler) }
            handler.discard()
            then(nil)
        }
    }

    /// Gives a slot back. When nothing uses the connection for a while it is closed.
    func release() {
        let (isIdle, count) = slots.withLock { slots in
            slots.open -= 1
            return (slots.open == 0, slots.opened)
        }
        guard isIdle else { return }
        if isRetired { return close() }
        channel.eventLoop.scheduleTask(in: TimeAmount(idleTimeout)) { [weak self] in self?.closeIfIdle(since: count) }
    }

    /// Nothing uses it yet.
    func rest() {
        let count = slots.withLock { $0.opened }
        channel.eventLoop.scheduleTask(in: TimeAmount(idleTimeout)) { [weak self] in self?.closeIfIdle(since: count) }
    }

    func close() {
        retire()
        channel.close(promise: nil)
    }

    private func closeIfIdle(since count: Int) {
        let isIdle = slots.withLock { slots in
            guard slots.open == 0, slots.opened == count else { return false }
            slots.isRetired = true
            return true
        }
        if isIdle { close() }
    }

    private func limit(to streams: Int) { slots.withLock { $0.limit = min(ownLimit, max(0, streams)) } }

    /// Takes no more requests; those that run go on.
    private func retire() {
        let isIdle = slots.withLock { slots in
            slots.isRetired = true
            return slots.open == 0
        }
        let action = onEnd.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
        if isIdle { channel.close(promise: nil) }
    }
}

/// What the other side says of the connection as a whole.
private final class HTTP2Watch: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    var onSettings: ((_ streams: Int) -> Void)?
    var onRetire: (() -> Void)?
    var onError: ((any Error) -> Void)?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data).payload {
        case .settings(.settings(let settings)):
            if let streams = settings.last(where: { $0.parameter == .maxConcurrentStreams }) {
                onSettings?(streams.value)
            }
        case .goAway: onRetire?()
        default: break
        }
    }

    /// The streams of a broken connection get no more frames, so it must not live on.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !Self.isOfOneStream(error) else { return }
        onError?(error)
        onRetire?()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        onRetire?()
        context.fireChannelInactive()
    }

    private static func isOfOneStream(_ error: any Error) -> Bool {
        switch error {
        case is NIOHTTP2Errors.StreamClosed, is NIOHTTP2Errors.NoSuchStream, is NIOHTTP2Errors.ContentLengthViolated,
            is NIOHTTP2Errors.ForbiddenHeaderField, is NIOHTTP2Errors.InvalidHTTP2HeaderFieldName,
            is NIOHTTP2Errors.InvalidHTTP2HeaderFieldValue, is NIOHTTP2Errors.InvalidStatusValue,
            is NIOHTTP2Errors.MissingPseudoHeader, is NIOHTTP2Errors.DuplicatePseudoHeader,
            is NIOHTTP2Errors.UnknownPseudoHeader, is NIOHTTP2Errors.PseudoHeaderAfterRegularHeader,
            is NIOHTTP2Errors.TrailersWithoutEndStream:
            true
        default: false
        }
    }
}
