// SPDX-License-Identifier: Apache-2.0

import VoiceBackend

/// Step 3: health for the load balancer. There is no need to count places before asking for one: a place is reserved
/// atomically, before anything costs anything.
func checkHealthAndCapacity(_ backend: VoiceBackend) async throws {
    step(3, "Check health and capacity")

    let health = await backend.healthCheck()
    show(
        "\(health.status.rawValue), \(health.details["active_sessions"] ?? "?") of \(backend.config.maxConcurrentSessions)"
    )

    for number in 1...4 {
        do {
            let session = try await acceptSession(backend, user: "user-00\(number)")
            show("accepted \(session.userID): \(backend.activeSessionCount) active")
        } catch let error as VoiceBackendError where error.code == .sessionLimitExceeded {
            show("refused user-00\(number): \(error.code), try again later: \(error.isRetryable)")
        }
    }
    show("now \(await backend.healthCheck().status.rawValue)")
}

private func acceptSession(_ backend: VoiceBackend, user: String) async throws -> VoiceSession {
    guard await backend.healthCheck().isHealthy else {
        throw VoiceBackendError("acceptSession", .connectionFailed, "the backend is unhealthy")
    }
    let session = try await backend.createSession(SessionConfig(userID: user, agentCallback: { "You said: \($0)" }))
    try await session.start()
    return session
}
