// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxConversation
package import SyrinxCore

/// What others may know of a live session, from any thread. Changes with events, never with frames.
package final class CallStatus: Sendable {
    package struct Snapshot: Sendable {
        package var id: String
        package var profile: String
        package var tenant: String
        package var user: String
        package var rate: Int
        package var createdAt: Instant
        package var state = PipelineState.initial
        package var turns = 0
        package var metadata: [String: String]
        package var closed: CloseReason?
    }

    private let state: Mutex<Snapshot>

    package init(id: String, request: CallRequest, createdAt: Instant) {
        state = Mutex(
            Snapshot(
                id: id, profile: request.profile, tenant: request.tenant, user: request.user, rate: request.rate,
                createdAt: createdAt, metadata: request.metadata))
    }

    package var snapshot: Snapshot { state.withLock { $0 } }

    package func update(metadata: [String: String]) {
        state.withLock { $0.metadata.merge(metadata) { $1 } }
    }

    func note(_ event: SessionEvent, conversation: borrowing Conversation) {
        let pipeline = PipelineState(
            session: conversation.sessionState, user: conversation.userState, agent: conversation.agentState)
        state.withLock { snapshot in
            snapshot.state = pipeline
            if case .turnEnded = event { snapshot.turns += 1 }
            if case .closed(let reason) = event { snapshot.closed = reason }
        }
    }
}
