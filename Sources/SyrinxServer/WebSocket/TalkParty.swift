// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// The owner of a native WebSocket: binary messages are the caller's audio, text messages are JSON. What it is told goes
/// to the session's line, what the line says goes out here. On the socket's event loop.
///
/// A slow reader: agent audio is dropped while the socket's buffer is full (old audio is worth nothing). A caller who is
/// faster than a session on another event loop is read no further than `window` ahead.
final class TalkParty: SocketOwner {
    /// Bytes on their way to the other event loop.
    private static let window = 1 << 20
    /// What a message costs beside its bytes.
    private static let overhead = 256

    /// Nil when the session has ended.
    private var port: TalkPort?
    let connection: TalkConnection
    private let desk: ResumeDesk
    /// Joins the line when the socket is open.
    private var join: ((TalkParty, any EventLoop) -> Void)?
    private weak var socket: SocketHandler?
    private var loop: (any EventLoop)?
    private var audio = ByteBuffer()
    private var droppedFrames = 0
    private var underWay = 0

    /// - Parameters:
    ///   - connection: the line's first, or another.
    ///   - join: called once: opens that connection.
    init(
        port: TalkPort, connection: TalkConnection, desk: ResumeDesk,
        join: @escaping (_ party: TalkParty, _ loop: any EventLoop) -> Void
    ) {
        self.port = port
        self.connection = connection
        self.desk = desk
        self.join = join
    }

    // MARK: from the caller

    func opened(_ socket: SocketHandler, on loop: any EventLoop) {
        self.socket = socket
        self.loop = loop
        join?(self, loop)
        join = nil
    }

    func received(binary bytes: ByteBuffer) {
        guard let port, let loop else { return }
        guard bytes.readableBytes % 2 == 0 else {
            return send(
                error: SyrinxError(
                    "audio.odd_length", "a binary message of \(bytes.readableBytes) bytes is not whole 16-bit samples",
                    fix: "send s16le mono PCM; this message was dropped"))
        }
        port.receive(audio: bytes, on: loop)
        handOver(bytes.readableBytes, port, loop)
        if port.isLoopback { socket?.send(part: bytes, opcode: .binary, isLast: true) }
    }

    func received(text: String) {
        guard let port, let loop else { return }
        do {
            switch try ClientMessage.parse(text, rate: port.rate) {
            case .input(.say(let request)): port.say(request, on: loop)
            case .input(let input): port.submit(input, on: loop)
            case .close: port.submit(.close(.clientClosed), on: loop)
            }
            handOver(text.utf8.count, port, loop)
        } catch {
            send(error: error)
        }
    }

    /// Behind what was passed on follows the news that it was taken.
    private func handOver(_ bytes: Int, _ port: TalkPort, _ loop: any EventLoop) {
        guard loop !== port.loop else { return }
        underWay += bytes + Self.overhead
        let party = LoopBound(self)
        port.loop.execute { loop.execute { party.value.wasTaken(bytes + Self.overhead) } }
    }

    private func wasTaken(_ bytes: Int) {
        let wasFull = underWay >= Self.window
        underWay -= bytes
        if wasFull, underWay < Self.window { socket?.goOnReading() }
    }

    /// A loopback returns every message, so it reads no faster than its caller does.
    var mayRead: Bool { underWay < Self.window && (port?.isLoopback != true || socket?.hasRoom != false) }

    func hasRoomAgain() {
        guard droppedFrames > 0 else { return }
        port?.onDropped(droppedFrames)
        send(
            error: SyrinxError(
                "transport.slow_reader", "\(droppedFrames) audio frames were dropped: the client reads too slowly"))
        droppedFrames = 0
    }

    private func send(error: SyrinxError) {
        send(json: Problem.event(error))
        flush()
    }

    // MARK: end

    /// A caller that may come back is waited for; else the session ends. What an older connection still says is of no
    /// interest.
    func ended(_ end: SocketEnd, on loop: any EventLoop) {
        join = nil
        guard let port else { return }
        self.port = nil
        let (connection, desk) = (connection, desk)
        port.run(on: loop) { line in
            guard line.isCurrent(connection) else { return }
            switch end {
            case .lost where port.isResumable: desk.connectionLost(port, line)
            case .lost, .violation: line.submit(.close(.transportLost))
            case .closedByPeer, .closedHere: line.submit(.close(.clientClosed))
            }
        }
    }

    /// Whoever was not drained is told.
    func serverEnds() {
        guard let port, let loop else { return }
        let connection = connection
        port.run(on: loop) { line in
            if line.isCurrent(connection) { line.submit(.close(.hostShutdown)) }
        }
    }
}

// MARK: - from the line

extension TalkParty {
    func send(audio samples: UnsafeBufferPointer<Int16>) {
        guard let socket, socket.hasRoom else { return droppedFrames += 1 }
        // The same memory again, unless the socket still holds it: then the buffer copies itself.
        audio.clear()
        audio.writeBytes(UnsafeRawBufferPointer(samples))
        socket.send(part: audio, opcode: .binary, isLast: true)
    }

    func send(json: JSONValue) { socket?.send(text: json.text) }

    func flush() { socket?.flush() }

    func ended(_ reason: CloseReason) {
        port = nil
        socket?.close(reason == .drained || reason == .hostShutdown ? .goingAway : .normalClosure)
    }
}
