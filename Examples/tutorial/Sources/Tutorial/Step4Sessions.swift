// SPDX-License-Identifier: Apache-2.0

import VoiceBackend

/// Step 4: list and close. Closing is legal in any state and as often as you like.
func manageSessions(_ backend: VoiceBackend) async throws {
    step(4, "List and close sessions")

    for session in backend.sessions { show("\(session.userID): \(session.state.rawValue)") }
    for session in backend.sessions.dropFirst() {
        try await backend.closeSession(session.id)
        try await backend.closeSession(session.id)
        show("\(session.userID) closed: \(session.persistenceStatus.rawValue)")
    }
    show("\(backend.activeSessionCount) active")
}
