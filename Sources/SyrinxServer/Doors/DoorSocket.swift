// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket
internal import Synchronization
internal import SyrinxCore
internal import SyrinxRuntime

/// A caller's WebSocket whose messages go to a plugin as they are. On the socket's event loop, which is the call's.
final class DoorSocket: SocketOwner {
    private let request: UInt64
    private let call: DoorCall
    private var exchange: DoorExchange?
    private var deliver: (@Sendable (NetworkEvent) -> Void)?

    init(_ request: UInt64, of call: DoorCall) {
        self.request = request
        self.call = call
    }

    func opened(_ socket: SocketHandler, on loop: any EventLoop) {
        let exchange = DoorExchange(socket, on: loop)
        self.exchange = exchange
        guard let deliver = call.adopt(exchange, id: request) else { return socket.close(.goingAway) }
        self.deliver = deliver
        exchange.onEnd = { deliver(.finished($0)) }
        exchange.onRoom = { deliver(.writable) }
        deliver(.opened(subprotocol: "", headers: []))
    }

    func received(binary bytes: ByteBuffer) { pass(Array(bytes.readableBytesView), isText: false) }

    func received(text: String) { pass(Array(text.utf8), isText: true) }

    private func pass(_ bytes: [UInt8], isText: Bool) {
        guard bytes.count > NetworkLimits.piece else {
            deliver?(.message(bytes, isText: isText, isLast: true))
            return
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(NetworkLimits.piece)
            rest = rest.dropFirst(piece.count)
            deliver?(.message(Array(piece), isText: isText, isLast: rest.isEmpty))
        }
    }

    var mayRead: Bool { exchange?.isReading ?? true }

    func hasRoomAgain() {
        if exchange?.takeWish() == true { deliver?(.writable) }
    }

    func serverEnds() { call.close(.hostShutdown) }

    func ended(_ end: SocketEnd, on loop: any EventLoop) {
        exchange?.forget()
        var finished = NetworkEnd()
        switch end {
        case .closedByPeer(let code): finished.closeCode = Int(UInt16(webSocketErrorCode: code))
        case .lost, .violation: finished.failure = NetworkFailure(.connection, "the caller's connection broke")
        case .closedHere: break
        }
        deliver?(.finished(finished))
        deliver = nil
        // A plugin that never got the socket knows nothing of its end.
        if exchange == nil { call.close(.transportLost) }
    }
}

/// What the plugin does with the socket: from any thread, carried to the socket's loop.
final class DoorExchange: NetworkExchange, @unchecked Sendable {
    private let loop: any EventLoop
    /// Everything below belongs to the loop.
    private weak var socket: SocketHandler?
    private(set) var isReading = true
    private var wantsRoom = false
    private var isInMessage = false
    /// Bytes from other threads on their way to the peer, and of these those that a full socket has: it keeps a window.
    private let underWay = Mutex(0)
    private var held = 0
    var onEnd: ((NetworkEnd) -> Void)?
    var onRoom: (() -> Void)?

    init(_ socket: SocketHandler, on loop: any EventLoop) {
        self.socket = socket
        self.loop = loop
    }

    func send(_ bytes: [UInt8], isLast: Bool) -> Bool { false }

    func send(_ bytes: [UInt8], isText: Bool, isLast: Bool) -> Bool {
        guard !loop.inEventLoop else { return sendHere(bytes, isText, isLast) }
        let hasRoom = underWay.withLock { bytesUnderWay in
            guard bytesUnderWay < NetworkLimits.window else { return false }
            bytesUnderWay += bytes.count
            return true
        }
        loop.execute { [self] in
            // What was on its way when this was refused has been written by now.
            guard hasRoom else { return tellRoom() }
            write(bytes, isText, isLast)
            held += bytes.count
            if socket?.hasRoom != false { letGo() }
        }
        return hasRoom
    }

    private func sendHere(_ bytes: [UInt8], _ isText: Bool, _ isLast: Bool) -> Bool {
        guard let socket else { return true }
        guard socket.hasRoom else {
            wantsRoom = true
            return false
        }
        write(bytes, isText, isLast)
        return true
    }

    private func write(_ bytes: [UInt8], _ isText: Bool, _ isLast: Bool) {
        let opcode: WebSocketOpcode = isInMessage ? .continuation : isText ? .text : .binary
        isInMessage = !isLast
        socket?.send(part: ByteBuffer(bytes: bytes), opcode: opcode, isLast: isLast)
        socket?.flush()
    }

    /// The plugin was refused, and is told when there is room: now, or once the socket has some.
    private func tellRoom() {
        guard let socket else { return }
        if socket.hasRoom { onRoom?() } else { wantsRoom = true }
    }

    private func letGo() {
        underWay.withLock { $0 -= held }
        held = 0
    }

    /// Whether the plugin waits for room; asked once there is some.
    func takeWish() -> Bool {
        letGo()
        defer { wantsRoom = false }
        return wantsRoom
    }

    func read(_ on: Bool) {
        run {
            $0.isReading = on
            if on { $0.socket?.goOnReading() }
        }
    }

    /// Behind what is on its way to the loop, also when that is where the plugin's session ends.
    func close(code: Int, reason: String) {
        loop.execute { [self] in
            socket?.close(WebSocketErrorCode(codeNumber: code), reason: reason)
            end(NetworkEnd())
        }
    }

    func abort() {
        run { exchange in
            exchange.socket?.cut()
            exchange.end(NetworkEnd(failure: NetworkFailure(.aborted, "the call is over")))
        }
    }

    private func end(_ end: NetworkEnd) {
        socket = nil
        onEnd?(end)
        onEnd = nil
    }

    /// The socket has told its end itself.
    func forget() {
        socket = nil
        onEnd = nil
    }

    private func run(_ body: @escaping @Sendable (DoorExchange) -> Void) {
        if loop.inEventLoop { body(self) } else { loop.execute { body(self) } }
    }
}
