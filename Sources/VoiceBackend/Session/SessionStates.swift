// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore

/// What a session is doing, as one word: a projection of the two sides of the conversation.
public enum PipelineState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Created, not yet started.
    case initial
    /// Neither side speaks, or the caller does.
    case listening
    /// The agent prepares its answer.
    case processing
    /// The agent's voice is on the line, or pauses for a moment because of the caller.
    case speaking
    /// The caller has been quiet for long.
    case away
    /// Over.
    case ended
    /// Over, because the pipeline failed.
    case error
}

/// Whether a session still changes.
public enum PersistenceStatus: String, Sendable, Hashable, Codable, CaseIterable {
    /// It lives.
    case active
    /// It has ended.
    case completed
}

/// Why a session ended. New words may come with new versions.
public struct EndReason: Hashable, Sendable, CustomStringConvertible {
    /// The word, `client_closed`.
    public let rawValue: String

    /// The word.
    public var description: String { rawValue }

    /// ``VoiceSession/stop()``.
    public static let clientClosed = EndReason(.clientClosed)
    /// ``VoiceBackend/closeSession(_:)``.
    public static let admin = EndReason(.admin)
    /// The backend stopped, and the deadline of its drain was over.
    public static let drained = EndReason(.drained)
    /// The agent hung up.
    public static let agentEnded = EndReason(.agentEnded)
    /// Created, but not started within the timeout.
    public static let startTimeout = EndReason(.startTimeout)
    /// Quiet for too long.
    public static let idleTimeout = EndReason(.idleTimeout)
    /// Longer than any session may be.
    public static let maxDuration = EndReason(.maxDuration)
    /// A provider failed for good.
    public static let providerFailed = EndReason(.providerFailed)
    /// Too many turns failed in a row.
    public static let pipelineError = EndReason(.pipelineError)

    init(_ reason: CloseReason) { rawValue = reason.rawValue }
}

extension PipelineState {
    init(_ state: SyrinxConversation.PipelineState) { self = Self(rawValue: state.rawValue) ?? .error }
}
