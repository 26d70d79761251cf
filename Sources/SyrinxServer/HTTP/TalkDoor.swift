// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// Makes sessions for connections: admission first, then providers, then the pipeline of the socket.
struct TalkDoor: Sendable {
    let manager: SessionManager
    /// Bytes of one WebSocket message.
    let maxMessage: Int
    let recorders: (@Sendable (_ session: String) -> (any CallRecorder)?)?

    /// A talk handler with its session, ready to join the pipeline.
    func session(for uri: String, on loop: any EventLoop) -> EventLoopFuture<LoopBoundHandler> {
        let promise = loop.makePromise(of: LoopBoundHandler.self)
        do {
            let request = try TalkRequest.parse(uri)
            let profile = try? manager.profiles.find(request.profile, tenant: request.tenant)
            let admission = try manager.admit(request, providers: profile?.providerIDs ?? [])
            if admission.request.options.isEmpty {
                promise.completeWith(
                    Result { try begin(admission, manager.profiles.find(for: admission.request), loop) })
            } else {
                prepareElsewhere(admission, promise)
            }
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    /// The client chose a provider that may have to be opened first: not on the event loop.
    private func prepareElsewhere(_ admission: Admission, _ promise: EventLoopPromise<LoopBoundHandler>) {
        let loop = promise.futureResult.eventLoop
        let started = manager.host.environment.runBlocking {
            let prepared = Result { try manager.profiles.find(for: admission.request) }
            loop.execute { promise.completeWith(Result { try begin(admission, prepared.get(), loop) }) }
        }
        guard !started else { return }
        promise.fail(SyrinxError("session.busy", "too many sessions begin at once", fix: "try again", retryable: true))
    }

    private func begin(
        _ admission: Admission, _ prepared: PreparedProfile, _ loop: any EventLoop
    ) throws -> LoopBoundHandler {
        let environment = manager.host.environment
        let handler = TalkHandler(maxMessage: maxMessage, clock: { environment.now() })
        var extras = SessionExtras()
        extras.recorder = recorders?(admission.id)
        handler.attach(try manager.begin(admission, prepared: prepared, on: loop, transport: handler, extras: extras))
        return LoopBoundHandler(value: handler)
    }

    /// Replaces the HTTP handlers by the WebSocket's; bytes that came early are not lost.
    func becomeTalk(_ channel: any Channel, _ talk: TalkHandler, gate: UpgradeGate) throws {
        let pipeline = channel.pipeline.syncOperations
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
        pipeline.removeHandler(context: encoder, promise: nil)
        try pipeline.addHandler(WebSocketFrameEncoder())
        try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: maxMessage)))
        try pipeline.addHandler(talk)
        pipeline.removeHandler(gate, promise: nil)
        // Last, since it hands on what it has read beyond the handshake: a read like any other, with an end.
        let removed = channel.eventLoop.makePromise(of: Void.self)
        removed.futureResult.whenComplete { _ in channel.pipeline.fireChannelReadComplete() }
        pipeline.removeHandler(context: decoder, promise: removed)
    }
}

/// A handler on its way to its own event loop.
struct LoopBoundHandler: @unchecked Sendable {
    let value: TalkHandler
}
