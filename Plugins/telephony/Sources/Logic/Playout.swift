// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxPlugin

/// The agent's audio on its way to the caller's ear: what was sent, what the vendor has played, and how it is stopped.
///
/// Used from any thread, so that a barge-in's `clear` goes out inside ``TelephonySession/cancel(_:)``. The lock is held
/// while sending: the host never calls back (R3), and so no frame can slip in behind a clear that should have dropped it.
final class Playout: Sendable {
    private struct State {
        var queue: SendQueue
        let words: StreamWords
        /// Samples of all AUDIO_IN so far, whether they were sent or dropped.
        var position: Int64 = 0
        var played: Int64 = 0
        var unmarked: Int64 = 0
        /// Marks from before the newest clear come back at once, and tell nothing of what was heard.
        var epoch = 0
        var generation: UInt64 = 0
        /// Where the newest generations end, oldest first.
        var ends: [(generation: UInt64, position: Int64)] = []
        var isStopped = false
    }

    private static let generations = 16

    private let host: SessionHost
    private let codec: G711
    /// Samples between two marks.
    private let markEvery: Int64
    private let state: Mutex<State>

    init(_ line: Line, _ host: SessionHost, socket: NetworkID, stream: String) {
        self.host = host
        codec = line.codec
        markEvery = Int64(line.config.markEvery) * Int64(Dialect.sampleRate) / 1_000
        let words = StreamWords(line.dialect, stream: stream)
        state = Mutex(State(queue: SendQueue(host, socket), words: words))
    }

    /// Sends a frame of the agent's.
    ///
    /// - Returns: How many older ones were dropped for it.
    func send(_ samples: Span<Int16>, generation: UInt64) -> Int {
        state.withLock { state in
            state.position += Int64(samples.count)
            // The host has noted it before cancel() comes: none of it goes out behind the clear.
            guard !state.isStopped, samples.count > 0, generation == 0 || !host.isCancelled(generation) else {
                return 0
            }
            if generation != state.generation, state.unmarked > 0 {
                // The other one's end.
                mark(&state, at: state.position - Int64(samples.count))
            }
            let dropped = state.queue.dropped
            state.queue.sendAudio(state.words.media(codec.encode(samples)))
            state.generation = generation
            state.unmarked += Int64(samples.count)
            note(&state)
            if state.unmarked >= markEvery { mark(&state, at: state.position) }
            return state.queue.dropped - dropped
        }
    }

    /// The agent is silent for now: asks when the last word was played.
    func markEnd() {
        state.withLock { state in
            if state.unmarked > 0, !state.isStopped { mark(&state, at: state.position) }
        }
    }

    /// Throws away what waits at the vendor, if it is of this generation: the newest that was sent, or one whose end was
    /// not played yet.
    func cancel(_ generation: UInt64) {
        state.withLock { state in
            guard !state.isStopped, let index = state.ends.lastIndex(where: { $0.generation == generation }),
                index == state.ends.count - 1 || state.ends[index].position > state.played
            else { return }
            state.queue.sendClear(state.words.clear)
            state.epoch += 1
            state.unmarked = 0
            state.ends.removeAll()
        }
    }

    /// A mark came back.
    ///
    /// - Returns: How many samples of all AUDIO_IN are over; nil when it tells nothing new.
    func played(_ name: String) -> Int64? {
        state.withLock { state in
            let parts = name.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "syrinx", Int(parts[1]) == state.epoch, let position = Int64(parts[2]),
                position > state.played, position <= state.position
            else { return nil }
            state.played = position
            return position
        }
    }

    /// The socket takes more.
    func flush() { state.withLock { $0.queue.flush() } }

    /// Sends nothing more.
    func stop() { state.withLock { $0.isStopped = true } }

    private func mark(_ state: inout State, at position: Int64) {
        state.queue.sendMark(state.words.mark("syrinx:\(state.epoch):\(position)"))
        state.unmarked = 0
    }

    private func note(_ state: inout State) {
        if let last = state.ends.indices.last, state.ends[last].generation == state.generation {
            state.ends[last].position = state.position
        } else {
            if state.ends.count == Self.generations { state.ends.removeFirst() }
            state.ends.append((state.generation, state.position))
        }
    }
}
