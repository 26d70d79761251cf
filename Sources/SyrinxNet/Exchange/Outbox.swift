// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import Synchronization
internal import SyrinxCore

/// What one exchange has yet to send. Bounded: ``NetworkLimits/window`` bytes and one piece. Any thread.
final class Outbox: Sendable {
    enum Item: Sendable {
        case body([UInt8], isLast: Bool)
        case message([UInt8], isText: Bool, isLast: Bool)
        case close(code: Int, reason: String)

        /// What it counts: empty pieces take room too.
        var cost: Int {
            switch self {
            case .body(let bytes, _), .message(let bytes, _, _): bytes.count + Outbox.overhead
            case .close: 0
            }
        }
    }

    enum Answer: Sendable {
        /// Too much waits: nothing was taken.
        case full
        /// - isFirst: nothing waited before: the loop has to be told.
        case taken(isFirst: Bool)
    }

    private struct State {
        var items = Deque<Item>()
        /// Of all that was taken and is not yet on the wire.
        var cost = 0
        var owesWritable = false
        var isClosed = false
    }

    private static let overhead = 64
    private let state = Mutex(State())

    /// After the end everything is taken and nothing kept.
    func put(_ item: Item) -> Answer {
        state.withLock { state in
            guard !state.isClosed else { return .taken(isFirst: false) }
            guard item.cost == 0 || state.cost < NetworkLimits.window else {
                state.owesWritable = true
                return .full
            }
            state.cost += item.cost
            state.items.append(item)
            return .taken(isFirst: state.items.count == 1)
        }
    }

    func takeAll() -> Deque<Item> {
        state.withLock { state in
            defer { state.items = [] }
            return state.items
        }
    }

    /// So much is on the wire.
    /// - Returns: whether the owner, who was refused, is to be told that there is room.
    func written(_ cost: Int) -> Bool {
        state.withLock { state in
            state.cost -= cost
            guard state.owesWritable, !state.isClosed, state.cost <= NetworkLimits.window / 2 else { return false }
            state.owesWritable = false
            return true
        }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.items = []
        }
    }
}
