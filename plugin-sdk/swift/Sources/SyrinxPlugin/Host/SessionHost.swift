// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

/// What the host offers to one session: emitting events, timers, blocking work, and all of ``Host``.
///
/// All functions may be called from any thread. After ``Session/close()`` returned they answer ``Status/closed``.
public final class SessionHost: @unchecked Sendable {
    // Unchecked: `core` is an immutable table whose functions the ABI allows on any thread.
    let core: UnsafePointer<syx_core>
    let handle: syx_hsession
    private let cancelled = CancelledGenerations()

    /// The provider's own services.
    public let host: Host

    init(host: Host, handle: syx_hsession) {
        self.host = host
        self.handle = handle
        core = host.core
    }

    /// The host's clock: monotonic nanoseconds, virtual under test.
    public var now: Int64 { host.now }

    /// Sends an event; the host copies all of it.
    ///
    /// - Returns: ``Status/ok``; ``Status/again`` when the queue is full and the event was not taken;
    ///   ``Status/stale`` when its generation was cancelled; ``Status/invalid`` when this kind may not send it.
    @discardableResult
    public func emit(_ event: OutgoingEvent) -> Status {
        event.withRaw { Status(rawValue: core.pointee.emit?(handle, $0) ?? Status.unsupported.rawValue) }
    }

    /// Sends audio; the host copies it.
    ///
    /// - Parameters:
    ///   - samples: Interleaved 16 bit samples.
    ///   - generation: The response that it belongs to.
    ///   - clause: The clause that it speaks.
    ///   - format: Its format; the encoding must be ``SampleEncoding/int16``.
    ///   - presentationTime: The first sample's place since the session began.
    /// - Returns: As ``emit(_:)``; ``Status/again`` means that playout is `creditMilliseconds` behind.
    @discardableResult
    public func emitAudio(
        _ samples: Span<Int16>,
        generation: UInt64,
        clause: UInt64,
        format: AudioFormat,
        presentationTime: Int64
    ) -> Status {
        guard format.encoding == .int16, format.channels > 0 else { return .invalid }
        return samples.withUnsafeBytes { bytes in
            var frame = syx_frame()
            frame.struct_size = UInt32(MemoryLayout<syx_frame>.size)
            frame.format = format.encoding.rawValue
            frame.rate = format.sampleRate
            frame.channels = format.channels
            frame.samples = UInt32(clamping: samples.count / Int(format.channels))
            frame.generation = generation
            frame.pts = presentationTime
            frame.t_ns = now
            frame.bytes = bytes.count
            frame.data = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return emit(frame, clause: clause)
        }
    }

    /// True once the host cancelled this generation; cheap, to be asked between pieces of work.
    public func isCancelled(_ generation: UInt64) -> Bool {
        cancelled.contains(generation)
    }

    /// Asks for a ``EventType/timer`` event with `cookie` as its id.
    ///
    /// - Returns: The timer, or nil when the session is closed or has too many timers.
    public func startTimer(afterMilliseconds delay: UInt32, cookie: UInt64) -> Timer? {
        guard let timer = core.pointee.timer?(handle, delay, cookie), timer != 0 else { return nil }
        return Timer(raw: timer)
    }

    /// Takes a timer back; one that has fired already is left alone.
    public func cancel(_ timer: Timer) {
        core.pointee.timer_cancel?(handle, timer.raw)
    }

    /// Writes a log line that names this session; see ``Host/log(_:_:fields:)``.
    public func log(_ level: LogLevel, _ message: String, fields: String = "") {
        host.log(level, message, fields: fields, session: handle)
    }

    /// Adds to a counter or observes a histogram; see ``Host/metric(_:_:)``.
    public func metric(_ index: Int, _ value: Double) {
        core.pointee.metric?(host.handle, handle, UInt32(clamping: index), value)
    }

    func noteCancelled(_ generation: UInt64) {
        cancelled.insert(generation)
    }

    private func emit(_ frame: syx_frame, clause: UInt64) -> Status {
        withUnsafePointer(to: frame) { audio in
            var event = syx_event()
            event.struct_size = UInt32(MemoryLayout<syx_event>.size)
            event.type = EventType.audioOut.rawValue
            event.generation = frame.generation
            event.id = clause
            event.t_ns = frame.t_ns
            event.audio = audio
            return Status(rawValue: core.pointee.emit?(handle, &event) ?? Status.unsupported.rawValue)
        }
    }
}

/// A timer that was started.
public struct Timer: Hashable, Sendable {
    let raw: UInt64
}
