// SPDX-License-Identifier: Apache-2.0

/// Why a call of this library failed: a stable code to branch on, one sentence to read, and what to do about it.
///
/// Two errors are equal when their codes are: tests and callers compare codes, never sentences.
public struct VoiceBackendError: Error, Sendable {
    /// What was being done, `createSession`.
    public var operation: String
    /// What went wrong; stable across versions.
    public var code: Code
    /// One sentence for a person, with the fix where there is one.
    public var message: String
    /// More about it by key: for `invalid_config` every problem by its key path.
    public var details: [String: String]
    /// The error below, when the application's own code or a plugin threw one.
    public var underlying: (any Error)?
    /// Whether the same call may succeed later without any change.
    public var isRetryable: Bool

    /// Makes an error.
    /// - Parameters:
    ///   - operation: what was being done.
    ///   - code: what went wrong.
    ///   - message: one sentence.
    ///   - details: more about it by key.
    ///   - underlying: the error below.
    ///   - isRetryable: nil = as usual for the code.
    public init(
        _ operation: String, _ code: Code, _ message: String, details: [String: String] = [:],
        underlying: (any Error)? = nil, isRetryable: Bool? = nil
    ) {
        self.operation = operation
        self.code = code
        self.message = message
        self.details = details
        self.underlying = underlying
        self.isRetryable = isRetryable ?? code.isUsuallyRetryable
    }
}

extension VoiceBackendError {
    /// A stable word for a kind of failure. New ones may come with new versions, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The word as it appears in logs, `session_limit_exceeded`.
        public let rawValue: String

        private init(_ rawValue: String) { self.rawValue = rawValue }

        /// The word.
        public var description: String { rawValue }

        /// The configuration is wrong; `details` has every problem by its key path.
        public static let invalidConfig = Code("invalid_config")
        /// No backend of that name is installed.
        public static let providerNotFound = Code("provider_not_found")
        /// A provider could not be reached.
        public static let connectionFailed = Code("connection_failed")
        /// A provider did not answer in time while it was opened.
        public static let connectionTimeout = Code("connection_timeout")
        /// There is no such session.
        public static let sessionNotFound = Code("session_not_found")
        /// Every place is taken.
        public static let sessionLimitExceeded = Code("session_limit_exceeded")
        /// The session was started before.
        public static let sessionAlreadyActive = Code("session_already_active")
        /// The session has not started, or has ended.
        public static let sessionNotActive = Code("session_not_active")
        /// The caller asks too often.
        public static let rateLimitExceeded = Code("rate_limit_exceeded")
        /// Nobody knows who is asking.
        public static let authenticationFailed = Code("authentication_failed")
        /// The one who asks may not.
        public static let authorizationFailed = Code("authorization_failed")
        /// A stage of the pipeline failed, or the pipeline cannot be served.
        public static let pipelineError = Code("pipeline_error")
        /// The agent, or one of its tools, failed.
        public static let agentError = Code("agent_error")
        /// The session has no agent: no callback, no instance, no plugin.
        public static let agentNotSet = Code("agent_not_set")
        /// Something took longer than allowed.
        public static let timeout = Code("timeout")
        /// The calling task was cancelled.
        public static let contextCanceled = Code("context_canceled")
        /// Audio or a URL has a form that cannot be taken.
        public static let invalidFormat = Code("invalid_format")
        /// Not possible in the present state, such as a start after a stop.
        public static let invalidState = Code("invalid_state")
        /// A stream has an owner already.
        public static let streamError = Code("stream_error")
        /// The backend takes no new sessions because it is stopping.
        public static let draining = Code("draining")

        var isUsuallyRetryable: Bool {
            [.connectionTimeout, .connectionFailed, .rateLimitExceeded, .sessionLimitExceeded, .draining].contains(self)
        }
    }
}

extension VoiceBackendError: Hashable {
    /// Whether both have the same code.
    public static func == (left: VoiceBackendError, right: VoiceBackendError) -> Bool { left.code == right.code }

    /// Hashes the code.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension VoiceBackendError: CustomStringConvertible {
    /// `createSession: session_limit_exceeded: all 100 sessions are in use`.
    public var description: String { "\(operation): \(code): \(message)" }
}
