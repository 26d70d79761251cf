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
        /// The one at work, and whether the session may go on in the other one.
        package var pipeline = Pipeline.cascade
        package var isHybrid = false
        package var language = ""
        package var turns = 0
        package var metadata: [String: String]
        package var recordingIsPaused = false
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

    /// - Returns: whether that is something new.
    func pauseRecording(_ isPaused: Bool) -> Bool {
        state.withLock { snapshot in
            defer { snapshot.recordingIsPaused = isPaused }
            return snapshot.recordingIsPaused != isPaused
        }
    }

    func begin(_ options: Options) {
        state.withLock { snapshot in
            snapshot.pipeline = options.pipeline
            snapshot.isHybrid = options.hybrid != nil
            snapshot.language = options.language
        }
    }

    func note(_ event: SessionEvent, conversation: borrowing Conversation) {
        let pipeline = PipelineState(
            session: conversation.sessionState, user: conversation.userState, agent: conversation.agentState)
        state.withLock { snapshot in
            snapshot.state = pipeline
            if case .pipelineSwitched(let target, _) = event { snapshot.pipeline = target }
            if case .languageChanged(let language, _, _) = event { snapshot.language = language }
            if case .turnEnded = event { snapshot.turns += 1 }
            if case .closed(let reason) = event { snapshot.closed = reason }
        }
    }
}
