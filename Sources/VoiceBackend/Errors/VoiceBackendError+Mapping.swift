// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension VoiceBackendError {
    /// An error of the runtime in the words of this library.
    init(_ operation: String, _ error: SyrinxError) {
        let place = error.place.map { "\($0): " } ?? ""
        let fix = error.fix.map { "; \($0)" } ?? ""
        self.init(
            operation, Code(runtime: error.code), "\(place)\(error.message)\(fix)", details: ["cause": error.code],
            underlying: error, isRetryable: error.retryable)
    }

    /// Whatever the application's code threw, as an error of this library: its own errors pass as they are.
    init(_ operation: String, _ code: Code, thrown error: any Error, doing step: String) {
        if let known = error as? VoiceBackendError {
            self = known
        } else if error is CancellationError {
            self.init(operation, .contextCanceled, "the task was cancelled", underlying: error)
        } else {
            self.init(operation, code, "\(step): \(error)", underlying: error)
        }
    }
}

extension VoiceBackendError.Code {
    /// A code of the runtime (`docs/ERRORS.md`) as one of ours; families that are not told apart here share a word.
    init(runtime code: String) {
        if let known = Self.exact[code] {
            self = known
        } else {
            let family = code.prefix { $0 != "." }
            self = Self.families[String(family)] ?? .pipelineError
        }
    }

    private static let exact: [String: Self] = [
        "session.draining": .draining,
        "session.limit_exceeded": .sessionLimitExceeded,
        "session.not_found": .sessionNotFound,
        "session.rate_unsupported": .invalidFormat,
        "provider.session_limit": .sessionLimitExceeded,
        "provider.timeout": .connectionTimeout,
        "provider.connectivity": .connectionFailed,
        "provider.quota": .rateLimitExceeded,
        "provider.authentication": .authenticationFailed,
        "provider.authorization": .authorizationFailed,
        "provider.invalid_request": .invalidConfig,
        "provider.not_found": .invalidConfig,
        "agent.timeout": .timeout,
        "pipeline.unavailable": .invalidState,
        "language.invalid": .invalidFormat,
        "tool.timeout": .timeout,
    ]

    private static let families: [String: Self] = [
        "agent": .agentError, "tool": .agentError, "plugin": .invalidConfig, "profile": .invalidConfig,
        "config": .invalidConfig, "json": .invalidConfig, "audio": .invalidFormat,
    ]
}
