// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

/// What is said on a WebSocket, and how it ended, goes to its owner; on the socket's event loop.
protocol SocketOwner: AnyObject {
    /// The handshake is answered: messages may be sent from here on.
    func opened(_ socket: SocketHandler, on loop: any EventLoop)
    func received(binary bytes: ByteBuffer)
    func received(text: String)
    /// The socket takes more again after ``SocketHandler/hasRoom`` was false.
    func hasRoomAgain()
    /// Whether the socket shall be read now: an owner that answers everything reads no faster than its peer does.
    var mayRead: Bool { get }
    /// The whole server ends, and this socket soon with it.
    func serverEnds()
    /// It is over: nothing comes any more. Called once, before the connection goes.
    func ended(_ end: SocketEnd, on loop: any EventLoop)
}

extension SocketOwner {
    func hasRoomAgain() {}
    var mayRead: Bool { true }
    func serverEnds() {}
}

/// How a WebSocket ended.
enum SocketEnd: Equatable {
    /// The peer said goodbye, with this code.
    case closedByPeer(WebSocketErrorCode)
    /// What came was no WebSocket any more, or too large; we said so.
    case violation(WebSocketErrorCode)
    /// The connection broke.
    case lost
    /// Closed by ourselves.
    case closedHere
}
