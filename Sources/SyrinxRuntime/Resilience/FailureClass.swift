// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What a failure's code says about the provider (conversation semantics, 7.7).
enum FailureClass {
    private static let counted: Set<String> = [
        "provider.connectivity", "provider.timeout", "provider.quota", "provider.plugin_fault", "provider.memory",
        "agent.timeout", "speech.timeout", "transcript.timeout",
    ]
    private static let retried: Set<String> = ["provider.connectivity", "provider.timeout", "provider.quota"]

    /// Whether the breaker counts it: trouble of the provider, not of the request or the key.
    static func counts(_ code: String) -> Bool { counted.contains(code) }

    /// Whether the same request may succeed at the same provider. A refused key never will.
    static func mayRetry(_ code: String, retryable: Bool) -> Bool { retryable && retried.contains(code) }
}

/// Pauses between attempts: 100 ms, 500 ms, 2 s, each between half and one and a half of it, so that a thousand calls do
/// not come back at the same moment.
enum Backoff {
    private static let pauses: [Duration] = [.milliseconds(100), .milliseconds(500), .seconds(2)]

    /// - Parameter random: 0..<1.
    static func pause(attempt: Int, random: Double) -> Duration {
        let base = pauses[max(0, min(attempt, pauses.count - 1))]
        return .nanoseconds(Int64(Double(base.nanoseconds) * (0.5 + max(0, min(random, 1)))))
    }
}
