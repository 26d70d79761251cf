// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// Going on in another pipeline, between two turns: an answer that is being spoken ends first, or is cut by the caller.
/// History, counters and timers stay.
extension Conversation {
    mutating func wantPipeline(_ target: Pipeline, because reason: SwitchReason) {
        guard mayGoOn(in: target) else {
            return warn(
                "pipeline.unavailable",
                "this session has no pipeline `\(target.rawValue)` to go on in: its profile needs `s2s`, and `vad`, "
                    + "`stt`, `agent` and `tts` of its own")
        }
        // The one that is at work is wanted: whatever waited is off.
        guard target != options.pipeline else { return wantedPipeline = nil }
        guard wantedPipeline?.target != target else { return }
        wantedPipeline = PipelineSwitch(target: target, reason: reason)
    }

    private func mayGoOn(in target: Pipeline) -> Bool {
        guard options.hybrid != nil, options.pipeline != .loopback, target != .loopback else { return false }
        // A model answers each turn, and speaks each answer.
        return target == .cascade || (options.answersTurns && options.speaksAnswers)
    }

    /// The pipeline that the conversation is to go on in; nil = the one at work.
    package var awaitedPipeline: Pipeline? { wantedPipeline?.target }

    /// Nobody says anything, nothing is owed, and nothing has been said that is no turn yet.
    package var isBetweenTurns: Bool {
        guard sessionState == .active, isQuiet, !detector.isActive, bargeIn.isIdle else { return false }
        return options.pipeline == .s2s || (!endpointing.isPending && transcript.isEmpty)
    }

    mutating func switchBetweenTurns() {
        guard let wanted = wantedPipeline, !wanted.isUnderWay, isBetweenTurns else { return }
        wantedPipeline?.isUnderWay = true
        emit(.openPipeline(wanted.target))
    }

    /// The other pipeline's stages are there, in place of those that were at work.
    mutating func goOn(in pipeline: Pipeline, hasTurnStage: Bool) {
        let reason = wantedPipeline?.reason ?? .requested
        guard pipeline != options.pipeline else { return }
        switch pipeline {
        case .cascade: goOnAsCascade(hasTurnStage: hasTurnStage, because: reason)
        case .s2s: goOnAsSpeechToSpeech(because: reason)
        case .loopback: break
        }
    }

    mutating func pipelineRefused(_ message: String) {
        guard let wanted = wantedPipeline else { return }
        wantedPipeline = nil
        warn("pipeline.switch_failed", message)
        if wanted.reason == .failure { close(.providerFailed) }
    }

    private mutating func goOnAsSpeechToSpeech(because reason: SwitchReason) {
        abandonSpeculation()
        dropUtterances()
        spoken = SpokenTurns()
        cascadeTurnMode = options.turnMode
        options.pipeline = .s2s
        options.turnMode = .s2s
        options.hasTurnStage = false
        wording = Wording(options)
        endpointing = Endpointing(options: options.endpointing, hasTurnStage: false)
        finalAt = nil
        transcriptDeadline = .distantFuture
        pipelineChanged(because: reason)
    }

    mutating func pipelineChanged(because reason: SwitchReason) {
        wantedPipeline = nil
        toolCalls = 0
        if reason == .failure { hasLeftForFailure = true }
        emit(.pipelineSwitched(to: options.pipeline, reason: reason))
    }

    // MARK: policy

    /// A tool is called. Its result, and the answer made of it, are still the model's.
    mutating func countToolCall() {
        toolCalls += 1
        guard let limit = options.hybrid?.afterTools, toolCalls >= limit, options.pipeline == .s2s else { return }
        wantPipeline(.cascade, because: .tools)
    }

    /// A cascade that fails turn after turn is left for the model, once.
    mutating func leavesFailingCascade() -> Bool {
        guard options.pipeline == .cascade, !hasLeftForFailure, mayGoOn(in: .s2s) else { return false }
        hasLeftForFailure = true
        consecutiveFailures = 0
        wantedPipeline = PipelineSwitch(target: .s2s, reason: .failure)
        return true
    }

    /// What tools answered goes over to whoever has not seen it.
    mutating func rememberTools(of turn: ActiveTurn) {
        guard options.hybrid != nil else { return }
        for use in turn.toolUses {
            guard let result = use.result else { continue }
            let line = "The tool \(use.name) was called with \(use.arguments) and answered: \(result)"
            remember(HistoryItem(role: .system, text: line))
        }
    }
}
