// SPDX-License-Identifier: Apache-2.0

/// One live conversation at a provider.
///
/// The host calls a session from varying threads but one call at a time, so it needs no locks. The one exception is
/// ``cancel(_:)``.
public protocol Session: AnyObject {
    /// False when the session becomes usable later; then it sends ``EventType/ready``. Read once, after it was made.
    var isReady: Bool { get }

    /// Takes an event; returns within 5 ms and never blocks. Answers go through ``SessionHost/emit(_:)`` or an
    /// ``Outbox``, at once or later.
    ///
    /// - Returns: ``Status/ok``, or ``Status/skip`` for types that it does not know.
    /// - Throws: ``PluginError`` when it refuses the event; the request then counts as failed.
    func handle(_ event: borrowing Event) throws(PluginError) -> Status

    /// Stop working on this generation. Called on ANY thread, at the same time as everything else: touch only what is
    /// `Sendable`, and return at once. ``SessionHost/isCancelled(_:)`` is true already.
    func cancel(_ generation: UInt64)

    /// Ends the session: nothing may be sent afterwards.
    func close()
}

extension Session {
    /// Usable at once.
    public var isReady: Bool { true }
    /// Nothing but what ``SessionHost/isCancelled(_:)`` tells.
    public func cancel(_ generation: UInt64) {}
    /// Nothing to end.
    public func close() {}
}

/// A session that the host may bring back to its first state instead of opening another.
public protocol ResettableSession: Session {
    /// Back to the state after it was opened.
    func reset()
}

/// What a session found in a frame.
public struct FrameAnalysis: Hashable, Sendable {
    /// Of speech (vad) or of the turn's end (turn), in 0...1.
    public var probability: Float
    /// The frame's level in dB below full scale.
    public var level: Float

    /// Makes a result.
    public init(probability: Float, level: Float = -100) {
        self.probability = probability
        self.level = level
    }
}

/// A session of kind vad or turn that looks at every frame on the media path.
public protocol AnalysingSession: Session {
    /// Looks at one frame. Media path: no allocation, no lock, no system call, at most a tenth of the frame's duration.
    func process(_ frame: borrowing AudioFrame) -> FrameAnalysis
}

/// A session of kind filter that changes every frame on the media path.
public protocol FilterSession: Session {
    /// Writes the changed frame. Media path, as ``AnalysingSession/process(_:)``.
    ///
    /// - Parameters:
    ///   - frame: What came in.
    ///   - output: Where the result goes; it may be the input's own memory. Nil for an echo reference.
    /// - Returns: ``Status/ok``, or ``Status/skip`` when the frame passes unchanged.
    func process(_ frame: borrowing AudioFrame, into output: borrowing OutputFrame?) -> Status
}
