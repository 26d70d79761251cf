// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

/// The way from the event loop to the disk: a fixed number of blocks that go round.
final class RecordingChannel: Sendable {
    private struct State {
        var free: [RecordingBlock] = []
        var made = 1
    }

    private let disk: RecordingDisk
    private let maximum: Int
    private let queue: DispatchQueue
    private let state = Mutex(State())

    init(disk: RecordingDisk, maximum: Int, queue: DispatchQueue) {
        self.disk = disk
        self.maximum = maximum
        self.queue = queue
    }

    /// Hands a block over for an empty one; without one, when too many are on their way, takes only the full one.
    func exchange(_ block: RecordingBlock, rate: Int) -> RecordingBlock? {
        queue.async {
            self.disk.write(block)
            block.clear()
            self.state.withLock { $0.free.append(block) }
        }
        return state.withLock { state in
            if let free = state.free.popLast() { return free }
            guard state.made < maximum else { return nil }
            state.made += 1
            return RecordingBlock(rate: rate)
        }
    }

    func finish(_ last: RecordingBlock?, at position: Int64, _ reason: RecordingResult.Reason) {
        queue.async {
            if let last { self.disk.write(last) }
            self.disk.finish(at: position, reason)
        }
    }
}
