// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRealtime
internal import SyrinxRuntime

/// Between a socket that speaks the Realtime protocol and its session. On the event loop of both.
///
/// A slow reader: agent audio is dropped while the socket's buffer is full, and no more is read from the client, since
/// much that it says is answered. One that sends faster than is heard is read no further than ten seconds of audio ahead.
final class RealtimeParty: SocketOwner, CallTransport, RealtimeOutlet {
    private let engine: RealtimeEngine
    private let onDropped: (Int) -> Void
    private weak var socket: SocketHandler?
    private var droppedFrames = 0

    init(
        _ translator: RealtimeTranslator, settings: JSONValue?, now: @escaping () -> Instant,
        onDropped: @escaping (Int) -> Void
    ) {
        engine = RealtimeEngine(translator, settings: settings, now: now)
        self.onDropped = onDropped
    }

    func attach(_ session: CallSession) { engine.attach(session) }

    // MARK: from the client

    func opened(_ socket: SocketHandler, on loop: any EventLoop) {
        self.socket = socket
        engine.begin(self, on: loop)
    }

    func received(text: String) { engine.received(text) }

    func received(binary bytes: ByteBuffer) { engine.receivedBinary() }

    var mayRead: Bool { engine.mayRead && socket?.hasRoom != false }

    func hasRoomAgain() {
        guard droppedFrames > 0 else { return }
        onDropped(droppedFrames)
        engine.failed("transport.slow_reader", "\(droppedFrames) frames of audio were dropped")
        droppedFrames = 0
    }

    func serverEnds() { engine.session?.submit(.close(.hostShutdown)) }

    func ended(_ end: SocketEnd, on loop: any EventLoop) {
        let session = engine.end()
        switch end {
        case .lost, .violation: session?.submit(.close(.transportLost))
        case .closedByPeer, .closedHere: session?.submit(.close(.clientClosed))
        }
    }

    // MARK: to the client

    func send(realtime event: JSONValue) { socket?.send(text: event.text) }
    func flushEvents() { socket?.flush() }
    func goOnReading() { socket?.goOnReading() }

    // MARK: from the session

    func send(audio samples: UnsafeBufferPointer<Int16>) {
        guard let socket, socket.hasRoom else { return droppedFrames += 1 }
        engine.said(samples)
    }

    func send(event: SessionEvent, at now: Instant) { engine.noted(event, at: now) }

    func runTool(_ order: ToolOrder) -> Bool {
        engine.called(order)
        return true
    }

    func flush() { engine.settle() }

    func ended(_ reason: CloseReason) {
        engine.end()
        if reason != .clientClosed { engine.failed(reason.rawValue, "the session has ended") }
        let isLeaving = reason == .drained || reason == .hostShutdown
        socket?.close(isLeaving ? .goingAway : .normalClosure, reason: reason.rawValue)
    }
}
