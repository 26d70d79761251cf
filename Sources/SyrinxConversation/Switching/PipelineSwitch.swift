// SPDX-License-Identifier: Apache-2.0

/// A conversation that can go on in another pipeline: it has a speech-to-speech model and a whole cascade.
package struct HybridOptions: Sendable, Equatable, Codable {
    /// So many tool calls since the model took over, and the cascade goes on after the turn; nil: any number.
    package var afterTools: Int?

    package init(afterTools: Int? = nil) { self.afterTools = afterTools }
}

/// Why a conversation goes on in another pipeline.
package enum SwitchReason: String, Sendable, Codable, CaseIterable {
    /// The client, the application or an operator wanted it.
    case requested
    /// The model has used more tools than it is to (``HybridOptions/afterTools``).
    case tools
    /// The pipeline that was at work cannot go on.
    case failure
}

/// A change of pipeline that waits for a moment between two turns, or for the other pipeline's stages.
struct PipelineSwitch: Sendable, Equatable {
    let target: Pipeline
    let reason: SwitchReason
    /// The runtime opens the stages.
    var isUnderWay = false
}
