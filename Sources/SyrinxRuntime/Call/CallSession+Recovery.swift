// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxHost

/// A helper process has died, and with it stages of this session. They begin anew in another helper; what they owed is
/// asked for again: the caller's audio is replayed, the prompt repeated, the rest of the speech spoken.
/// A stage that cannot be had again is given to the next provider of its chain; without one it refuses its requests, and
/// the conversation goes on without it.
extension CallSession {
    /// So much of the caller's audio is kept for a recogniser that may be lost.
    static let replaySeconds = 15
    /// Another helper may take a moment to start: waited for 20 ms, then twice as long each time.
    private static let attempts = 6

    /// - Returns: whether what the stage owes will be asked for again, or fail, without the caller's doing.
    func isRecovering(_ stage: StageSession) -> Bool {
        guard stage.isLost, !lostForGood.contains(stage.provider.descriptor.kind) else { return false }
        if !isRecovering { recoverStages() }
        return true
    }

    private func recoverStages(attempt: Int = 0) {
        let lost = stages.replaceLost().filter { !lostForGood.contains($0.kind) }
        let missing = lost.filter { !$0.isReplaced }
        isRecovering = !missing.isEmpty && attempt < Self.attempts
        for stage in lost where stage.isReplaced {
            onWarning("\(stage.kind.name): its helper process is gone, another goes on")
            resume(stage)
        }
        guard !isRecovering else { return tryAgain(attempt + 1) }
        for stage in missing where !passOn(lost: stage.kind) {
            onWarning("\(stage.kind.name): its helper process is gone, and none can be had")
            lostForGood.insert(stage.kind)
            resume(stage)
        }
    }

    private func tryAgain(_ attempt: Int) {
        let session = LoopBound(self)
        _ = executor.schedule(after: .milliseconds(10 << attempt)) {
            guard !session.value.isOver else { return }
            session.value.recoverStages(attempt: attempt)
        }
    }

    func resume(_ stage: CallStages.Lost, code: String = "provider.connectivity") {
        dropHedge(stage.kind)
        noteProviders()
        switch stage.kind {
        case .stt:
            for utterance in requests.utterances { replay(utterance, isReplaced: stage.isReplaced, code) }
        case .agent: askAgain(isReplaced: stage.isReplaced, code)
        case .tts:
            guard let voice = requests.voice else { return }
            submit(
                .speechFailed(
                    generation: voice, clause: 0, code: code, retryable: stage.isReplaced))
        default: break
        }
    }

    private func replay(_ utterance: OpenRequests.Utterance, isReplaced: Bool, _ code: String) {
        guard isReplaced else {
            requests.forgetUtterance(utterance.number)
            return submit(.transcriptionFailed(utterance: utterance.number, code: code))
        }
        replayAudio(from: utterance.start, to: utterance.end, utterance: utterance.number)
        guard utterance.end != nil else { return }
        stages.stt?.send(.endOfInput, generation: utterance.number)
        watch(.stt, utterance.number)
    }

    private func askAgain(isReplaced: Bool, _ code: String) {
        guard let generation = requests.answering else { return }
        if isReplaced, let prompt = requests.prompt, stages.agent?.prompt(prompt) == nil {
            return watch(.agent, generation)
        }
        requests.answerEnded(generation)
        submit(.agentFailed(generation: generation, code: code))
    }
}
