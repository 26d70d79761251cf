// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The session's life. `draining` is the host's, not ours.
package enum SessionState: Sendable, Equatable, Codable {
    case created
    case starting
    case active
    case closing(CloseReason)
    case closed(CloseReason)

    package var isOver: Bool {
        switch self {
        case .closing, .closed: true
        case .created, .starting, .active: false
        }
    }
}

/// The caller's half of the conversation.
package enum UserState: String, Sendable, Codable {
    case listening
    case speaking
    case away
}

/// Beluga's single state, a projection of ours.
package enum PipelineState: String, Sendable, Codable {
    case initial, listening, processing, speaking, away, ended, error

    package init(session: SessionState, user: UserState, agent: AgentState) {
        switch session {
        case .created, .starting: self = .initial
        case .closing(let reason), .closed(let reason):
            self = reason == .providerFailed || reason == .pipelineError ? .error : .ended
        case .active:
            // Away comes first: Beluga forbids away -> speaking until the user is active again.
            switch (user, agent) {
            case (.away, _): self = .away
            case (_, .speaking), (_, .paused): self = .speaking
            case (_, .thinking): self = .processing
            default: self = .listening
            }
        }
    }
}
