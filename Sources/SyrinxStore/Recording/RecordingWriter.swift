// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
package import SyrinxCore

/// How much a recording may take.
package struct RecordingLimits: Sendable, Hashable {
    /// Bytes of the file; at most what a WAV file can be, about 4 GiB.
    package var maximumBytes: Int64 = 1 << 30
    /// Half seconds of audio that may wait for the disk.
    package var maximumWaiting = 16

    package init() {}
}

/// Records one session as a stereo WAV file, the caller left and the agent right (``StereoTimeline``).
///
/// Confined to the session's event loop, and quick there: a frame is copied into memory that is there already. The disk is
/// written by a queue of its own, in steps of half a second; each leaves a file that can be read, so that a process
/// that is killed loses the last second and a half. The file is made with the first step, or at the end: a session that
/// was refused before it began leaves none. A recording ends by itself, at a whole frame, when the disk is full
/// or fails, when it does not keep up, or at its maximum size; the session notices nothing.
package final class RecordingWriter {
    private let channel: RecordingChannel
    private let rate: Int
    private let start: Instant
    private var block: RecordingBlock
    private var isPaused = false
    private var hasEnded = false
    private var lastPosition: Int64 = 0

    /// - Parameters:
    ///   - file: from ``RecordStore/recordingFile(for:)``; must not be there yet.
    ///   - rate: Hz, of both sides.
    ///   - onEnd: comes exactly once, on the recordings' queue, if ``ended(at:)`` is called or the recording ends
    ///     itself. Its result is for ``RecordStore/recording(_:of:)``.
    package convenience init(
        file: RecordingFile, rate: Int, limits: RecordingLimits = RecordingLimits(), at now: Instant,
        onEnd: @escaping @Sendable (RecordingResult) -> Void
    ) {
        self.init(rate: rate, limits: limits, at: now, queue: Self.queue, onEnd: onEnd) {
            file.create().map(RecordingFileSink.init)
        }
    }

    init(
        rate: Int, limits: RecordingLimits, at now: Instant, queue: DispatchQueue,
        onEnd: @escaping @Sendable (RecordingResult) -> Void,
        sink: @escaping @Sendable () -> (any RecordingSink)?
    ) {
        self.rate = max(1, rate)
        start = now
        let disk = RecordingDisk(rate: self.rate, maximumBytes: limits.maximumBytes, onEnd: onEnd, sink: sink)
        channel = RecordingChannel(disk: disk, maximum: max(2, limits.maximumWaiting), queue: queue)
        block = RecordingBlock(rate: self.rate)
    }

    /// One thread for all recordings: they share a disk, and a disk that hangs must not take every thread there is.
    private static let queue = DispatchQueue(label: "syrinx.recordings", qos: .utility)

    /// Waits until what recordings have heard so far is written, and those that have ended are closed. For the end of the
    /// host, before ``RecordStore/close(now:)``.
    package static func settle() async {
        await withCheckedContinuation { done in queue.async { done.resume() } }
    }

    /// The caller's samples as they came, s16le.
    package func caller(_ bytes: UnsafeRawBufferPointer, at now: Instant) {
        guard !isPaused else { return }
        var position = position(now)
        // A long message comes in pieces, of which the last ends now.
        position -= Int64(bytes.count / 2)
        add(.caller, bytes) { count in
            position += Int64(count)
            return position
        }
    }

    /// A frame of the agent that is sent.
    package func agent(_ samples: UnsafeBufferPointer<Int16>, at now: Instant) {
        guard !isPaused else { return }
        let position = position(now)
        add(.agent, UnsafeRawBufferPointer(samples)) { _ in position }
    }

    /// What was sent and has not been played is dropped by the client.
    package func cleared(at now: Instant) {
        guard !hasEnded, makeRoom(at: position(now)) else { return }
        block.add(.clear, at: position(now))
    }

    /// Writes silence from now on.
    package func pause(at now: Instant) {
        cleared(at: now)
        isPaused = true
    }

    package func resume() { isPaused = false }

    /// The session has ended. Calls after it do nothing.
    package func ended(at now: Instant) {
        guard !hasEnded else { return }
        hasEnded = true
        channel.finish(block, at: position(now), .finished)
    }

    private func add(_ kind: RecordingBlock.Kind, _ bytes: UnsafeRawBufferPointer, _ position: (Int) -> Int64) {
        var rest = bytes[...]
        while rest.count >= 2, !hasEnded, makeRoom(at: lastPosition) {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(block.room * 2))
            lastPosition = max(lastPosition, position(piece.count / 2))
            block.add(kind, at: lastPosition, piece)
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Hands the block over when it is full or half a second old.
    /// - Returns: whether there is room now; if not, the recording has ended.
    private func makeRoom(at position: Int64) -> Bool {
        guard block.isFull || (!block.isEmpty && position - block.firstPosition >= Int64(rate) / 2) else { return true }
        guard let next = channel.exchange(block, rate: rate) else {
            hasEnded = true
            channel.finish(nil, at: lastPosition, .slow)
            return false
        }
        block = next
        return true
    }

    private func position(_ now: Instant) -> Int64 {
        let (seconds, rest) = max(0, (now - start).nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds * Int64(rate) + rest * Int64(rate) / 1_000_000_000
    }
}
