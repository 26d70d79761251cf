// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore
package import SyrinxHost

/// Everything that a session is made from. The manager fills it in.
package struct CallSetup {
    package var id: String
    package var request: CallRequest
    package var prepared: PreparedProfile
    package var executor: LoopExecutor
    package var ticker: LoopTicker
    package var now: () -> Instant
    package var status: CallStatus
    package var recorder: (any CallRecorder)?
    /// The application's agent instead of the profile's.
    package var agent: (any AgentLink)?
    package var tools: [String: ToolHandler]
    package var toolDescriptions: [ToolDescription]
    /// For a model that needs no agent.
    package var instructions: String?
    package var processors: [any AudioProcessor]
    package var observers: [any CallObserver]
    package var listeners: [any CallListener]
    package var trace: (any SessionTrace)?
    package var outcomes: StageOutcomes
    package var breakers: BreakerBoard
    package var onEnd: (CloseReason) -> Void
    package var onWarning: (String) -> Void
}

/// Sees every input and what it led to, for replay.
package protocol CallRecorder: AnyObject {
    func begin(_ options: Options)
    func record(_ input: Input, at now: Instant, actions: [Action])
    func end()
}

/// Code of the application on the media path, in the order of `order`. Runs on the session's event loop for every
/// frame: it must be quick.
package protocol AudioProcessor: AnyObject, Sendable {
    var stage: AudioProcessorStage { get }
    var order: Int { get }
    func process(_ frame: UnsafeMutableBufferPointer<Int16>)
}

package enum AudioProcessorStage: String, Sendable {
    case preSTT = "pre_stt"
    case postTTS = "post_tts"
}
