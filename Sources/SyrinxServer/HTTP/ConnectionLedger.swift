// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
internal import SyrinxAccess

/// Open sockets of the public listener. Beyond a limit a new one is closed at once: an answer would cost what the limit
/// is to spare. Thread-safe.
final class ConnectionLedger: Sendable {
    private struct State {
        var total = 0
        var byAddress: [PeerAddress: Int] = [:]
    }

    private let most: Int
    private let mostPerAddress: Int
    private let state = Mutex(State())

    /// - Parameters: 0 = no limit. This machine's own addresses have none: proxies live there.
    init(most: Int, mostPerAddress: Int) {
        self.most = most
        self.mostPerAddress = mostPerAddress
    }

    var count: Int { state.withLock(\.total) }

    /// Counts a socket until it is closed.
    /// - Returns: false when there is no room; nothing was counted.
    func enter(_ channel: any Channel) -> Bool {
        let address = channel.remoteAddress?.ipAddress.flatMap { PeerAddress($0) }
        guard take(address) else { return false }
        channel.closeFuture.whenComplete { [self] _ in leave(address) }
        return true
    }

    private func take(_ address: PeerAddress?) -> Bool {
        state.withLock { state in
            if most > 0, state.total >= most { return false }
            if let address, mostPerAddress > 0, !address.isLoopback {
                let count = state.byAddress[address] ?? 0
                guard count < mostPerAddress else { return false }
                state.byAddress[address] = count + 1
            }
            state.total += 1
            return true
        }
    }

    private func leave(_ address: PeerAddress?) {
        state.withLock { state in
            state.total -= 1
            guard let address, let count = state.byAddress[address] else { return }
            state.byAddress[address] = count > 1 ? count - 1 : nil
        }
    }
}
