// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Synchronization
import SyrinxCore
import Testing

@testable import SyrinxServer

/// What a plugin sends to its caller's socket from a thread of its own.
@Suite("A door's socket and other threads", .tags(.integration), .timeLimit(.minutes(1)))
struct DoorExchangeTests {
    @Test func `who is refused is woken when the peer reads again, and nothing is lost`() async throws {
        let flood = Flood()
        let listener = try await FloodDoor(flood: flood).listen()
        let caller = try await Caller(
            port: try #require(listener.localAddress?.port), "", path: "/", isTight: true, greeting: "ready")
        try await caller.connection.stopReading()
        await caller.send(["go": true])
        var refusals = flood.refusals.makeAsyncIterator()
        let sent = try #require(await refusals.next())
        #expect(sent * Flood.size < 2 << 20, "a peer that does not read costs no more than a window and its socket")
        try await caller.connection.startReading()
        let expected = (0..<Flood.count).map { Flood.message($0) }
        #expect(try await caller.audio(Flood.count) == expected)
        #expect(try await caller.hangUp() == 1000)
        try await listener.close()
    }
}

/// Far more than the window, sent as fast as it goes.
private final class Flood: Sendable {
    static let count = 400
    static let size = 16_000
    /// Each time that a message was refused: how many had been taken.
    let refusals: AsyncStream<Int>
    private let refused: AsyncStream<Int>.Continuation
    private let room = DispatchSemaphore(value: 0)

    init() { (refusals, refused) = AsyncStream.makeStream() }

    static func message(_ index: Int) -> [UInt8] { Sound.mark(stream: 6, message: index, bytes: size) }

    func wake() { room.signal() }

    func start(_ exchange: DoorExchange) {
        Thread.detachNewThread { [self] in
            for index in 0..<Self.count {
                while !exchange.send(Self.message(index), isText: false, isLast: true) {
                    refused.yield(index)
                    guard room.wait(timeout: .now() + 20) == .success else { return }
                }
            }
        }
    }
}

private struct FloodDoor: SocketDoor {
    let flood: Flood
    let maxMessage = 1_024

    func matches(_ uri: String) -> Bool { true }

    func open(_ head: HTTPRequestHead, peer: SocketAddress?, on loop: any EventLoop) -> EventLoopFuture<AcceptedSocket>
    {
        let handler = SocketHandler(owner: FloodOwner(flood), maxMessage: maxMessage)
        return loop.makeSucceededFuture(AcceptedSocket(handler: handler))
    }
}

private final class FloodOwner: SocketOwner {
    private let flood: Flood
    private var exchange: DoorExchange?

    init(_ flood: Flood) { self.flood = flood }

    func opened(_ socket: SocketHandler, on loop: any EventLoop) {
        let exchange = DoorExchange(socket, on: loop)
        exchange.onRoom = { [flood] in flood.wake() }
        self.exchange = exchange
        socket.send(text: #"{"type":"ready"}"#)
    }

    func received(binary bytes: ByteBuffer) {}

    func received(text: String) { if let exchange { flood.start(exchange) } }

    func hasRoomAgain() { if exchange?.takeWish() == true { flood.wake() } }

    func ended(_ end: SocketEnd, on loop: any EventLoop) { exchange?.forget() }
}
