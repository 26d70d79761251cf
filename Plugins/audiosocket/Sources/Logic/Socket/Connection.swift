// SPDX-License-Identifier: Apache-2.0
internal import SocketThreads
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A peer on the socket. It is read and closed by the hub's thread alone; anybody sends.
final class Connection: Sendable {
    /// Bytes that may wait for the peer: a second at 48 kHz. What comes then is lost.
    static let window = 98_304

    private struct State {
        var waiting: [UInt8] = []
        var isFinished = false
        var isClosed = false
    }

    let descriptor: Int32
    /// When it came, in ns of the host's clock.
    let openedAt: Int64
    private let wakeup: Wakeup
    private let state = Mutex(State())

    init(_ descriptor: Int32, at now: Int64, wakeup: Wakeup) {
        self.descriptor = descriptor
        openedAt = now
        self.wakeup = wakeup
    }

    /// - Returns: false when the packet was dropped, whole.
    func send(_ packet: [UInt8]) -> Bool {
        state.withLock { state in
            guard !state.isFinished, !state.isClosed else { return true }
            guard state.waiting.count + packet.count <= Self.window else { return false }
            state.waiting += packet
            flush(&state)
            if !state.waiting.isEmpty { wakeup.signal() }
            return true
        }
    }

    /// Says goodbye; the hub closes it then.
    func finish() {
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            state.waiting += Packet.endBytes
            if !state.isClosed { flush(&state) }
        }
        wakeup.signal()
    }

    // MARK: The hub's thread

    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// Sends what waits.
    /// - Returns: whether more waits.
    func flush() -> Bool {
        state.withLock { state in
            if !state.isClosed { flush(&state) }
            return !state.waiting.isEmpty
        }
    }

    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            state.waiting = []
            _ = shutdown(descriptor, Int32(SHUT_WR))
            // What is unread would turn the close into a reset, for which the far end may drop the goodbye as well.
            drain(descriptor)
            closeDescriptor(descriptor)
        }
    }

    private func flush(_ state: inout State) {
        while !state.waiting.isEmpty {
            let sent = sendBytes(descriptor, state.waiting)
            guard sent > 0 else { return }
            state.waiting.removeFirst(sent)
        }
    }
}

// The system's functions, where methods of the same names hide them.

func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

private func sendBytes(_ descriptor: Int32, _ bytes: [UInt8]) -> Int {
    send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
}

/// Reads what has come, as far as a peer can send it in a moment.
private func drain(_ descriptor: Int32) {
    var room = [UInt8](repeating: 0, count: 16_384)
    for _ in 0..<16 where recv(descriptor, &room, room.count, Int32(MSG_DONTWAIT)) <= 0 { return }
}

func acceptPeer(_ descriptor: Int32) -> Int32 { accept(descriptor, nil, nil) }
