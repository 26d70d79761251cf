// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxStore

/// Hands both sides of one session to its recording.
final class RecordingListener: CallListener {
    private let writer: RecordingWriter

    init(_ writer: RecordingWriter) { self.writer = writer }

    func caller(_ bytes: UnsafeRawBufferPointer, at now: Instant) { writer.caller(bytes, at: now) }
    func agent(_ samples: UnsafeBufferPointer<Int16>, at now: Instant) { writer.agent(samples, at: now) }
    func cleared(at now: Instant) { writer.cleared(at: now) }
    func audioPaused(_ isPaused: Bool, at now: Instant) { isPaused ? writer.pause(at: now) : writer.resume() }
    func ended(at now: Instant) { writer.ended(at: now) }
}
