// SPDX-License-Identifier: Apache-2.0

/// One thing wrong with a configuration.
struct ConfigIssue: Hashable {
    /// The key path, `stages.tts.options.voice`.
    var path: String
    /// What is wrong, and the fix.
    var message: String

    init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }
}

extension [ConfigIssue] {
    /// All problems as one error, so that nobody mends a configuration one run at a time.
    /// - Throws: `invalid_config` unless there are none.
    func throwIfAny(_ operation: String) throws(VoiceBackendError) {
        guard !isEmpty else { return }
        let text = map { "\($0.path): \($0.message)" }.joined(separator: "\n  ")
        throw VoiceBackendError(
            operation, .invalidConfig, count == 1 ? text : "\(count) problems:\n  \(text)",
            details: Dictionary(map { ($0.path, $0.message) }, uniquingKeysWith: { "\($0); \($1)" }))
    }
}
