// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxRuntime

/// How something said came out.
public struct Playout: Sendable, Hashable {
    /// The words that the caller heard: all of them, or those before it was cut.
    public var heard: String
    /// Whether it was cut short, or never began.
    public var wasInterrupted: Bool
}

/// How ``VoiceSession/say(_:options:)`` says something.
public struct SayOptions: Sendable, Hashable {
    /// Order among what waits to be said; first in, first out within one.
    public enum Priority: Int, Sendable, Hashable, Codable, CaseIterable {
        /// After everything else.
        case low = 0
        /// As answers.
        case normal = 5
        /// Before everything that has not begun.
        case high = 10
    }

    /// Whether the caller may interrupt it.
    public var allowInterruptions = true
    /// Whether the agent will know that it was said.
    public var addToHistory = true
    /// Order among what waits.
    public var priority = Priority.normal

    /// Interruptible, remembered, in turn.
    public init() {}
}

/// Something that the session has been asked to say.
public struct SpeechHandle: Sendable {
    /// As in ``VoiceEvent/speechStarted(speech:)``.
    public let id: UInt64
    let playout: OneShot<Playout>
    let line: MediaLine

    /// Waits until the caller has heard it, or it was cut short. The position on the line decides, not the synthesis.
    /// - Throws: ``VoiceBackendError`` `context_canceled` when the calling task is cancelled.
    public func waitForPlayout() async throws(VoiceBackendError) -> Playout {
        guard let playout = await playout.wait() else {
            throw VoiceBackendError("waitForPlayout", .contextCanceled, "the waiting task was cancelled")
        }
        return playout
    }

    /// Stops it where it is, or takes it out of the queue; nothing else that waits is touched. Nothing happens once it is
    /// over.
    public func cancel() { line.post { $0.submit(.cancelSpeech(id: id)) } }
}
